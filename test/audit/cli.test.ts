import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { entryOf, lineOf } from '../../src/audit/chain.ts';
import { openAudit } from '../../src/audit/log.ts';
import { AUDIT_STREAM, readForwards, requestIndex } from '../../src/audit/stream.ts';
import { Secret } from '../../src/secret.ts';
import { ownRedis } from '../queue/redis.ts';
import { about, asked, bob, ended } from './events.ts';

const QUEUE_SECRET = 'a secret that only these tests know';
const secret = new Secret(QUEUE_SECRET);

let own: Awaited<ReturnType<typeof ownRedis>>;
let redis: Redis;
let dir: string;

beforeAll(async () => {
  own = await ownRedis();
  ({ redis } = own);
  dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-audit-'));
});
afterAll(async () => {
  await own?.stop();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  await redis.flushall();
});

interface Run {
  code: number;
  out: string;
  err: string;
}

/** `npm run audit -- WORDS`, without npm. */
async function audit(words: string[], env: Record<string, string> = {}): Promise<Run> {
  const argv = [join(import.meta.dirname, '../../src/audit-cli.ts'), ...words];
  const options = {
    env: {
      PATH: process.env['PATH'] ?? '',
      // As npm's runner has it: compiled code is kept, and the next start is quicker.
      NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/node'),
      QUEUE_SECRET,
      REDIS_URL: own.url,
      ...env,
    },
  };
  return await new Promise((done) => {
    const child = execFile(process.execPath, argv, options, (_error, out, err) => {
      done({ code: child.exitCode ?? -1, out, err });
    });
  });
}

async function fill(): Promise<string> {
  const log = openAudit(redis, secret, pino({ level: 'silent' }));
  await log.append(asked('ab12cd34', 'join fedora-03'));
  await log.append({
    ...about('ab12cd34', 'join fedora-03'),
    event: 'approved',
    by: bob,
    round: 1,
    reason: '',
  });
  await log.append({
    ...ended('ab12cd34', 'join fedora-03'),
    hostKeys: { 'fedora-03': 'SHA256:abc' },
  } as never);
  await log.append({ event: 'forged', request: 'zz', why: 'said "hello",\nand =HYPERLINK(1)' });
  const file = join(dir, `${Math.random()}.jsonl`);
  const lines: string[] = [];
  for await (const entries of readForwards(redis)) lines.push(...entries.map(lineOf));
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

describe('verify', { timeout: 120_000 }, () => {
  test('proves what is there, and says where it ends', async () => {
    const file = await fill();
    const { code, out } = await audit(['verify']);
    expect(code).toBe(0);
    expect(out).toMatch(/^4 records, from 1 to 4\. It ends with 4:[0-9a-f]{64}\nEach is as it was written/);
    expect(out).toContain('with --file, or --head of an earlier day');
    const head = /4:[0-9a-f]{64}/.exec(out)?.[0] ?? '';
    const compared = await audit(['verify', '--file', file, '--head', head]);
    expect(compared.out).toContain(`The same is in ${file}.`);
    expect(compared.code).toBe(0);
  });

  test('says what is wrong, with exit code 1', async () => {
    const file = await fill();
    const [[id, fields] = ['', []]] = await redis.xrange(AUDIT_STREAM, '2-0', '2-0');
    const rest = await redis.xrange(AUDIT_STREAM, '3-0', '+');
    await redis.xtrim(AUDIT_STREAM, 'MAXLEN', 0);
    await redis.del(AUDIT_STREAM);
    const [name = '', text = '', ...hash] = fields;
    await redis.xadd(AUDIT_STREAM, id, name, text.replace('bob', 'rob'), ...hash);
    for (const [at, those] of rest.slice(0, 1)) await redis.xadd(AUDIT_STREAM, at, ...those);
    const { code, out } = await audit(['verify'], { AUDIT_LOG: file });
    expect(code).toBe(1);
    expect(out).toContain(
      '- Record 1 is missing at the beginning, and no record tells that somebody trimmed them.\n',
    );
    expect(out).toContain('- Record 2 was changed, or written by somebody who lacks QUEUE_SECRET.\n');
    expect(out).toContain('- Record 4 is in the file, but cut off the end in Redis.\n');
    expect(out).toMatch(/The audit is NOT as it was written\.\n$/);
  });

  test('says that there is nothing, that Redis is away, that settings are wrong', async () => {
    const [nothing, none, away, unset, noFile, noFolder, unknown, help] = await Promise.all([
      audit(['verify']),
      audit(['show']),
      audit(['verify'], { REDIS_URL: 'unix:///nowhere.sock' }),
      audit(['verify'], { QUEUE_SECRET: '' }),
      audit(['verify', '--file', join(dir, 'none')]),
      audit(['verify'], { AUDIT_LOG: '/nowhere/audit.jsonl' }),
      audit(['frobnicate']),
      audit(['help']),
    ]);
    expect(nothing).toMatchObject({ code: 0, out: 'There is no record yet.\n' });
    expect(none).toMatchObject({ code: 0, err: 'There is no such record.\n' });
    for (const [run, code, says] of [
      [away, 1, 'Redis cannot be reached'],
      [unset, 1, 'QUEUE_SECRET is missing'],
      [noFile, 1, 'none cannot be read: ENOENT'],
      [noFolder, 1, 'AUDIT_LOG must be'],
      [unknown, 2, 'There is no "frobnicate".'],
    ] as const) {
      expect(run.err).toContain(says);
      expect(run.code).toBe(code);
    }
    expect(help.code).toBe(0);
    expect(help.out).toContain('npm run audit -- verify');
  });
});

describe('show and export', { timeout: 120_000 }, () => {
  test('tell what fits, for people and for programs', async () => {
    await fill();
    const { out } = await audit(['show', 'fedora-03', 'bob']);
    expect(out).toMatch(/^2 \d{4}-.*Z ab12cd34 "join fedora-03" approved by bob \(U0BOB\)\n$/);
    const json = await audit(['export', 'join', '--since', '1h']);
    expect(
      json.out
        .trim()
        .split('\n')
        .map((line) => entryOf(line)?.seq),
    ).toEqual([1, 2, 3]);
    const csv = (await audit(['export', '--csv'])).out.split('\r\n');
    expect(csv[0]).toBe('seq,time,event,request,person,name,channel,command,title,targets,by,what,hash');
    expect(csv[1]).toMatch(/^1,.*,asked,ab12cd34,U0ALICE,alice,C0OPS,join,join fedora-03,service:websky,,/);
    expect(csv[4]).toContain('""hello""');
    expect(csv).toHaveLength(6);
  });
});

describe('trim', { timeout: 120_000 }, () => {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

  test('takes out only what is in a file, and the rest still proves', async () => {
    const file = await fill();
    const refused = await audit(['trim', '--before', tomorrow]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('Record 1 is in no file yet, so nothing was trimmed.');
    expect(await redis.xlen(AUDIT_STREAM)).toBe(4);

    const { out, code } = await audit(['trim', '--before', tomorrow, '--file', file]);
    expect(out).toBe('4 records were trimmed, up to record 4. A record tells of it.\n');
    expect(code).toBe(0);
    expect(await redis.exists(requestIndex('ab12cd34'))).toBe(0);
    await openAudit(redis, secret, pino({ level: 'silent' })).append(asked('newer'));
    expect((await audit(['verify'])).out).toContain('2 records, from 5 to 6.');
    expect((await audit(['verify', '--file', file])).code).toBe(0);

    const other = join(dir, 'exported.jsonl');
    expect((await audit(['trim', '--before', tomorrow, '--export', other])).code).toBe(0);
    expect((await stat(other)).mode & 0o777).toBe(0o600);
    expect((await readFile(other, 'utf8')).trim().split('\n')).toHaveLength(2);
    expect((await audit(['verify', '--file', file, '--file', other])).code).toBe(0);

    // Somebody takes out more than that, and nothing tells of it.
    await redis.xtrim(AUDIT_STREAM, 'MAXLEN', 0);
    expect((await audit(['verify'])).code).toBe(1);
  });

  test('touches nothing that does not prove, and needs to know up to when', async () => {
    await fill();
    await redis.xdel(AUDIT_STREAM, '2-0');
    const refused = await audit(['trim', '--before', tomorrow, '--export', join(dir, 'x.jsonl')]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('The audit does not prove, so nothing was trimmed. Record 2 is missing.');
    expect(await redis.xlen(AUDIT_STREAM)).toBe(3);
    expect(await audit(['trim'])).toMatchObject({ code: 2 });
    expect((await audit(['trim', '--before', '2020-01-01', '--export', join(dir, 'y.jsonl')])).out).toBe(
      'There is nothing older, so nothing was trimmed.\n',
    );
  });
});
