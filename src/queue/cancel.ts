import type { Redis } from 'ioredis';
import { owe } from '../audit/owed.ts';
import { ofRequest, type AuditLog, type Who } from '../audit/record.ts';
import type { Secret } from '../secret.ts';
import { Locks } from './locks.ts';
import { isFinal, type Request } from './request.ts';
import type { RequestStore, Shown } from './store.ts';
import { wakeNext } from './turn.ts';
import { removeUnlessRunning, type WorkQueue } from './work.ts';

export type CancelOutcome =
  | { kind: 'unknown' }
  | { kind: 'ended'; request: Request }
  | { kind: 'cancelled'; request: Request }
  /** It runs: its worker has been told. */
  | { kind: 'asked'; request: Request };

interface Shared {
  redis: Redis;
  store: RequestStore;
  queue: WorkQueue;
  audit: AuditLog;
  secret: Secret;
}

/** Of two who change a request at once one wins; the other looks again. More than a few in a row is a fault. */
const MOST_TRIES = 20;

/**
 * Ends a request early. One that has not begun ends at once; the worker of one that runs is told, and ends it as soon as
 * the call to the engine that is under way allows. `by`: somebody who may.
 */
export async function cancelRequest(
  id: string,
  { id: person, name, team }: Who,
  shared: Shared,
): Promise<CancelOutcome> {
  const { store, queue, audit } = shared;
  const by = { id: person, name, team };
  let found = await store.read(id);
  if (!found) return { kind: 'unknown' };
  if (isFinal(found.request.phase)) return { kind: 'ended', request: found.request };
  await audit.append({ ...ofRequest(found.request), event: 'cancelled', by });
  // First the mark: a worker that asks people or begins after it sees it, and what was done before it is seen here.
  await store.markCancel(id, name);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    found = await store.read(id);
    if (!found) return { kind: 'unknown' };
    const { request } = found;
    if (isFinal(request.phase)) return { kind: 'ended', request };
    const idle = request.phase === 'asking';
    if (!idle && (request.phase === 'running' || !(await removeUnlessRunning(queue, id, request.turn))))
      return { kind: 'asked', request };
    const ended = await endNow(found, by, shared);
    if (ended) return { kind: 'cancelled', request: ended };
  }
  throw new Error('a request changes again and again');
}

/** Undefined: it has changed meanwhile, such as by an approval. */
async function endNow(
  found: Shown,
  by: Who,
  { redis, store, queue, audit, secret }: Shared,
): Promise<Request | undefined> {
  const { request } = found;
  const withdrawn = request.phase === 'asking' && by.id === request.requester.id;
  const message = withdrawn
    ? `${by.name} took it back before it was approved.`
    : `${by.name} cancelled it before it began.`;
  const ended: Request = {
    ...request,
    phase: withdrawn ? 'withdrawn' : 'cancelled',
    endedAt: Date.now(),
    failure: { message, hint: '' },
  };
  const about = ofRequest(request);
  const round = request.approval?.round ?? 0;
  const owed = owe(
    withdrawn
      ? { ...about, event: 'withdrawn', by, round, reason: '' }
      : { ...about, event: 'ended', phase: ended.phase, message, hostKeys: {} },
    secret,
  );
  if ((await store.change(found, ended, undefined, owed)) !== 'written') return undefined;
  // It is so, and stays owed where the audit does not take it now, which has told the log.
  await audit.settle(owed).catch(() => undefined);
  for (const next of await new Locks(redis).release(request.id, request.locks))
    await wakeNext(queue, next, { store });
  return ended;
}
