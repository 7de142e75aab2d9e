import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPrivateRedis, type PrivateRedis } from '../../src/queue/private-redis.ts';
import { connectRedis } from '../../src/queue/redis.ts';

const log = { info: () => undefined, warn: () => undefined };
let dir: string;
let opened: PrivateRedis[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-own-'));
});
afterEach(async () => {
  for (const redis of opened.toReversed()) await redis.close();
  opened = [];
  await rm(dir, { recursive: true });
});

async function open(): Promise<PrivateRedis> {
  const redis = await openPrivateRedis(dir, log);
  opened.push(redis);
  return redis;
}

describe('the private redis-server', () => {
  it('is one for two processes that start at the same moment', async () => {
    const [one, two] = await Promise.all([open(), open()]);
    expect(one.url).toBe(two.url);
    const first = connectRedis(one.url, () => undefined);
    const second = connectRedis(two.url, () => undefined);
    await first.set('word', 'kept');
    expect(await second.get('word')).toBe('kept');
    first.disconnect();
    second.disconnect();
  });

  it('is started again, with its data, by the one that is left', { timeout: 30_000 }, async () => {
    const one = await open();
    await open();
    const redis = connectRedis(one.url, () => undefined);
    await redis.set('word', 'kept');
    const pid = async (): Promise<number> =>
      Number(await readFile(join(dir, 'redis', 'redis.pid'), 'utf8').catch(() => '0'));
    const before = await pid();
    process.kill(before, 'SIGTERM');
    await expect.poll(pid, { timeout: 20_000 }).not.toBe(before);
    expect(await redis.get('word')).toBe('kept');
    redis.disconnect();
  });

  it('listens on nothing but its socket, which only its owner may open', async () => {
    const { url } = await open();
    const redis = connectRedis(url, () => undefined);
    expect(await redis.config('GET', 'port')).toEqual(['port', '0']);
    expect(await redis.config('GET', 'unixsocketperm')).toEqual(['unixsocketperm', '600']);
    redis.disconnect();
  });
});
