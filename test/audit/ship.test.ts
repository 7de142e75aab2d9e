import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { entryOf } from '../../src/audit/chain.ts';
import { openAudit, type OpenAudit } from '../../src/audit/log.ts';
import { AUDIT_STREAM, UNSHIPPED } from '../../src/audit/stream.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { Secret } from '../../src/secret.ts';
import { ownRedis } from '../queue/redis.ts';
import { asked } from './events.ts';

const secret = new Secret('a secret that only these tests know');
const silent = pino({ level: 'silent' });

let own: Awaited<ReturnType<typeof ownRedis>>;
let redis: Redis;
let dir: string;
let path: string;
const opened: OpenAudit[] = [];

beforeAll(async () => {
  own = await ownRedis();
  ({ redis } = own);
});
afterAll(() => own?.stop());
beforeEach(async () => {
  for (const audit of opened.splice(0)) await audit.close();
  await redis.flushall();
  dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-audit-'));
  path = join(dir, 'audit.jsonl');
  return () => rm(dir, { recursive: true, force: true });
});

function open(lines = path, log = silent): OpenAudit {
  const audit = openAudit(redis, secret, log, { lines });
  opened.push(audit);
  return audit;
}

const linesOf = async (file: string): Promise<string[]> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
const seqsOf = async (file: string): Promise<(number | undefined)[]> =>
  (await linesOf(file)).map((line) => entryOf(line)?.seq);

async function verified(files = [path]) {
  const { findings, notes } = await verifyAudit(redis, secret, { files });
  return [...findings.map(({ words }) => words), ...notes];
}

describe('lines', () => {
  test('are the records, one each, in a file that nobody else may read', async () => {
    const audit = open();
    for (const name of ['one', 'two', 'three']) await audit.append(asked(name));
    await expect.poll(() => seqsOf(path)).toEqual([1, 2, 3]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await linesOf(path))[1] ?? '')).toMatchObject({
      seq: 2,
      event: 'asked',
      request: 'two',
      actor: { id: 'U0ALICE', name: 'alice' },
      title: 'scale websky 4',
    });
    await expect.poll(() => redis.zcard(UNSHIPPED)).toBe(0);
    expect(await verified()).toEqual([]);
  });

  test('go on in a new file when the old one was rotated away', async () => {
    const audit = open();
    await audit.append(asked('one'));
    await expect.poll(() => seqsOf(path)).toEqual([1]);
    await rename(path, `${path}.1`);
    await audit.append(asked('two'));
    await expect.poll(() => seqsOf(path)).toEqual([2]);
    expect(await seqsOf(`${path}.1`)).toEqual([1]);
    expect(await verified([`${path}.1`, path])).toEqual([]);
    expect(await verified()).toEqual([
      'Record 1 is in Redis, but not in the file, which begins later or ends earlier.',
    ]);
  });

  test('that cannot be written are told of in the log, kept in Redis, and written later', async () => {
    const logged: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
    const missing = join(dir, 'away', 'audit.jsonl');
    const audit = open(missing, log);
    await audit.append(asked('one'));
    await expect.poll(() => logged.join('')).toContain('lines of the audit cannot be written');
    expect(await redis.xlen(AUDIT_STREAM)).toBe(1);
    // As long ago as somebody waits for another to write it.
    await redis.zadd(UNSHIPPED, Date.now() - 60_000, 1);
    open();
    await expect.poll(() => seqsOf(path), { timeout: 10_000 }).toEqual([1]);
    await expect.poll(() => redis.zcard(UNSHIPPED)).toBe(0);
  });

  test('of a process that died between Redis and the file are written by the next', async () => {
    const dead = openAudit(redis, secret, silent, { lines: join(dir, 'never.jsonl') });
    await dead.append(asked('one'));
    await dead.append(asked('two'));
    await dead.close();
    await rm(join(dir, 'never.jsonl'));
    await redis.zadd(UNSHIPPED, Date.now() - 60_000, 1, Date.now() - 60_000, 2, Date.now() - 60_000, 99);
    const audit = open();
    await expect.poll(() => seqsOf(path)).toEqual([1, 2]);
    await audit.append(asked('three'));
    await expect.poll(() => verified()).toEqual([]);
  });

  test('come on standard output of a process, as whole lines among others', async () => {
    const child = spawn(process.execPath, [
      join(import.meta.dirname, 'appender.ts'),
      own.url,
      'a',
      '100',
      'stdout',
    ]);
    onTestFinished(() => void child.kill('SIGKILL'));
    let out = '';
    child.stdout.on('data', (part: Buffer) => (out += part.toString()));
    const gone = once(child, 'exit');
    await expect
      .poll(() => out.split('\n').filter((line) => entryOf(line)).length, { timeout: 90_000 })
      .toBe(100);
    child.kill('SIGTERM');
    await gone;
    expect(out.split('\n').filter((line) => line !== '' && !entryOf(line))).toEqual(['done']);
  }, 120_000);

  test('that one process writes after another make one file', async () => {
    const [one, two] = [open(), open()];
    await Promise.all(
      Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? one : two).append(asked(`r${at}`))),
    );
    await expect.poll(async () => (await linesOf(path)).length).toBe(400);
    expect(await verified()).toEqual([]);
  });
});

describe('against the file it is found', () => {
  beforeEach(async () => {
    const audit = open();
    for (const name of ['one', 'two', 'three', 'four']) await audit.append(asked(name));
    await audit.close();
  });

  test('that the end was cut off in Redis', async () => {
    const entries = await redis.xrange(AUDIT_STREAM, '-', '2-0');
    await redis.del(AUDIT_STREAM);
    for (const [id, fields] of entries) await redis.xadd(AUDIT_STREAM, id, ...fields);
    expect((await verifyAudit(redis, secret)).findings).toEqual([]);
    expect(await verified()).toEqual(['Records 3 to 4 are in the file, but cut off the end in Redis.']);
  });

  test('that all was deleted, and begun anew', async () => {
    await redis.del(AUDIT_STREAM);
    expect(await verified()).toEqual(['Records 1 to 4 are in the file, but cut off the end in Redis.']);
    await openAudit(redis, secret, silent).append(asked('another'));
    expect(await verified()).toEqual([
      'Records 2 to 4 are in the file, but cut off the end in Redis.',
      'Record 1 is in Redis, but the file tells something else.',
    ]);
  });

  test('that a line was removed, changed, or added', async () => {
    const lines = await linesOf(path);
    const changed = lines.map((line, at) => (at === 1 ? line.replace('alice', 'mallory') : line));
    await rm(path);
    await appendFile(path, `${changed.filter((_, at) => at !== 2).join('\n')}\n`);
    expect(await verified()).toEqual([
      `Line 2 of ${path} (record 2) was changed, or written by somebody who lacks QUEUE_SECRET.`,
      'Records 2 to 3 are in Redis, but not in the file: lines were removed, or a process writes none (AUDIT_LOG is not set).',
    ]);
  });

  test('and that nothing was, where lines are cut or twice', async () => {
    const [first = ''] = await linesOf(path);
    await appendFile(path, `${first}\n${first.slice(0, 200)}\n{"level":"info","msg":"something else"}\n`);
    const { findings, notes } = await verifyAudit(redis, secret, { files: [path] });
    expect(findings).toEqual([]);
    expect(notes).toEqual([
      'One line is there twice, word for word: a process died between writing and noting it.',
    ]);
  });
});
