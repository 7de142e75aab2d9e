/** Workers die, are told to stop, and lose what Redis had: what was asked for is done once, and what was cancelled never. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelRequest, type CancelOutcome } from '../../src/queue/cancel.ts';
import { signText } from '../../src/queue/envelope.ts';
import { LostWork } from '../../src/queue/lost.ts';
import { key } from '../../src/queue/redis.ts';
import { requestKey } from '../../src/queue/store-scripts.ts';
import { attemptOf, BULL_PREFIX, firstAttempt, WORK } from '../../src/queue/work.ts';
import { secret } from './request.ts';
import { ALICE, BOB, CAROL, DONE, openWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;
let children: ChildProcess[] = [];

beforeAll(async () => {
  place = await openWorkplace();
});
afterAll(() => place.stop());
beforeEach(() => place.clear());
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  await place.clear();
});

const cancel = (id: string, by = ALICE): Promise<CancelOutcome> =>
  cancelRequest(id, by, { ...place, audit: place.auditLog, secret });
const approve = (id: string): Promise<string> => place.press(id, { kind: 'approve', by: BOB });
const done = (): Promise<string[]> => place.redis.lrange(DONE, 0, -1);
const told = (event: string): number => place.audit.filter((one) => one.event === event).length;
const roundOf = async (id: string): Promise<number | undefined> =>
  (await place.store.read(id))?.request.approval?.round;

/** Lets a worker of its own process go on until it kills itself. */
async function dieAt(point: string, env: Record<string, string> = {}): Promise<void> {
  const child = fork(join(import.meta.dirname, 'dying-worker.ts'), {
    env: { PATH: process.env['PATH'] ?? '', REDIS_URL: place.url, DIE_AT: point, ...env },
  });
  children.push(child);
  const [, signal] = (await once(child, 'exit', { signal: AbortSignal.timeout(20_000) })) as unknown[];
  expect(signal).toBe('SIGKILL');
}

describe('a worker that dies', { timeout: 40_000 }, () => {
  it.each(['a preview', 'before the write of asking', 'after the write of asking'])(
    'at %s: people are asked once, by another one',
    async (point) => {
      await place.give('a-1', { ask: 1 });
      await dieAt(point);
      place.start();
      await place.reaches('a-1', 'asking');
      expect(await roundOf('a-1')).toBe(1);
      expect(await approve('a-1')).toBe('approved');
      await place.reaches('a-1', 'done');
      expect(await done()).toEqual(['a-1']);
    },
  );

  it.each([
    ['taken up approved', 'none'],
    ['a preview', 'none'],
    ['a run', 'none'],
    ['before the write of the end', 'none'],
    ['after the write of the end', 'none'],
    // That worker finds other facts.
    ['before the write of asking', 'another'],
  ])('at %s, after the approval: it is carried out by another one', async (point, fact) => {
    const first = place.start();
    await place.give('a-1', { ask: 1 });
    await place.reaches('a-1', 'asking');
    await first.close(0);
    await approve('a-1');
    await dieAt(point, { FACT: fact });
    place.start();
    await place.reaches('a-1', 'done');
    // The job itself looks before it acts: what was done before the death is not what this is about.
    expect(new Set(await done())).toEqual(new Set(['a-1']));
    await expect.poll(() => told('ended'), { timeout: 15_000 }).toBe(1);
    await expect.poll(() => place.redis.exists(key('lock', 'host:a'))).toBe(0);
  });

  it('after people were asked anew: its locks are free for the next one', async () => {
    const first = place.start();
    await place.give('a-1', { ask: 1 });
    await place.reaches('a-1', 'asking');
    await first.close(0);
    await approve('a-1');
    await dieAt('after the write of asking', { FACT: 'another' });
    expect(await roundOf('a-1')).toBe(2);
    await place.give('a-2');
    place.start();
    await place.reaches('a-2', 'done');
    // What the dead one found is so no more: the approval of what it showed is not enough.
    await approve('a-1');
    await expect.poll(() => roundOf('a-1')).toBe(3);
    await approve('a-1');
    await place.reaches('a-1', 'done');
    expect(await done()).toEqual(['a-2', 'a-1']);
  });
});

describe('a worker that is told to stop', () => {
  it('while it looks, leaves the looking to the next one', async () => {
    const looks = Promise.withResolvers<void>();
    place.hooks.preview = async (signal) => {
      looks.resolve();
      await new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    };
    const first = place.start();
    await place.give('a-1', { ask: 1 });
    await looks.promise;
    await first.close(0);
    expect((await place.store.read('a-1'))?.request.phase).toBe('accepted');
    place.hooks.preview = undefined;
    place.start();
    await place.reaches('a-1', 'asking');
    expect(told('previewed')).toBe(1);
  });

  it.each([
    ['at once', 0],
    ['after an approval', 1],
  ])(
    'because it could not renew its hold on a job begun %s gives it back, if it still has it',
    async (_when, ask) => {
      const heldBy = `${BULL_PREFIX}:${WORK}:${ask === 0 ? 'a-1' : 'a-1_1'}:lock`;
      let runs = 0;
      place.hooks.run = async ({ signal }) => {
        runs += 1;
        if (runs > 1) return;
        const token = (await place.redis.get(heldBy)) ?? '';
        await place.redis.set(heldBy, 'another');
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await place.redis.set(heldBy, token);
        signal.throwIfAborted();
      };
      place.start();
      await place.give('a-1', { ask });
      if (ask > 0) {
        await place.reaches('a-1', 'asking');
        await approve('a-1');
      }
      await place.reaches('a-1', 'done');
      expect(runs).toBe(2);
      expect(await done()).toEqual(['a-1']);
    },
  );
});

describe('whoever cancels', () => {
  it.each([
    ['what they asked for', ALICE, 'withdrawn', 'withdrawn'],
    ['what somebody else asked for', CAROL, 'cancelled', 'ended'],
  ] as const)('%s while people are asked ends it', async (_what, by, phase, event) => {
    place.start();
    await place.give('a-1', { ask: 1 });
    await place.reaches('a-1', 'asking');
    expect(await cancel('a-1', by)).toMatchObject({ kind: 'cancelled', request: { phase } });
    expect(await approve('a-1')).toMatch(/does not wait/);
    expect(await cancel('a-1', by)).toMatchObject({ kind: 'ended' });
    expect([told('cancelled'), told(event)]).toEqual([1, 1]);
    expect(await done()).toEqual([]);
  });

  it('what is approved and has not begun ends it', async () => {
    const first = place.start();
    await place.give('a-1', { ask: 1 });
    await place.reaches('a-1', 'asking');
    await first.close(0);
    await approve('a-1');
    expect(await cancel('a-1', CAROL)).toMatchObject({ kind: 'cancelled', request: { phase: 'cancelled' } });
    place.start();
    await place.give('a-2');
    await place.reaches('a-2', 'done');
    expect(await done()).toEqual(['a-2']);
  });

  it('while a worker looks, though it does not listen, ends it', async () => {
    const looks = Promise.withResolvers<void>();
    const enough = Promise.withResolvers<void>();
    place.hooks.preview = async () => {
      looks.resolve();
      await enough.promise;
    };
    place.start();
    await place.give('a-1', { ask: 1 });
    await looks.promise;
    expect(await cancel('a-1')).toMatchObject({ kind: 'asked' });
    await expect.poll(() => place.store.cancelledBy('a-1')).toBe('alice');
    enough.resolve();
    expect((await place.reaches('a-1', 'cancelled')).failure?.message).toMatch(/^alice cancelled it/);
    expect(told('ended')).toBe(1);
  });

  it('while a worker looks at the facts once more, though it does not listen, ends it before it begins', async () => {
    place.start();
    await place.give('a-1', { ask: 1 });
    await place.reaches('a-1', 'asking');
    const looks = Promise.withResolvers<void>();
    const enough = Promise.withResolvers<void>();
    place.hooks.preview = async (signal) => {
      signal.addEventListener('abort', () => enough.resolve());
      looks.resolve();
      await enough.promise;
    };
    await approve('a-1');
    await looks.promise;
    expect(await cancel('a-1', CAROL)).toMatchObject({ kind: 'asked' });
    expect((await place.reaches('a-1', 'cancelled')).failure?.message).toMatch(/^carol cancelled it before/);
    expect(told('started')).toBe(0);
  });

  it('at the very moment when people are to be asked ends it: nobody is asked', async () => {
    place.hooks.preview = async () => {
      // As `cancelRequest` leaves it, but its message does not reach this worker in time.
      const mark = signText('cancel', { id: 'a-1', by: 'alice', at: Date.now() }, secret);
      await place.redis.hset(requestKey('a-1'), 'cancel', JSON.stringify(mark));
    };
    place.start();
    await place.give('a-1', { ask: 1 });
    expect((await place.reaches('a-1', 'cancelled')).failure?.message).toMatch(/^alice cancelled it/);
  });
});

describe('an approved request', () => {
  it('that waits for a lock looks at the facts when it has it', async () => {
    const enough = Promise.withResolvers<void>();
    const runs = Promise.withResolvers<void>();
    place.start();
    await place.give('a-1', { ask: 1 });
    await place.reaches('a-1', 'asking');
    place.hooks.run = async () => {
      runs.resolve();
      await enough.promise;
    };
    await place.give('a-2');
    await runs.promise;
    await approve('a-1');
    await place.reaches('a-1', 'waiting');
    place.facts = [{ what: 'the swarm of web-1', value: 'another' }];
    place.hooks.run = undefined;
    enough.resolve();
    await expect.poll(() => roundOf('a-1'), { timeout: 10_000 }).toBe(2);
    const { approval, locks, waitingFor } = await place.reaches('a-1', 'asking');
    expect(approval?.changed).toEqual(['the swarm of web-1: was none, is now another.']);
    expect({ locks, waitingFor }).toEqual({ locks: [], waitingFor: undefined });
    // It holds nobody up while people think.
    expect(await place.redis.exists(key('lock', 'host:a'))).toBe(0);
    await place.give('a-3');
    await place.reaches('a-3', 'done');
    await approve('a-1');
    await place.reaches('a-1', 'done');
    expect(await done()).toEqual(['a-2', 'a-3', 'a-1']);
    const begun = place.audit.filter(({ event }) => event === 'started');
    expect(begun.map((one) => (one.event === 'started' ? one.approvedBy : []))).toEqual([[], [], [BOB]]);
  });

  it('is written by its own turn alone, however often an earlier one has looked for its locks', () => {
    expect(attemptOf(1, 5_000_000)).toBeLessThan(firstAttempt(2));
    expect(attemptOf(2, 1)).toBeGreaterThan(attemptOf(1, 5_000_000));
  });
});

describe('the audit', () => {
  it('has what a job is about to change before it is changed', async () => {
    const atChange: string[] = [];
    place.start({
      jobs: {
        scale: {
          ...place.jobs.scale,
          run: async (_: never, { step }) =>
            await step('Change', ({ act }) =>
              act('change it', () => {
                atChange.push(...place.audit.map(({ event }) => event));
                return Promise.resolve();
              }),
            ),
        },
      },
    });
    await place.give('a-1');
    await place.reaches('a-1', 'done');
    expect(atChange).toEqual(['started', 'changing']);
    expect(place.audit.map(({ event }) => event)).toEqual(['started', 'changing', 'changed', 'ended']);
  });

  it('keeps a job from changing anything when it cannot be kept', async () => {
    const full = (): Promise<void> => Promise.reject(new Error('Redis is full'));
    place.start({ audit: { append: full, settle: full } });
    await place.give('a-1');
    await expect.poll(() => place.logged.some(({ level }) => level >= 50)).toBe(true);
    expect(await done()).toEqual([]);
  });
});

describe('what Redis has lost of an open request', () => {
  const look = async (): Promise<string[]> => {
    const lost = new LostWork({ ...place, log: pino({ level: 'silent' }) });
    expect(await lost.look()).toEqual([]);
    return await lost.look();
  };

  it('is put back: the job of one that waited', async () => {
    await place.give('a-1', { request: { phase: 'queued' } });
    await place.queue.obliterate();
    expect(await look()).toEqual(['a-1']);
    place.start();
    await place.reaches('a-1', 'done');
  });

  it('is put back: the card of one that was approved, which a bot then puts into the queue', async () => {
    const first = place.start();
    await place.give('a-1', { ask: 1 });
    await place.reaches('a-1', 'asking');
    await first.close(0);
    await approve('a-1');
    await place.queue.obliterate();
    await place.redis.del(key('outbox'));
    expect(await look()).toEqual(['a-1']);
    expect(await place.redis.zrange(key('outbox'), '0', '-1')).toEqual(['a-1']);
  });

  it('is put back: the time at which one that asks is to expire', async () => {
    const first = place.start();
    await place.give('a-1', { ask: 1 });
    const { approval } = await place.reaches('a-1', 'asking');
    await first.close(0);
    expect(await look()).toEqual([]);
    expect(await place.store.toExpire((approval?.expiresAt ?? 0) + 1)).toEqual(['a-1']);
  });

  it('is left alone where a worker has it or it waits its turn', async () => {
    await place.give('a-1');
    expect(await look()).toEqual([]);
  });
});

it('a request that asks is kept, and listed as open, for as long as it may ask', async () => {
  const first = place.start();
  await place.give('a-1', { ask: 1 });
  await place.reaches('a-1', 'asking');
  await first.close(0);
  // As if it had been asked for a week ago: newer ones have pushed the older out of the list.
  await place.redis.del(key('requests'));
  expect((await place.store.list({ most: 5, open: true })).map(({ id }) => id)).toEqual(['a-1']);
  expect(await place.redis.pttl(requestKey('a-1'))).toBeGreaterThan(7 * 24 * 3600 * 1000);
  await cancel('a-1');
  expect(await place.store.list({ most: 5, open: true })).toEqual([]);
});
