import type { Redis } from 'ioredis';
import { MOST_OWED, OWED, readOwed } from '../../src/audit/owed.ts';
import type { AuditEvent, AuditLog } from '../../src/audit/record.ts';
import type { Envelope } from '../../src/queue/envelope.ts';
import type { Request } from '../../src/queue/request.ts';
import { Secret } from '../../src/secret.ts';

export const secret = new Secret('a secret that only these tests know');

/** Keeps nothing. */
export const noAudit: AuditLog = { append: () => Promise.resolve(), settle: () => Promise.resolve() };

/** Tells what it is told, and what is owed, once; keeps none of it. */
export function hearing(redis: Redis, hear: (event: AuditEvent) => void): AuditLog {
  return {
    append: (event) => Promise.resolve(hear(event)),
    settle: async () => {
      for (const entry of (await redis.lpopBuffer(OWED, MOST_OWED)) ?? []) {
        const owed = readOwed(entry, secret);
        if (owed) hear(owed.event);
      }
    },
  };
}

export function newRequest(id: string, change: Partial<Request> = {}): Request {
  return {
    id,
    command: 'nodes',
    title: 'nodes',
    requester: { id: 'U1', name: 'alice', team: 'T1' },
    channel: 'C1',
    targets: [],
    phase: 'accepted',
    steps: [],
    locks: [],
    createdAt: Date.now(),
    acted: false,
    recalled: {},
    ...change,
  };
}

export function newEnvelope(id: string, change: Partial<Envelope> = {}): Envelope {
  const at = Date.now();
  return {
    id,
    command: 'nodes',
    job: 'nodes',
    authority: { kind: 'allowed', rule: 'role everyone' },
    input: { words: [] },
    requester: { id: 'U1', name: 'alice', team: 'T1' },
    channel: 'C1',
    title: 'nodes',
    targets: [],
    reason: '',
    at,
    expiresAt: at + 60_000,
    ...change,
  };
}
