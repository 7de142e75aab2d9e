/** Takes signed jobs from the queue and runs them, one lock holder at a time; goes on where a dead worker stopped. */
import { DelayedError, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { Locks } from './locks.ts';
import { LostWork } from './lost.ts';
import { key } from './redis.ts';
import { Over } from './replay.ts';
import { isFinal } from './request.ts';
import { Stopped } from './run.ts';
import { failed, finish, takeTurn, type TurnOptions } from './turn.ts';
import { attemptOf, BULL_PREFIX, firstAttempt, turnOf, WORK } from './work.ts';

export interface JobWorkerOptions extends Omit<TurnOptions, 'locks' | 'over'> {
  redis: Redis;
  concurrency: number;
  /** A worker that has not been heard of for so long is taken for dead, and another goes on. */
  lockDurationMs?: number;
}

/** A killed worker gives a job back; a job that kills ten in a row is not given to an eleventh. */
const MOST_DEATHS = 10;
/** A request that waits for a lock is woken when it is free; this is only in case the waker died. */
const LOCK_LOOK_MS = 3000;
/** How often it looks for requests that are in no queue. */
const LOST_LOOK_MS = 30_000;

export interface JobWorker {
  /** Gives running jobs `graceMs` to end, then hands them back for another worker. */
  close(graceMs: number): Promise<void>;
}

export function startJobWorker(options: JobWorkerOptions): JobWorker {
  const { redis, store, log, concurrency, lockDurationMs = 10_000 } = options;
  // By what BullMQ calls them: an earlier turn of the same request may be about to end.
  const running = new Map<string, AbortController>();
  const turns: TurnOptions = { ...options, locks: new Locks(redis), over: new Over() };

  const worker = new Worker<null, void>(WORK, (job, token) => processJob(job, token ?? '', running, turns), {
    connection: redis,
    prefix: BULL_PREFIX,
    concurrency,
    lockDuration: lockDurationMs,
    stalledInterval: Math.max(500, Math.floor(lockDurationMs / 3)),
    maxStalledCount: MOST_DEATHS,
  });
  worker.on('error', (error) => log.warn({ err: error }, 'queue'));
  worker.on('lockRenewalFailed', (ids: string[]) => {
    for (const id of ids) running.get(id)?.abort(new Stopped('replaced'));
  });
  worker.on('failed', (job, error) => {
    if (job)
      afterFailure(job, error, turns).catch((cause: unknown) => log.error({ err: cause }, 'after failure'));
  });

  const cancels = redis.duplicate();
  cancels.on('error', (error: Error) => log.warn({ err: error }, 'redis'));
  const stopIfCancelled = async (id: string): Promise<void> => {
    const runs = [...running].filter(([workId]) => turnOf(workId).id === id);
    const by = runs.length > 0 ? await store.cancelledBy(id) : '';
    if (by) for (const [, run] of runs) run.abort(new Stopped('cancelled', by));
  };
  const onError = (error: unknown): void => log.warn({ err: error }, 'cancel');
  cancels.on('message', (_channel, id) => void stopIfCancelled(id).catch(onError));
  cancels.subscribe(key('cancel')).catch(onError);
  // A message is lost while the connection to Redis is down; the mark is not.
  const looking = setInterval(
    () =>
      void Promise.all([...running.keys()].map((workId) => stopIfCancelled(turnOf(workId).id))).catch(
        onError,
      ),
    2000,
  );

  const lost = new LostWork(options);
  const seeking = setInterval(
    () => void lost.look().catch((error: unknown) => log.warn({ err: error }, 'lost work')),
    LOST_LOOK_MS,
  );

  return {
    async close(graceMs) {
      const closed = worker.close();
      const patience = new AbortController();
      const late = sleep(graceMs, undefined, { signal: patience.signal }).then(
        () => running.forEach((run) => run.abort(new Stopped('shutdown'))),
        () => undefined,
      );
      await closed;
      patience.abort();
      await late;
      clearInterval(looking);
      clearInterval(seeking);
      cancels.disconnect();
    },
  };
}

async function processJob(
  job: Job<null, void>,
  token: string,
  running: Map<string, AbortController>,
  options: TurnOptions,
): Promise<void> {
  const workId = job.id ?? '';
  const { id, turn } = turnOf(workId);
  // Known before the request is read: a cancel that the read does not show yet fires the signal.
  const abort = new AbortController();
  running.set(workId, abort);
  let state: 'over' | 'waiting';
  try {
    const attempt = attemptOf(turn, job.attemptsStarted);
    const again = job.stalledCounter > 0;
    state = await takeTurn({ id, turn, attempt, again, signal: abort.signal }, options);
  } catch (error) {
    if (!(error instanceof Stopped) || error.reason === 'cancelled') throw error;
    // Back into the queue at once: another worker, or this one after its restart, goes on. One that is thought to have it
    // already may not: then nobody would go on with a job that ended here. If it has, BullMQ refuses this.
    const back = job.moveToDelayed(Date.now(), token);
    await (error.reason === 'replaced' ? back.catch(() => undefined) : back);
    throw new DelayedError();
  } finally {
    if (running.get(workId) === abort) running.delete(workId);
  }
  if (state === 'waiting') {
    await job.moveToDelayed(Date.now() + LOCK_LOOK_MS, token);
    throw new DelayedError();
  }
}

/** BullMQ gave up on a job: it killed too many workers, or nobody could tell why. The person still gets an answer. */
async function afterFailure(job: Job<null, void>, error: Error, options: TurnOptions): Promise<void> {
  const { id, turn } = turnOf(job.id ?? '');
  const found = await options.store.read(id);
  if (!found || found.altered || isFinal(found.request.phase) || (found.request.turn ?? 0) !== turn) return;
  // No run of this turn writes after this.
  await finish(failed(found.request, error, options.log), firstAttempt(turn + 1) - 1, options);
}
