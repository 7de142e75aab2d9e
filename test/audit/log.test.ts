import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type RedisServer } from '../../demo/system/redis.ts';
import { recordOf, type Entry } from '../../src/audit/chain.ts';
import { openAudit } from '../../src/audit/log.ts';
import type { AuditEvent } from '../../src/audit/record.ts';
import { AUDIT_STREAM, readForwards, readRequest } from '../../src/audit/stream.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { connectRedis } from '../../src/queue/redis.ts';
import { Secret } from '../../src/secret.ts';
import { about, asked, ended } from './events.ts';

const secret = new Secret('a secret that only these tests know');
const silent = pino({ level: 'silent' });

let dir: string;
let server: RedisServer;
let redis: Redis;
/** Whatever becomes of a test, none of them is left. */
const children = new Set<ChildProcess>();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-audit-'));
  server = await startRedis(join(dir, 'redis'));
  redis = connectRedis(server.url, () => undefined);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  redis?.disconnect();
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  await redis.flushall();
});

async function all(): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const part of readForwards(redis)) entries.push(...part);
  return entries;
}

async function requests(): Promise<string[]> {
  return (await all()).map((entry) => {
    const event = recordOf(entry)?.event;
    return event && 'request' in event ? event.request : (event?.event ?? '');
  });
}

async function findings(): Promise<string[]> {
  return (await verifyAudit(redis, secret)).findings.map(({ words }) => words);
}

/** A process that appends; resolves when it has said that all is kept. */
async function appender(name: string, count: number): Promise<() => Promise<void>> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'appender.ts'), server.url, name, String(count), join(dir, 'lines.jsonl')],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const gone = once(child, 'exit');
  children.add(child);
  await Promise.race([once(child.stdout, 'data'), gone.then(() => Promise.reject(new Error('it ended')))]);
  return async () => {
    child.kill('SIGTERM');
    await gone;
  };
}

describe('records', () => {
  test('are kept in the order in which they were told, each request findable by its ID', async () => {
    const audit = openAudit(redis, secret, silent);
    await Promise.all([audit.append(asked('one')), audit.append(asked('two')), audit.append(ended('one'))]);
    await audit.append(ended('two'));
    expect(await requests()).toEqual(['one', 'two', 'one', 'two']);
    expect((await all()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    const story = await readRequest(redis, 'one');
    expect(story.map((entry) => recordOf(entry)?.event.event)).toEqual(['asked', 'ended']);
    expect(await findings()).toEqual([]);
  });

  test('of four processes that append fifty at a time, through a restart of Redis: none lost, none twice', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const started = names.map((name) => appender(name, 500));
    await expect.poll(() => redis.xlen(AUDIT_STREAM), { timeout: 60_000 }).toBeGreaterThan(300);
    // As a crash: what was answered before it must be there after it.
    await server.kill();
    server = await startRedis(join(dir, 'redis'));
    const ends = await Promise.all(started);
    await Promise.all(ends.map((end) => end()));
    const kept = await requests();
    expect(kept.toSorted()).toEqual(
      names.flatMap((name) => Array.from({ length: 500 }, (_, at) => `${name}-${at}`)).toSorted(),
    );
    expect(await findings()).toEqual([]);
    // The same in the file that all four wrote to.
    const { findings: found } = await verifyAudit(redis, secret, { files: [join(dir, 'lines.jsonl')] });
    expect(found).toEqual([]);
    expect(
      (await readFile(join(dir, 'lines.jsonl'), 'utf8')).trim().split('\n').length,
    ).toBeGreaterThanOrEqual(2000);
  }, 150_000);

  test('are not kept by a Redis that is full, which whoever tells of it hears; and go on when there is room', async () => {
    const audit = openAudit(redis, secret, silent);
    await audit.append(asked('before'));
    await redis.config('SET', 'maxmemory', '1');
    const refused = Promise.all([audit.append(asked('full')), audit.append(ended('full'))]);
    await expect(refused).rejects.toThrow('This cannot be put on record, so it is not done.');
    await redis.config('SET', 'maxmemory', '0');
    await audit.append(asked('after'));
    expect(await requests()).toEqual(['before', 'after']);
    expect(await findings()).toEqual([]);
  });

  test('of what only reads are one, or none, or all', async () => {
    const read = { ...about('ab12cd34', 'nodes'), risk: 'read' as const };
    const events: AuditEvent[] = [
      { ...read, event: 'asked', line: 'nodes', reason: '' },
      { ...read, event: 'decided', outcome: 'allow', rule: 'role everyone', reason: '' },
      { ...read, event: 'started', attempt: 1, approvedBy: [] },
      { ...read, event: 'decided', outcome: 'deny', rule: 'no role', reason: '' },
    ];
    for (const [reads, kept] of [
      ['none', ['decided']],
      ['asked', ['asked', 'decided']],
      ['all', ['asked', 'decided', 'started', 'decided']],
    ] as const) {
      await redis.flushall();
      const audit = openAudit(redis, secret, silent, { reads });
      for (const event of events) await audit.append(event);
      expect((await all()).map((entry) => recordOf(entry)?.event.event)).toEqual(kept);
    }
  });
});

describe('a process that goes on', () => {
  test('sees that the end was cut off, tells of it, and leaves the gap to be seen', async () => {
    const audit = openAudit(redis, secret, silent);
    for (const name of ['one', 'two', 'three']) await audit.append(asked(name));
    await redis.xdel(AUDIT_STREAM, '2-0', '3-0');
    expect(await findings()).toEqual(['Records 2 to 3 are missing at the end.']);
    await audit.append(asked('four'));
    expect(await requests()).toEqual(['one', 'lost', 'four']);
    expect(await findings()).toEqual([
      'Records 2 to 3 are missing.',
      'Record 4 tells that Redis ended with record 1 when record 3 had been there before.',
    ]);
  });

  test('sees that all of it was deleted', async () => {
    const audit = openAudit(redis, secret, silent);
    for (const name of ['one', 'two', 'three']) await audit.append(asked(name));
    await redis.del(AUDIT_STREAM);
    expect(await findings()).toEqual([]);
    await openAudit(redis, secret, silent).append(asked('of another process'));
    await audit.append(asked('four'));
    expect(await requests()).toEqual(['of another process', 'lost', 'four']);
    expect(await findings()).toEqual([
      'Records 2 to 3 are missing.',
      'Record 4 tells that Redis ended with record 1 when record 3 had been there before.',
    ]);
  });

  test('is not the only one who tells: the end that was noted elsewhere must be there', async () => {
    const audit = openAudit(redis, secret, silent);
    for (const name of ['one', 'two', 'three']) await audit.append(asked(name));
    const { last } = await verifyAudit(redis, secret);
    expect((await verifyAudit(redis, secret, { head: last })).findings).toEqual([]);
    await redis.del(AUDIT_STREAM);
    await openAudit(redis, secret, silent).append(asked('new'));
    expect((await verifyAudit(redis, secret, { head: last })).findings).toMatchObject([
      { words: 'Record 3, where the audit ended once, is not there.' },
    ]);
  });
});
