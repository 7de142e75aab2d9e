import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UserError } from '../../src/errors.ts';
import { defineJob, type AnyJob, type JobContext } from '../../src/jobs/define.ts';
import { createLog } from '../../src/log.ts';
import { cancelRequest } from '../../src/queue/cancel.ts';
import { sign, type Envelope } from '../../src/queue/envelope.ts';
import type { Request } from '../../src/queue/request.ts';
import { RequestStore } from '../../src/queue/store.ts';
import { addWork, openWorkQueue, type WorkQueue } from '../../src/queue/work.ts';
import { startJobWorker, type JobWorker } from '../../src/queue/worker.ts';
import { Secret } from '../../src/secret.ts';
import { ownRedis } from './redis.ts';
import { newEnvelope, newRequest, noAudit, secret } from './request.ts';

const CAROL = { id: 'U3', name: 'carol', team: 'T1' };

/** What the test lets a job do while it runs. */
let runs: { job: string; input: unknown }[];
let gate: PromiseWithResolvers<void>;

const input = z.object({ name: z.string() });
const lock = ({ name }: { name: string }): string[] => [`service:${name}`];
const steps = (): string[] => ['Look', 'Change'];
const remember = (job: string, given: unknown): void => {
  runs.push({ job, input: given });
};

const jobs: Record<string, AnyJob> = {
  works: defineJob({
    input,
    lock,
    steps,
    async run(given, { step }) {
      remember('works', given);
      await step('Look', ({ say }) => Promise.resolve(say('looked')));
      return await step('Change', ({ act }) => act('change it', () => Promise.resolve('changed')));
    },
  }),
  waits: defineJob({
    input,
    lock,
    steps,
    async run(given, { step, signal }) {
      remember('waits', given);
      await step('Look', () => Promise.resolve());
      const stopped = new Promise<never>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      );
      await step('Change', () => Promise.race([gate.promise, stopped]));
      return given.name;
    },
  }),
  refuses: defineJob({
    input,
    lock,
    steps,
    run: (_given, { step }) =>
      step('Look', () => Promise.reject(new UserError('There is no such thing.', { hint: 'Look again.' }))),
  }),
  fails: defineJob({
    input,
    lock,
    steps,
    run: (_given, { step }) =>
      step('Change', async ({ act }) => {
        await act('half of it', () => Promise.resolve());
        throw new UserError('The other half did not go.', { hint: 'Try again.' });
      }),
  }),
  breaks: defineJob({
    input,
    lock,
    steps,
    run: (): Promise<string> => Promise.reject(new TypeError('x is not a function')),
  }),
  incomplete: defineJob({
    input,
    lock,
    steps,
    async run(_given, { step }) {
      await step('Look', ({ fail }) => Promise.resolve(fail('one of two')));
      return 'half';
    },
  }),
};

let redis: Redis;
let store: RequestStore;
let queue: WorkQueue;
let worker: JobWorker | undefined;
let stopRedis: () => Promise<void>;

beforeAll(async () => {
  ({ redis, stop: stopRedis } = await ownRedis());
  store = new RequestStore(redis, secret);
});
afterAll(async () => {
  await stopRedis();
});
beforeEach(async () => {
  await redis.flushall();
  queue = openWorkQueue(redis);
  runs = [];
  gate = Promise.withResolvers();
});
afterEach(async () => {
  gate.resolve();
  await worker?.close(0);
  worker = undefined;
  await queue.close();
});

function start(): void {
  worker = startJobWorker({
    redis,
    store,
    queue,
    secret,
    jobs,
    // Each command here is named as its job.
    commandOf: (job) => ({ job, risk: 'change' }),
    quorumOf: () => 0,
    breakGlass: false,
    audit: noAudit,
    context: { hosts: { names: () => [] }, limits: { joinsAtOnce: 1 } } as unknown as JobContext,
    log: createLog('worker', 'silent'),
    concurrency: 4,
    lockDurationMs: 1000,
  });
}

async function give(id: string, job: string, change: Partial<Envelope> = {}, key = secret): Promise<void> {
  const said = { command: job, title: `${job} websky` };
  const signed = sign(newEnvelope(id, { ...said, job, input: { name: 'websky' }, ...change }), key);
  await store.create(newRequest(id, { ...said, phase: 'queued' }), signed);
  await addWork(queue, id, job);
}

async function reaches(id: string, phase: Request['phase']): Promise<Request> {
  await expect.poll(async () => (await store.read(id))?.request.phase, { timeout: 15_000 }).toBe(phase);
  return (await store.read(id))?.request ?? newRequest(id);
}

describe('a job worker', () => {
  it('runs a signed job, step by step, to its result', async () => {
    start();
    await give('a', 'works');
    const { result, steps: shown, acted } = await reaches('a', 'done');
    expect(result).toBe('changed');
    expect(shown.map(({ title, status, line }) => `${title} ${status} ${line}`.trim())).toEqual([
      'Look complete looked',
      'Change complete',
    ]);
    expect(acted).toBe(true);
    expect(runs).toEqual([{ job: 'works', input: { name: 'websky' } }]);
  });

  it.each([
    ['refuses', 'refused', 'There is no such thing.'],
    ['fails', 'failed', 'The other half did not go.'],
    ['incomplete', 'incomplete', undefined],
  ] as const)('ends a job that %s as %s', async (job, phase, message) => {
    start();
    await give('a', job);
    expect((await reaches('a', phase)).failure?.message).toBe(message);
  });

  it('answers a bug with a reference, and keeps its trace to itself', async () => {
    start();
    await give('a', 'breaks');
    const { failure } = await reaches('a', 'failed');
    expect(failure?.reference).toMatch(/^E-[0-9a-f]{8}$/);
    expect(JSON.stringify(failure)).not.toContain('x is not a function');
  });

  it('does nothing for a job that somebody else has signed', async () => {
    start();
    await give('a', 'works', {}, new Secret('somebody else who can write to Redis'));
    await reaches('a', 'failed');
    expect(runs).toEqual([]);
  });

  it('does nothing for a job whose input was exchanged after it was signed', async () => {
    const sealedOf = ({ text }: { text: string }) => (JSON.parse(text) as { sealed: string }).sealed;
    const signed = sign(newEnvelope('a', { job: 'works', input: { name: 'websky' } }), secret);
    const other = sign(newEnvelope('a', { job: 'works', input: { name: 'other' } }), secret);
    await store.create(newRequest('a', { phase: 'queued' }), {
      ...signed,
      text: signed.text.replace(/"sealed":"[^"]*"/, `"sealed":${JSON.stringify(sealedOf(other))}`),
    });
    await addWork(queue, 'a', 'works');
    start();
    await reaches('a', 'failed');
    expect(runs).toEqual([]);
  });

  it('does nothing for a request that carries the signed envelope of another', async () => {
    const signed = sign(newEnvelope('other', { job: 'works', input: { name: 'websky' } }), secret);
    await store.create(newRequest('a', { phase: 'queued' }), signed);
    await addWork(queue, 'a', 'works');
    start();
    await reaches('a', 'failed');
    expect(runs).toEqual([]);
  });

  it('does not begin what has expired', async () => {
    start();
    await give('a', 'works', { expiresAt: Date.now() - 1 });
    expect((await reaches('a', 'expired')).failure?.hint).toMatch(/again/);
    expect(runs).toEqual([]);
  });

  it('runs one of two jobs with the same lock at a time, and the other says whom it waits for', async () => {
    start();
    await give('a', 'waits');
    await reaches('a', 'running');
    await give('b', 'works');
    const { waitingFor } = await reaches('b', 'waiting');
    expect(waitingFor).toMatchObject({ id: 'a', title: 'waits websky', requester: 'U1' });
    expect(runs.map(({ job }) => job)).toEqual(['waits']);
    gate.resolve();
    await reaches('a', 'done');
    await reaches('b', 'done');
    expect(runs.map(({ job }) => job)).toEqual(['waits', 'works']);
  });

  it('lets jobs with other locks pass', async () => {
    start();
    await give('a', 'waits');
    await reaches('a', 'running');
    await give('b', 'works', { input: { name: 'other' } });
    await reaches('b', 'done');
  });

  it('is not held up by a lock whose holder ended without releasing it', { timeout: 20_000 }, async () => {
    await redis.rpush('{swarmkeeper}:lock:service:websky', 'gone');
    start();
    await give('a', 'works');
    await reaches('a', 'done');
  });

  it('ends a running job when somebody cancels it, and lets the next one go on', async () => {
    start();
    await give('a', 'waits');
    await expect.poll(() => runs.length).toBe(1);
    await reaches('a', 'running');
    await give('b', 'works');
    await reaches('b', 'waiting');
    await cancelRequest('a', CAROL, { redis, store, queue, audit: noAudit, secret });
    expect((await reaches('a', 'cancelled')).failure?.message).toBe('carol cancelled it.');
    await reaches('b', 'done');
  });

  it('never begins a job that was cancelled while it waited', async () => {
    start();
    await give('a', 'waits');
    await reaches('a', 'running');
    await give('b', 'works');
    await reaches('b', 'waiting');
    expect((await cancelRequest('b', CAROL, { redis, store, queue, audit: noAudit, secret })).kind).toBe(
      'cancelled',
    );
    gate.resolve();
    await reaches('a', 'done');
    expect((await store.read('b'))?.request.phase).toBe('cancelled');
    expect(runs.map(({ job }) => job)).toEqual(['waits']);
    await give('c', 'works');
    await reaches('c', 'done');
  });

  it('takes a second delivery of the same job for the same one', async () => {
    start();
    await give('a', 'works');
    await give('a', 'works');
    await reaches('a', 'done');
    await give('a', 'works');
    await give('b', 'works', { input: { name: 'other' } });
    await reaches('b', 'done');
    expect(runs).toHaveLength(2);
  });

  it('hands a running job back when it is told to stop', async () => {
    start();
    await give('a', 'waits');
    await expect.poll(() => runs.length).toBe(1);
    await reaches('a', 'running');
    await worker?.close(0);
    expect((await store.read('a'))?.request.phase).toBe('running');
    gate.resolve();
    start();
    await reaches('a', 'done');
    expect(runs).toHaveLength(2);
  });
});
