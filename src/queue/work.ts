/** The queue of requests: bots add, one of the workers takes. It carries their ids; what is asked stands, signed, in the store. */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { PREFIX } from './redis.ts';

export const WORK = 'work';
export const BULL_PREFIX = `${PREFIX}:bull`;

export type WorkQueue = Queue<null, void>;

export function openWorkQueue(redis: Redis): WorkQueue {
  return new Queue<null, void>(WORK, {
    connection: redis,
    prefix: BULL_PREFIX,
    defaultJobOptions: {
      removeOnComplete: { age: 3600, count: 1000 },
      removeOnFail: { age: 24 * 3600, count: 1000 },
    },
  });
}

/** A job of BullMQ is over when its request asks for an approval; what goes on after that is another: the next turn. */
interface Turn {
  id: string;
  turn: number;
}

/** What BullMQ calls it. No colon: BullMQ keeps that for itself. */
function workId({ id, turn }: Turn): string {
  return turn === 0 ? id : `${id}_${turn}`;
}

/** The other way round. */
export function turnOf(workId: string): Turn {
  const { id = workId, turn = '0' } = /^(?<id>.*)_(?<turn>\d+)$/.exec(workId)?.groups ?? {};
  return { id, turn: Number(turn) };
}

/** More than a request can have looked for its locks in the longest time that it may wait for them. */
const ATTEMPTS_OF_A_TURN = 1_000_000;

/** Runs of a later turn have higher numbers: those of an earlier one are late. */
export function firstAttempt(turn: number): number {
  return turn * ATTEMPTS_OF_A_TURN;
}

/** The number of a run. `started`: how often BullMQ has given this turn to a worker, this time included. */
export function attemptOf(turn: number, started: number): number {
  return firstAttempt(turn) + Math.min(started, ATTEMPTS_OF_A_TURN - 1);
}

/** Adds a turn of a request once: a second time changes nothing. `job` names it for whoever looks at the queue. */
export async function addWork(queue: WorkQueue, id: string, job: string, turn = 0): Promise<void> {
  await queue.add(job, null, { jobId: workId({ id, turn }) });
}

/** Lets a request that waits for a lock look again at once. One that runs, or has ended, is left alone. */
export async function wake(queue: WorkQueue, id: string, turn = 0): Promise<void> {
  const job = await queue.getJob(workId({ id, turn }));
  if (!job || !(await job.isDelayed())) return;
  // It may have left the delayed state in this very moment, which is what was wanted.
  await job.promote().catch(() => undefined);
}

/** Whether a worker has this turn, or will have it. */
export async function isInQueue(queue: WorkQueue, id: string, turn = 0): Promise<boolean> {
  const state = await queue.getJobState(workId({ id, turn }));
  return state !== 'unknown' && state !== 'completed' && state !== 'failed';
}

/** Takes a job out of the queue, unless a worker has it. */
export async function removeUnlessRunning(queue: WorkQueue, id: string, turn = 0): Promise<boolean> {
  const job = await queue.getJob(workId({ id, turn }));
  if (!job) return true;
  return await job.remove().then(
    () => true,
    // BullMQ refuses to remove a job that a worker holds the lock of.
    () => false,
  );
}
