import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Locks } from '../../src/queue/locks.ts';
import { requestKey } from '../../src/queue/store-scripts.ts';
import { ownRedis } from './redis.ts';

let redis: Redis;
let locks: Locks;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ redis, stop } = await ownRedis());
  locks = new Locks(redis);
});
afterAll(async () => {
  await stop();
});
beforeEach(async () => {
  await redis.flushall();
});

describe('locks', () => {
  it('are given in the order in which they were asked for', async () => {
    expect(await locks.acquire('a', ['service:websky'])).toBeUndefined();
    expect(await locks.acquire('b', ['service:websky'])).toBe('a');
    expect(await locks.acquire('c', ['service:websky'])).toBe('a');
    expect(await locks.release('a', ['service:websky'])).toEqual(['b']);
    expect(await locks.acquire('c', ['service:websky'])).toBe('b');
    expect(await locks.acquire('b', ['service:websky'])).toBeUndefined();
  });

  it('belong to the request: who asks again still holds them', async () => {
    await locks.acquire('a', ['x']);
    expect(await locks.acquire('a', ['x'])).toBeUndefined();
    expect(await locks.release('a', ['x'])).toEqual([]);
    expect(await locks.acquire('b', ['x'])).toBeUndefined();
  });

  it.each(['accepted', 'queued', 'approved', 'waiting', 'running'])(
    'are not taken from a request that is %s by one that waits for them',
    async (phase) => {
      await redis.hset(requestKey('a'), { phase });
      await locks.acquire('a', ['x']);
      expect(await locks.releaseIdle('a', ['x'])).toEqual([]);
      expect(await locks.acquire('b', ['x'])).toBe('a');
    },
  );

  it.each(['asking', 'done', 'denied'])('of a request that is %s are free', async (phase) => {
    await redis.hset(requestKey('a'), { phase });
    await locks.acquire('a', ['x']);
    await locks.acquire('b', ['x']);
    expect(await locks.releaseIdle('a', ['x'])).toEqual(['b']);
  });

  it('of different names do not wait for each other', async () => {
    expect(await locks.acquire('a', ['x'])).toBeUndefined();
    expect(await locks.acquire('b', ['y'])).toBeUndefined();
  });

  it('never deadlock: whatever sets are asked for, all are served and no two share a name', async () => {
    const names = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(names, { minLength: 1, maxLength: 6 }), async (wishes) => {
        await redis.flushall();
        const waiting = new Map(wishes.map((wish, at) => [`r${at}`, wish]));
        await Promise.all([...waiting].map(([id, wish]) => locks.acquire(id, wish)));
        while (waiting.size > 0) {
          const holders: [string, string[]][] = [];
          for (const [id, wish] of waiting)
            if ((await locks.acquire(id, wish)) === undefined) holders.push([id, wish]);
          expect(holders.length).toBeGreaterThan(0);
          const held = holders.flatMap(([, wish]) => wish);
          expect(new Set(held).size).toBe(held.length);
          const [id, wish] = holders[0] ?? ['', []];
          await locks.release(id, wish);
          waiting.delete(id);
        }
      }),
      { numRuns: 50 },
    );
  });
});
