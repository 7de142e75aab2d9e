/**
 * What the state of a request says already and the audit does not yet. It is kept in the very script that changes the
 * state, so that nobody's death comes in between, and signed, so that whoever only writes to Redis cannot make a record up.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { signText, verifyText } from '../queue/envelope.ts';
import { key } from '../queue/redis.ts';
import type { Secret } from '../secret.ts';
import type { AuditEvent } from './record.ts';

/** A Redis list, the oldest first. */
export const OWED = key('audit-owed');

/** A state is not changed where so many records are owed: nobody takes them, so nothing would be on record. */
export const MOST_OWED = 1000;

export interface Owed {
  /** As it is in Redis: the same bytes, so that the same entry can be taken out. More than one where it is there twice. */
  entries: Buffer[];
  event: AuditEvent;
  /** No two acts have the same. */
  mark: string;
}

/** What people read where something would not be on record. */
export function cannotRecord(cause?: unknown): UserError {
  return new UserError('This cannot be put on record, so it is not done.', {
    hint: 'Redis does not take the audit: tell whoever runs the bot.',
    cause,
  });
}

const owed = z.object({ event: z.custom<AuditEvent>(), mark: z.string() });

/** What follows from a change of state. */
export function owe(told: AuditEvent, secret: Secret): Owed {
  const mark = randomBytes(12).toString('base64url');
  const event = { ...told, mark };
  const entry = Buffer.from(JSON.stringify(signText('owed', { event, mark }, secret)));
  return { entries: [entry], event, mark };
}

/** Undefined: nobody who has QUEUE_SECRET wrote it. */
export function readOwed(entry: Buffer, secret: Secret): Owed | undefined {
  try {
    const found = verifyText('owed', owed, JSON.parse(entry.toString()), secret);
    return found && { entries: [entry], ...found };
  } catch {
    return undefined;
  }
}
