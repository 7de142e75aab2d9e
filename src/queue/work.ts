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

/** Adds a request once, by its id: a second time changes nothing. `job` names it for whoever looks at the queue. */
export async function addWork(queue: WorkQueue, id: string, job: string): Promise<void> {
  await queue.add(job, null, { jobId: id });
}

/** Lets a request that waits for a lock look again at once. One that runs, or has ended, is left alone. */
export async function wake(queue: WorkQueue, id: string): Promise<void> {
  const job = await queue.getJob(id);
  if (!job || !(await job.isDelayed())) return;
  // It may have left the delayed state in this very moment, which is what was wanted.
  await job.promote().catch(() => undefined);
}

/** Takes a job out of the queue, unless a worker has it. */
export async function removeUnlessRunning(queue: WorkQueue, id: string): Promise<boolean> {
  const job = await queue.getJob(id);
  if (!job) return true;
  return await job.remove().then(
    () => true,
    // BullMQ refuses to remove a job that a worker holds the lock of.
    () => false,
  );
}
