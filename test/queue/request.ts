import type { Envelope } from '../../src/queue/envelope.ts';
import type { Request } from '../../src/queue/request.ts';
import { Secret } from '../../src/secret.ts';

export const secret = new Secret('a secret that only these tests know');

export function newRequest(id: string, change: Partial<Request> = {}): Request {
  return {
    id,
    command: 'nodes',
    title: 'nodes',
    requester: { id: 'U1', name: 'alice', team: 'T1' },
    channel: 'C1',
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
    job: 'nodes',
    input: { words: [] },
    requester: { id: 'U1', name: 'alice', team: 'T1' },
    channel: 'C1',
    at,
    expiresAt: at + 60_000,
    ...change,
  };
}
