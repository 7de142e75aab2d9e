import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openAudit } from '../../src/audit/log.ts';
import { openReader } from '../../src/audit/reader.ts';
import type { AuditEvent } from '../../src/audit/record.ts';
import { fits, search } from '../../src/audit/search.ts';
import { AUDIT_STREAM } from '../../src/audit/stream.ts';
import { Secret } from '../../src/secret.ts';
import { ownRedis } from '../queue/redis.ts';
import { about, alice, asked, bob, ended } from './events.ts';

const secret = new Secret('a secret that only these tests know');
const BOUNDS = { stories: 30, records: 50_000, ms: 10_000 };
const ALL = { words: [], people: [], since: 0 };

let own: Awaited<ReturnType<typeof ownRedis>>;
let redis: Redis;

beforeAll(async () => {
  own = await ownRedis();
  ({ redis } = own);
});
afterAll(() => own?.stop());
beforeEach(async () => {
  await redis.flushall();
});

async function keep(events: AuditEvent[]): Promise<void> {
  const audit = openAudit(redis, secret, pino({ level: 'silent' }));
  await Promise.all(events.map((event) => audit.append(event)));
}

const approved = (request: string, title?: string): AuditEvent => ({
  ...about(request, title),
  event: 'approved',
  by: bob,
  round: 1,
  reason: 'looks fine',
});

describe('a record fits', () => {
  test.each<[string, string[], boolean]>([
    ['a name', ['websky'], true],
    ['a part of one, in capitals', ['SKY'.toLowerCase()], true],
    ['a command and a name', ['scale', 'websky'], true],
    ['a reason', ['fine'], true],
    ['the name of a person', ['bob'], true],
    ['what happened', ['approved'], true],
    ['something else', ['fedora-03'], false],
    ['one of two', ['websky', 'fedora-03'], false],
    ['the name of a field', ['channel'], false],
  ])('%s', (_name, words, fit) => {
    expect(fits(approved('ab12cd34'), words, [])).toBe(fit);
  });

  test('people by ID, or by the name of the time: whoever asked, approved, cancelled', () => {
    const event = approved('ab12cd34');
    expect(fits(event, [], [{ id: alice.id }])).toBe(true);
    expect(fits(event, [], [{ id: bob.id }, { name: 'Alice' }])).toBe(true);
    expect(fits(event, [], [{ id: 'U0CAROL' }])).toBe(false);
    expect(fits(event, [], [{ name: 'carol' }])).toBe(false);
    const started: AuditEvent = { ...about('x'), event: 'started', attempt: 1, approvedBy: [bob] };
    expect(fits(started, [], [{ id: bob.id }])).toBe(true);
  });

  test('a configuration only when it is asked for', () => {
    const event: AuditEvent = {
      event: 'configuration',
      process: 'bot',
      version: '1.0.0',
      digest: 'abc',
      summary: ['role operators: join, leave'],
    };
    expect(fits(event, ['join'], [])).toBe(false);
    expect(fits(event, ['config', 'join'], [])).toBe(true);
  });
});

describe('a search', () => {
  test('gives requests, the newest first, each with all of its records', async () => {
    await keep([
      asked('first', 'join fedora-03'),
      asked('second', 'scale websky 4'),
      approved('first', 'join fedora-03'),
      ended('second', 'scale websky 4'),
      ended('first', 'join fedora-03'),
      { event: 'forged', request: 'third', why: 'no signature' },
    ]);
    const { stories, more, stoppedAt } = await search(redis, ALL, BOUNDS);
    expect(
      stories.map(({ request, records }) => [request, records.map(({ record }) => record.event.event)]),
    ).toEqual([
      ['third', ['forged']],
      ['first', ['asked', 'approved', 'ended']],
      ['second', ['asked', 'ended']],
    ]);
    expect({ more, stoppedAt }).toEqual({ more: false, stoppedAt: undefined });
    const byBob = await search(redis, { ...ALL, people: [{ id: bob.id }] }, BOUNDS);
    expect(byBob.stories.map(({ request }) => request)).toEqual(['first']);
    expect(byBob.stories[0]?.records).toHaveLength(3);
  });

  test('finds other people’s words whatever is in them', async () => {
    const title = 'scale "we\\b" — sky\n*x*';
    await keep([asked('odd', title)]);
    for (const word of ['"we', 'we\\b', 'sky\n*x', '— sky']) {
      const { stories } = await search(redis, { ...ALL, words: [word] }, BOUNDS);
      expect(stories, word).toHaveLength(1);
    }
  });

  test('ends at the time that is asked for, at its bounds, and says so', async () => {
    await keep(Array.from({ length: 50 }, (_, at) => asked(`r${at}`)));
    const future = await search(redis, { ...ALL, since: Date.now() + 60_000 }, BOUNDS);
    expect(future).toEqual({ stories: [], more: false, stoppedAt: undefined });
    const few = await search(redis, ALL, { ...BOUNDS, stories: 30 });
    expect(few.stories).toHaveLength(30);
    expect(few.stories[0]?.request).toBe('r49');
    expect(few.more).toBe(true);
    const bounded = await search(redis, { ...ALL, words: ['nothing'] }, { ...BOUNDS, records: 10 });
    expect(bounded.stories).toEqual([]);
    expect(bounded.stoppedAt).toBeGreaterThan(Date.now() - 60_000);
    const late = await search(redis, { ...ALL, words: ['nothing'] }, { ...BOUNDS, ms: 0 });
    expect(late.stoppedAt).toBeDefined();
  });

  test('says how many of its records are not as they were written, and sends the rest as lines', async () => {
    await keep([asked('one'), approved('one'), ended('one')]);
    const reader = openReader(redis, secret);
    expect(reader.altered([await reader.story('one')])).toBe(0);
    const [[id, fields] = ['', []]] = await redis.xrange(AUDIT_STREAM, '3-0', '3-0');
    await redis.xdel(AUDIT_STREAM, id);
    const [name = '', text = '', ...hash] = fields;
    await redis.del(AUDIT_STREAM);
    await redis.xadd(AUDIT_STREAM, '3-0', name, text.replace('done', 'failed'), ...hash);
    const story = await reader.story('one');
    expect(story.records).toHaveLength(1);
    expect(reader.altered([story])).toBe(1);
    expect(await reader.story('unknown')).toEqual({ request: 'unknown', records: [] });
    expect(await reader.lines(ALL)).toMatch(/^\{"seq":3,.*"hash":"[0-9a-f]{64}"\}\n$/);
  });
});
