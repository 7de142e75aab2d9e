import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineJob, type JobContext } from '../../src/jobs/define.ts';
import { sign } from '../../src/queue/envelope.ts';
import type { Request } from '../../src/queue/request.ts';
import { runRequest, Stopped } from '../../src/queue/run.ts';
import { RequestStore } from '../../src/queue/store.ts';
import { newEnvelope, newRequest, noAudit, secret } from './request.ts';
import { ownRedis } from './redis.ts';

let redis: Redis;
let store: RequestStore;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ redis, stop } = await ownRedis());
  store = new RequestStore(redis, secret);
});
afterAll(() => stop());
beforeEach(async () => {
  await redis.flushall();
  await store.create(newRequest('a'), sign(newEnvelope('a'), secret));
});

type Work = (context: JobContext) => Promise<unknown>;

async function run(work: Work, signal = new AbortController().signal): Promise<Request> {
  const job = defineJob({
    input: z.object({}),
    lock: () => [],
    steps: () => ['Look'],
    run: (_, context) => work(context),
  });
  return await runRequest(
    newRequest('a'),
    job,
    {},
    {
      store,
      attempt: 1,
      signal,
      log: pino({ level: 'silent' }),
      audit: noAudit,
      risk: 'change',
      approvedBy: [],
      // No job here asks the swarm for anything.
      context: {} as never,
    },
  );
}
/** What the card would show, once Redis has it. */
async function shown(live: string): Promise<Request> {
  const end = Date.now() + 10_000;
  for (;;) {
    const request = (await store.read('a'))?.request;
    if (request?.live === live) return request;
    if (Date.now() > end) throw new Error(`It shows ${JSON.stringify(request?.live)} instead.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('text that a step shows while it runs', () => {
  it('is on record while the job runs, the latest alone, and not after it', async () => {
    const ended = await run(({ step }) =>
      step('Look', async ({ show }) => {
        show('one');
        show('one\ntwo');
        expect((await shown('one\ntwo')).phase).toBe('running');
      }),
    );
    expect(ended.phase).toBe('done');
    expect(ended).not.toHaveProperty('live');
  });

  it('keeps its end, from the beginning of a line on, when it is long', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => `line ${at}`);
    await run(({ step }) =>
      step('Look', async ({ show }) => {
        show(many.join('\n'));
        const end = Date.now() + 10_000;
        let live: string | undefined;
        while (live === undefined && Date.now() < end) live = (await store.read('a'))?.request.live;
        expect(live?.length).toBeLessThanOrEqual(4000);
        expect(live).toMatch(/^line \d+\n[^]*\nline 999$/);
      }),
    );
  });
});

describe('what a job keeps', () => {
  it('is the result of a cancelled one, and of no other', async () => {
    const work: Work = ({ keep }) => {
      keep({ lines: ['one'] });
      keep({ lines: ['one', 'two'] });
      return Promise.resolve({ lines: ['all'] });
    };
    expect(await run(work)).toMatchObject({ phase: 'done', result: { lines: ['all'] } });

    const abort = new AbortController();
    const cancelled = await run(async (context) => {
      await work(context);
      abort.abort(new Stopped('cancelled', 'alice'));
      abort.signal.throwIfAborted();
    }, abort.signal);
    expect(cancelled).toMatchObject({
      phase: 'cancelled',
      result: { lines: ['one', 'two'] },
      failure: { message: 'alice cancelled it.' },
    });
  });

  it('is nothing to a run that is handed on', async () => {
    const abort = new AbortController();
    const handed = run(({ keep }) => {
      keep('half');
      abort.abort(new Stopped('shutdown'));
      abort.signal.throwIfAborted();
      return Promise.resolve();
    }, abort.signal);
    await expect(handed).rejects.toMatchObject({ reason: 'shutdown' });
  });
});
