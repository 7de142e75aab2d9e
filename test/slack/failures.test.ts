/** What people read of something that went wrong with Redis, or in the bot, while they waited. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type RedisServer } from '../../demo/system/redis.ts';
import { UserError } from '../../src/errors.ts';
import { connectRedis, Script } from '../../src/queue/redis.ts';
import { inTime, type Answering } from '../../src/slack/failures.ts';

const LATE = { message: 'The job queue cannot be reached.', hint: 'Look again.' };
const ADD = new Script(`return redis.call('INCR', KEYS[1])`);
let dir: string;
let server: RedisServer;
let redis: Redis;
let logged: string[];

beforeEach(async () => {
  logged = [];
  dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-redis-'));
  server = await startRedis(dir);
  redis = connectRedis(server.url, () => undefined);
});
afterEach(async () => {
  redis.disconnect();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

async function told(work: () => Promise<unknown>): Promise<string> {
  const log = pino({ level: 'error' }, { write: (line) => void logged.push(line) });
  const answering: Answering = { late: LATE, outcome: 'Nothing was done.', about: {}, log };
  const wrong = await inTime(work, answering);
  return wrong instanceof UserError ? wrong.message : 'nothing is wrong';
}

describe('a Redis that was killed', { timeout: 20_000 }, () => {
  test('before the command', async () => {
    await ADD.run(redis, ['a'], []);
    await server.kill();
    expect(await told(() => ADD.run(redis, ['a'], []))).toBe(LATE.message);
    expect(logged).toEqual([expect.stringContaining('did not answer in time')]);
  });

  test('amid several commands, of which some are answered', async () => {
    await redis.ping();
    const cutShort = told(async () => {
      const answers = await redis.pipeline().set('a', '1').blpop('nothing', 0).exec();
      for (const [error] of answers ?? []) if (error) throw error;
    });
    const observer = redis.duplicate();
    try {
      await expect.poll(() => observer.client('LIST')).toContain('cmd=blpop');
      await server.kill();
      expect(await cutShort).toBe(LATE.message);
      expect(logged).toEqual([expect.stringContaining('aborted due to connection close')]);
    } finally {
      observer.disconnect();
    }
  });
});

test('a connection that the bot closes, as it ends, under those who wait for an answer', async () => {
  await redis.ping();
  const waiting = told(() => redis.blpop('nothing', 0));
  redis.disconnect();
  expect(await waiting).toBe(LATE.message);
  expect(await told(() => ADD.run(redis, ['a'], []))).toBe(LATE.message);
  const closed = expect.stringContaining('Connection is closed.') as string;
  expect(logged).toEqual([closed, closed]);
});

describe('whatever else', () => {
  test('goes wrong is told as a fault of the bot, also when it does before anything is awaited', async () => {
    const fault = (): Promise<never> => {
      throw new TypeError('nobody thought of this');
    };
    expect(await told(fault)).toBe('Something went wrong inside the bot. Nothing was done.');
    expect(await told(async () => await redis.call('NONSENSE'))).toMatch(/^Something went wrong/);
    expect(logged).toHaveLength(2);
  });

  test('is refused is told in its own words', async () => {
    expect(await told(() => Promise.reject(new UserError('You may not.')))).toBe('You may not.');
    expect(logged).toEqual([]);
  });

  test('goes well is given back', async () => {
    expect(await told(() => redis.set('a', '1'))).toBe('nothing is wrong');
  });
});
