/** What is owed to the audit: put on record once, by whoever comes first; and nothing that nobody has signed. */
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { recordOf } from '../../src/audit/chain.ts';
import { openAudit } from '../../src/audit/log.ts';
import { owe, OWED } from '../../src/audit/owed.ts';
import type { AuditEvent } from '../../src/audit/record.ts';
import { readForwards, readRequest } from '../../src/audit/stream.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { connectRedis } from '../../src/queue/redis.ts';
import { Secret } from '../../src/secret.ts';
import { ownRedis } from '../queue/redis.ts';
import { secret } from '../queue/request.ts';
import { about } from './events.ts';

const silent = pino({ level: 'silent' });
let redis: Redis;
let url: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ redis, url, stop } = await ownRedis());
});
afterAll(() => stop());
beforeEach(async () => {
  await redis.flushall();
});

const by = { id: 'U2', name: 'bob', team: 'T1' };
const approved = (request: string, round = 1): AuditEvent => ({
  ...about(request, 'join'),
  event: 'approved',
  by,
  round,
  reason: '',
});
const entryOf = (event: AuditEvent): Buffer => owe(event, secret).entries[0] ?? Buffer.of();

async function all(): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for await (const part of readForwards(redis))
    events.push(...part.flatMap((entry) => recordOf(entry)?.event ?? []));
  return events;
}

describe('what is owed', () => {
  test('is put on record once and in its order, whichever of many come for it', async () => {
    const others = [connectRedis(url, () => undefined), connectRedis(url, () => undefined)];
    const audits = [redis, ...others].map((own) => openAudit(own, secret, silent));
    for (let round = 1; round <= 50; round += 1) {
      const own = owe(approved(`r${round}`, 1), secret);
      await redis.rpush(OWED, ...own.entries, entryOf(approved(`r${round}`, 2)));
      // Each of them comes for it twice at once: for two presses at the same moment.
      const comes = [...audits, ...audits];
      await Promise.all(comes.map((audit, at) => audit.settle(at === 0 ? own : undefined)));
      // On record for each of them, when it says so.
      const records = await readRequest(redis, `r${round}`);
      expect(records.map((entry) => recordOf(entry)?.event)).toMatchObject([{ round: 1 }, { round: 2 }]);
    }
    expect(await redis.exists(OWED)).toBe(0);
    expect(await all()).toHaveLength(100);
    expect((await verifyAudit(redis, secret)).findings).toEqual([]);
    for (const other of others) other.disconnect();
  }, 60_000);

  test('is more than one look takes', async () => {
    await redis.rpush(OWED, ...Array.from({ length: 250 }, (_, at) => entryOf(approved(`r${at}`))));
    await openAudit(redis, secret, silent).settle();
    expect((await all()).map((event) => 'request' in event && event.request)).toEqual(
      Array.from({ length: 250 }, (_, at) => `r${at}`),
    );
  });

  test('is told once although somebody puts it there twice, or back', async () => {
    const audit = openAudit(redis, secret, silent);
    const entry = entryOf(approved('a'));
    // The same, written in another way.
    await redis.rpush(OWED, entry, entry, ` ${entry.toString()}`);
    await audit.settle();
    await redis.rpush(OWED, entry);
    await audit.settle();
    expect(await all()).toHaveLength(1);
    expect(await redis.exists(OWED)).toBe(0);
  });

  test('is told by whoever owes it although somebody has taken it out', async () => {
    const own = owe(approved('a'), secret);
    await openAudit(redis, secret, silent).settle(own);
    await openAudit(redis, secret, silent).settle(own);
    expect(await all()).toMatchObject([{ event: 'approved', request: 'a' }]);
  });

  test('stays owed where Redis is full', async () => {
    const audit = openAudit(redis, secret, silent);
    const own = owe(approved('a'), secret);
    await redis.rpush(OWED, ...own.entries);
    await redis.config('SET', 'maxmemory', '1');
    await expect(audit.settle(own)).rejects.toThrow('This cannot be put on record');
    await redis.config('SET', 'maxmemory', '0');
    await audit.settle();
    expect(await all()).toMatchObject([{ event: 'approved' }]);
  });
});

test('what nobody has signed so is thrown away, noticed, and never on record', async () => {
  const logged: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => void logged.push(line) });
  const genuine = entryOf(approved('a'));
  const { text, signature } = JSON.parse(genuine.toString()) as { text: string; signature: string };
  const forged = [
    JSON.stringify({ text: text.replace('"bob"', '"eve"'), signature }),
    JSON.stringify({ text: text.replace('"approved"', '"denied"'), signature }),
    JSON.stringify({ text, signature: '0'.repeat(64) }),
    JSON.stringify({ text }),
    owe(approved('b'), new Secret('of somebody else, who writes to Redis')).entries[0] ?? '',
    'no JSON',
    Buffer.from([0xff, 0xfe, 0x00]),
    '',
  ];
  await redis.rpush(OWED, ...forged.slice(0, 4), genuine, ...forged.slice(4));
  const audit = openAudit(redis, secret, log);
  await audit.settle();
  await audit.settle();
  const why = expect.stringContaining('no bot has signed') as string;
  expect(await all()).toEqual([
    expect.objectContaining({ event: 'approved', request: 'a', by }),
    { event: 'forged', request: '', why },
  ]);
  expect(logged).toHaveLength(1);
  expect(JSON.parse(logged[0] ?? '')).toMatchObject({ level: 50, entries: forged.length });
  expect(await redis.exists(OWED)).toBe(0);
});
