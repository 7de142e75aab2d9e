import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sign } from '../../src/queue/envelope.ts';
import { key } from '../../src/queue/redis.ts';
import { packResult, unpackResult } from '../../src/queue/result.ts';
import { requestKey, RequestStore } from '../../src/queue/store.ts';
import { newEnvelope, newRequest, secret } from './request.ts';
import { ownRedis } from './redis.ts';

let redis: Redis;
let store: RequestStore;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ redis, stop } = await ownRedis());
  store = new RequestStore(redis, secret);
});
afterAll(async () => {
  await stop();
});
beforeEach(async () => {
  await redis.flushall();
});

const rows = Array.from({ length: 1000 }, (_, at) => ({
  name: `node-${at}`,
  state: 'ready',
  address: '10.0.0.1',
}));

async function ended(id: string, result: unknown = { rows }): Promise<void> {
  await store.create(newRequest(id), sign(newEnvelope(id), secret));
  await store.write(newRequest(id, { phase: 'done', result }), 1);
}

describe('results', () => {
  it.each([[undefined], [null], [0], ['deflate:'], [{ a: [1, 'é😀'] }], [{ rows }]])(
    'come back as they were: %#',
    (result) => {
      expect(unpackResult(packResult(result))).toEqual(result);
    },
  );

  it('are small where they are long, and kept beside the state', async () => {
    await ended('a');
    expect((await store.read('a'))?.request.result).toEqual({ rows });
    expect((await redis.hget(requestKey('a'), 'result'))?.length).toBeLessThan(
      JSON.stringify({ rows }).length / 5,
    );
    expect((await redis.hget(requestKey('a'), 'state'))?.length).toBeLessThan(1000);
    expect((await store.list({ most: 1 }))[0]).not.toHaveProperty('result');
  });
});

describe('the page of a request', () => {
  it('is a newer version of its card, due at once', async () => {
    await ended('a');
    const before = await store.read('a');
    await redis.del(key('outbox'));
    expect(await store.turn('a', 3)).toBe(true);
    const after = await store.read('a');
    expect(after?.request).toEqual({ ...before?.request, page: 3 });
    expect(after?.version).toBe((before?.version ?? 0) + 1);
    expect(Number(await redis.zscore(key('outbox'), 'a'))).toBeLessThanOrEqual(Date.now());
  });

  it('stays as it is when it is turned to itself', async () => {
    await ended('a');
    await store.turn('a', 2);
    const { version } = (await store.read('a')) ?? {};
    expect(await store.turn('a', 2)).toBe(true);
    expect((await store.read('a'))?.version).toBe(version);
  });

  it('is left to a bot that delivers the card at this moment, which sees the newer version', async () => {
    await ended('a');
    await redis.del(key('outbox'));
    await redis.hset(requestKey('a'), 'leasedUntil', Date.now() + 60_000);
    await store.turn('a', 2);
    expect(await redis.zscore(key('outbox'), 'a')).toBeNull();
    expect((await store.read('a'))?.request.page).toBe(2);
  });

  it('of a request that is no longer kept cannot be turned, and leaves nothing behind', async () => {
    expect(await store.turn('gone', 2)).toBe(false);
    expect(await redis.keys('*')).toEqual([]);
  });
});
