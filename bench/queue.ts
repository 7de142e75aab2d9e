/** Jobs a second through the queue with an empty job, beside BullMQ without anything around it. */
import { Worker } from 'bullmq';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { destination, pino } from 'pino';
import { z } from 'zod';
import { openAudit } from '../src/audit/log.ts';
import type { AnyJob } from '../src/jobs/define.ts';
import { sign } from '../src/queue/envelope.ts';
import { openPrivateRedis } from '../src/queue/private-redis.ts';
import { connectRedis } from '../src/queue/redis.ts';
import type { Request } from '../src/queue/request.ts';
import { RequestStore } from '../src/queue/store.ts';
import { addWork, BULL_PREFIX, openWorkQueue, WORK, type WorkQueue } from '../src/queue/work.ts';
import { startJobWorker } from '../src/queue/worker.ts';
import { Secret } from '../src/secret.ts';
import { median, type Finding } from './finding.ts';
import type { Ground } from './ground.ts';

const ROUNDS = 9;
const JOBS = 1500;
/** So many run, and so many are being added, at the same time. */
const AT_ONCE = 32;

const SECRET = new Secret('not a secret: it signs empty jobs on a Redis that nobody else sees');
const LOG = pino({ level: 'info' }, destination('/dev/null'));
const INPUT = { services: [{ name: 'websky', replicas: 12 }], deadlineMs: 300_000 };

const empty: AnyJob = {
  input: z.object({
    services: z.array(z.object({ name: z.string(), replicas: z.int() })),
    deadlineMs: z.int(),
  }),
  lock: () => [],
  steps: () => ['Nothing'],
  run: () => Promise.resolve({}),
};

export async function queue(ground: Ground): Promise<Finding[]> {
  const redis = await openPrivateRedis(join(ground.dir, 'queue'), LOG);
  try {
    const ours: number[] = [];
    const bare: number[] = [];
    // The first round of each only warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      ground.signal.throwIfAborted();
      const ways = [
        async () => ours.push(await throughQueue(redis.url)),
        async () => bare.push(await throughBullmq(redis.url)),
      ];
      for (const way of round % 2 === 0 ? ways : ways.toReversed()) await way();
    }
    const own = median(ours.slice(1));
    const other = median(bare.slice(1));
    const runs = `median of ${ROUNDS} rounds of ${JOBS} jobs, ${AT_ONCE} at once`;
    return [
      { what: 'empty jobs, signed, with card state', value: own, unit: 'jobs/s', basis: runs },
      { what: 'the same through BullMQ alone', value: other, unit: 'jobs/s', basis: runs },
      {
        what: 'of what BullMQ alone does',
        value: (100 * own) / other,
        unit: '%',
        goal: { atLeast: 70 },
        basis: runs,
      },
    ];
  } finally {
    await redis.close();
  }
}

async function throughQueue(url: string): Promise<number> {
  const redis = connectRedis(url, fail);
  const store = new RequestStore(redis, SECRET);
  const work = openWorkQueue(redis);
  const worker = startJobWorker({
    redis,
    store,
    queue: work,
    secret: SECRET,
    jobs: { empty },
    commandOf: () => ({ job: 'empty', risk: 'change' }),
    quorumOf: () => 0,
    breakGlass: false,
    audit: openAudit(redis, SECRET, LOG),
    // The empty job asks for none of it.
    context: {} as never,
    log: LOG,
    concurrency: AT_ONCE,
  });
  const rate = await timed(work, async (number) => {
    const { request, envelope } = asked(number);
    await store.create(request, envelope);
    await addWork(work, request.id, 'empty');
  });
  const ended = await store.list({ most: JOBS });
  await worker.close(0);
  await work.close();
  await redis.flushall();
  redis.disconnect();
  const done = ended.filter(({ phase }) => phase === 'done').length;
  if (done !== JOBS) throw new Error(`Only ${done} of ${JOBS} empty jobs are done.`);
  return rate;
}

/** The same queue with the same settings, and nothing around it: no signature, no request, no card. */
async function throughBullmq(url: string): Promise<number> {
  const redis = connectRedis(url, fail);
  const bare = openWorkQueue(redis);
  let done = 0;
  const worker = new Worker(
    WORK,
    () => {
      done += 1;
      return Promise.resolve();
    },
    { connection: redis, prefix: BULL_PREFIX, concurrency: AT_ONCE },
  );
  worker.on('error', fail);
  const rate = await timed(bare, async (number) => {
    await bare.add('empty', INPUT as never, { jobId: `empty-${number}` });
  });
  await worker.close();
  await bare.close();
  await redis.flushall();
  redis.disconnect();
  if (done !== JOBS) throw new Error(`BullMQ did ${done} of ${JOBS} empty jobs.`);
  return rate;
}

/** Jobs a second, from the first one added until none waits or runs. */
async function timed(queue: WorkQueue, add: (number: number) => Promise<void>): Promise<number> {
  await queue.waitUntilReady();
  const began = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < JOBS) await add((next += 1));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  while ((await queue.getJobCountByTypes('wait', 'active', 'delayed')) > 0) await sleep(5);
  return (1000 * JOBS) / (performance.now() - began);
}

/** A request as the bot's desk makes it of a command. */
function asked(number: number) {
  const id = `empty-${number}`;
  const requester = { id: 'U0ALICE', name: 'alice', team: 'T0LOCAL' };
  const now = Date.now();
  const request: Request = {
    id,
    command: 'scale',
    title: 'scale websky 12',
    requester,
    channel: 'C0OPS',
    targets: [],
    phase: 'accepted',
    steps: [],
    locks: [],
    createdAt: now,
    acted: false,
    recalled: {},
  };
  const expiresAt = now + 15 * 60_000;
  const authority = { kind: 'allowed', rule: 'role operators' } as const;
  const said = { command: 'scale', job: 'empty', title: request.title, targets: [], reason: '' };
  const place = { requester, channel: 'C0OPS', at: now, expiresAt };
  return { request, envelope: sign({ id, ...said, authority, input: INPUT, ...place }, SECRET) };
}

function fail(error: Error): never {
  throw error;
}
