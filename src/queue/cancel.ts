import type { Redis } from 'ioredis';
import { Locks } from './locks.ts';
import { isFinal, type Request } from './request.ts';
import type { RequestStore } from './store.ts';
import { removeUnlessRunning, wake, type WorkQueue } from './work.ts';

export type CancelOutcome =
  | { kind: 'unknown' }
  | { kind: 'ended'; request: Request }
  | { kind: 'cancelled'; request: Request }
  /** It runs: its worker has been told. */
  | { kind: 'asked'; request: Request };

/**
 * Ends a request early. One that has not begun ends at once; the worker of one that runs is told, and ends it as soon as
 * the call to the engine that is under way allows.
 */
export async function cancelRequest(
  id: string,
  by: string,
  { redis, store, queue }: { redis: Redis; store: RequestStore; queue: WorkQueue },
): Promise<CancelOutcome> {
  const found = await store.read(id);
  if (!found) return { kind: 'unknown' };
  const { request } = found;
  if (isFinal(request.phase)) return { kind: 'ended', request };
  await store.markCancel(id, by);
  const { turn = 0 } = request;
  if (request.phase === 'running' || !(await removeUnlessRunning(queue, id, turn)))
    return { kind: 'asked', request };
  const ended: Request = {
    ...request,
    phase: 'cancelled',
    endedAt: Date.now(),
    failure: { message: `${by} cancelled it before it began.`, hint: '' },
  };
  // It is out of the queue, so no run can write after this.
  await store.write(ended, Number.MAX_SAFE_INTEGER);
  for (const next of await new Locks(redis).release(id, request.locks)) {
    await wake(queue, next, (await store.read(next))?.request.turn);
  }
  return { kind: 'cancelled', request: ended };
}
