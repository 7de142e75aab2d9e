/** Records chained by keyed hashes: one that is changed, removed or put elsewhere no longer fits those around it. */
import { createHmac } from 'node:crypto';
import type { Secret } from '../secret.ts';
import type { AuditEvent } from './record.ts';

/** A record as it is kept: numbered without gaps from 1, each with the hash of the one before. */
export interface AuditRecord {
  seq: number;
  /** Milliseconds since 1970. */
  at: number;
  /** Of the record before; of the first one an empty text. */
  previous: string;
  /** Over this record and, by `previous`, all before it. */
  hash: string;
  event: AuditEvent;
}

export function chained(
  event: AuditEvent,
  { seq, hash }: Pick<AuditRecord, 'seq' | 'hash'>,
  at: number,
  secret: Secret,
): AuditRecord {
  const record = { seq: seq + 1, at, previous: hash, event };
  return { ...record, hash: hashOf(record, secret) };
}

export function hashOf({ seq, at, previous, event }: Omit<AuditRecord, 'hash'>, secret: Secret): string {
  const text = JSON.stringify([seq, at, previous, event]);
  return createHmac('sha256', secret.reveal()).update(`audit:${text}`).digest('hex');
}
