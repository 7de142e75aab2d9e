import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sign } from '../../src/queue/envelope.ts';
import { key } from '../../src/queue/redis.ts';
import { FINAL_PHASES } from '../../src/queue/request.ts';
import { RequestStore } from '../../src/queue/store.ts';
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

const create = (id: string): Promise<boolean> => store.create(newRequest(id), sign(newEnvelope(id), secret));

describe('requests in Redis', () => {
  it('are taken once: the second delivery changes nothing', async () => {
    expect(await create('a')).toBe(true);
    await store.write(newRequest('a', { phase: 'running' }), 1);
    expect(await create('a')).toBe(false);
    expect((await store.read('a'))?.request.phase).toBe('running');
  });

  it('are due in the outbox from the start', async () => {
    await create('a');
    expect(await redis.zrange(key('outbox'), '0', '-1')).toEqual(['a']);
  });

  it.each(FINAL_PHASES)('stay %s, whatever comes late', async (phase) => {
    await create('a');
    expect(await store.write(newRequest('a', { phase }), 1)).toBe('written');
    expect(await store.write(newRequest('a', { phase: 'running' }), 2)).toBe('late');
    expect(await store.write(newRequest('a', { phase: 'done' }), 2)).toBe('late');
    expect((await store.read('a'))?.request.phase).toBe(phase);
  });

  it('are not written by a run that another has replaced', async () => {
    await create('a');
    await store.write(newRequest('a', { phase: 'running' }), 2);
    expect(await store.write(newRequest('a', { phase: 'failed' }), 1)).toBe('late');
    expect((await store.read('a'))?.request.phase).toBe('running');
  });

  it('are listed newest first, open ones alone when asked', async () => {
    for (const id of ['a', 'b', 'c']) await create(id);
    const now = Date.now();
    await redis.zadd(key('requests'), now - 3, 'a', now - 2, 'b', now - 1, 'c');
    await store.write(newRequest('b', { phase: 'done' }), 1);
    expect((await store.list({ most: 10 })).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect((await store.list({ most: 10, open: true })).map(({ id }) => id)).toEqual(['c', 'a']);
    expect((await store.list({ most: 1 })).map(({ id }) => id)).toEqual(['c']);
  });

  it('ask people once: a run that another has replaced shows nothing else in the same round', async () => {
    await create('a');
    expect(await store.write(newRequest('a', { phase: 'asking', title: 'first' }), 1)).toBe('written');
    expect(await store.write(newRequest('a', { phase: 'asking', title: 'second' }), 2)).toBe('late');
    expect((await store.read('a'))?.request.title).toBe('first');
  });

  it('tell a second poster that the first may have posted', async () => {
    await create('a');
    expect(await store.beginPosting('a')).toBe(true);
    expect(await store.beginPosting('a')).toBe(false);
  });
});
