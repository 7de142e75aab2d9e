import { describe, expect, test } from 'vitest';
import { recordOf } from '../../src/audit/chain.ts';
import type { AuditReader } from '../../src/audit/reader.ts';
import type { AuditEvent } from '../../src/audit/record.ts';
import type { Found, Query, Story } from '../../src/audit/search.ts';
import type { Attachment, Body } from '../../src/cards/body.ts';
import { audit } from '../../src/commands/audit.ts';
import { readQuery } from '../../src/commands/audit-words.ts';
import type { AnswerContext } from '../../src/commands/define.ts';
import { splitWords } from '../../src/commands/words.ts';
import { Secret } from '../../src/secret.ts';
import { mentionsIn } from '../../src/slack/mentions.ts';
import { about, asked, bob, chain, ended } from '../audit/events.ts';
import { objections, readTexts } from '../cards/slack-takes.ts';
import { facts } from './reading.ts';

const secret = new Secret('a secret that only these tests know');

function story(request: string, events: AuditEvent[]): Story {
  const records = chain(events, secret).flatMap((entry) => {
    const record = recordOf(entry);
    return record ? [{ record, entry }] : [];
  });
  return { request, records };
}

const join = story('ab12cd34', [
  asked('ab12cd34', 'join fedora-03'),
  {
    ...about('ab12cd34', 'join fedora-03'),
    event: 'decided',
    outcome: 'ask',
    rule: 'role operators',
    reason: '',
  },
  { ...about('ab12cd34', 'join fedora-03'), event: 'approved', by: bob, round: 1, reason: '' },
  { ...about('ab12cd34', 'join fedora-03'), event: 'started', attempt: 10_001, approvedBy: [bob] },
  {
    ...about('ab12cd34', 'join fedora-03'),
    event: 'changing',
    step: 'Join',
    what: 'join fedora-03 as worker',
  },
  {
    ...about('ab12cd34', 'join fedora-03'),
    event: 'changed',
    step: 'Join',
    what: 'join fedora-03 as worker',
    outcome: 'done',
    error: '',
  },
  {
    ...about('ab12cd34', 'join fedora-03'),
    event: 'ended',
    phase: 'done',
    message: '',
    hostKeys: { 'fedora-03': 'SHA256:abc' },
  },
]);

const nothing: Found = { stories: [], more: false, stoppedAt: undefined };

/** What is answered to the line, what was looked for, and what was sent. */
async function answer(text: string, found: Found = nothing, known: Story[] = [], altered = 0) {
  const sent: Attachment[] = [];
  let query: Query | undefined;
  const reader: AuditReader = {
    search: (asked) => {
      query = asked;
      return Promise.resolve(found);
    },
    story: (request) =>
      Promise.resolve(known.find((one) => one.request === request) ?? { request, records: [] }),
    altered: () => altered,
    lines: () => Promise.resolve('lines'),
  };
  const context = {
    audit: reader,
    mentioned: mentionsIn(text),
    sendFile: (file: Attachment) => void sent.push(file),
    slash: '/swarm',
  } as unknown as AnswerContext;
  const body = (await audit.answer(splitWords(text), facts, context)) as Body;
  expect(objections(body)).toEqual([]);
  return { body, words: readTexts(body).join('\n'), query, sent };
}

describe('what somebody looks for', () => {
  const now = 1_700_000_000_000;
  const day = 86_400_000;
  test.each<[string, Query]>([
    ['', { words: [], people: [], since: 0 }],
    ['websky', { words: ['websky'], people: [], since: 0 }],
    ['<@U0ALICE|alice> 24h', { words: [], people: [{ id: 'U0ALICE' }], since: now - day }],
    ['<@U0ALICE> websky', { words: ['websky'], people: [{ id: 'U0ALICE' }], since: 0 }],
    ['@alice websky --since 7d', { words: ['websky'], people: [{ name: 'alice' }], since: now - 7 * day }],
    ['alice', { words: ['alice'], people: [], since: 0 }],
    ['websky 2w', { words: ['websky'], people: [], since: now - 14 * day }],
    ['websky 24h --since 7d', { words: ['websky', '24h'], people: [], since: now - 7 * day }],
  ])('%s', async (text, query) => {
    const back = / --since (\d)d$/.exec(text)?.[1];
    const words = splitWords(text.replace(/ --since.*/, ''));
    expect(readQuery(words, back ? Number(back) * day : null, mentionsIn(text), now)).toEqual(query);
  });

  test('is asked of the audit, a wrong span is refused', async () => {
    const { query } = await answer('<@U0ALICE|alice> websky --since 7d');
    expect(query).toMatchObject({ words: ['websky'], people: [{ id: 'U0ALICE' }] });
    await expect(answer('websky --since soon')).rejects.toThrow('"soon" is not a span of time.');
  });
});

describe('an answer', () => {
  test('has a line for each request, newest first, with a button for its story', async () => {
    const refusal = story('', [
      { ...about('', 'join'), event: 'decided', outcome: 'deny', rule: 'no role', reason: '' },
    ]);
    const read = story('k3', [{ ...asked('k3', 'nodes'), risk: 'read' } as AuditEvent]);
    const { body, words } = await answer('<@U0ALICE|alice>', {
      stories: [join, refusal, read],
      more: true,
      stoppedAt: 1_700_000_000_000,
    });
    expect(words).toContain(
      ':white_check_mark: *join fedora-03*  done, approved by <@U0BOB>\n<@U0ALICE>, <!date^',
    );
    expect(words).toContain(':no_entry: *join* of <@U0ALICE>: refused (no role)');
    expect(words).toContain(':mag: *nodes*  looked at');
    expect(words).toContain('There are more: narrow it down');
    expect(words).toContain('Looked at what happened since');
    expect(JSON.stringify(body.blocks)).toContain('"value":"audit ab12cd34"');
  });

  test('tells one request from its beginning to its end', async () => {
    const { body, words } = await answer('AB12CD34', nothing, [join]);
    const told = words.replaceAll(/<!date[^>]*>/g, 'TIME');
    expect(told).toContain(
      [
        'TIME  asked by <@U0ALICE> in <#C0OPS>',
        'TIME  needs an approval (role operators)',
        'TIME  approved by <@U0BOB>',
        'TIME  begun, approved by <@U0BOB>',
        'TIME  Join: `join fedora-03 as worker` is done',
        'TIME  ended: done',
      ].join('\n'),
    );
    expect(told).toContain('Spoken with, by their SSH host keys: fedora-03 `SHA256:abc`');
    expect(told).toContain('`ab12cd34`, TIME, records 1 to 7 of the audit');
    expect(body.text).toBe('join fedora-03: done.');
    expect((await answer('fedora-03', { ...nothing, stories: [join] })).body).toEqual(body);
  });

  test('shows what began and never ended', async () => {
    const cut = story(
      'ab12cd34',
      join.records.slice(0, 5).map(({ record }) => record.event),
    );
    const { words } = await answer('ab12cd34', nothing, [cut]);
    expect(words).toContain('Join: `join fedora-03 as worker` begins');
    expect(words).toContain('*join fedora-03*  running');
  });

  test('warns of records that are not as they were written', async () => {
    const { words } = await answer('ab12cd34', nothing, [join], 1);
    expect(words).toContain(
      'One of these records is not as they were written: somebody else writes to the Redis',
    );
  });

  test('shows other people’s words as text, and fits into a message', async () => {
    const evil = '<!channel> *a* `b` <@U0BOB> &amp; <https://x|y>'.repeat(8).slice(0, 300);
    const stories = Array.from({ length: 30 }, (_, at) =>
      story(`r${at}`, [
        asked(`r${at}`, evil),
        { ...about(`r${at}`, evil), event: 'denied', by: bob, round: 1, reason: evil },
        { ...ended(`r${at}`, evil), message: evil } as AuditEvent,
      ]),
    );
    const { words } = await answer('', { ...nothing, stories });
    expect(words).not.toContain('<!channel>');
    const { words: one } = await answer('r3', nothing, stories);
    expect(one).not.toContain('<!channel>');
    expect(one).toContain('&lt;!channel&gt;');
    const strange = { ...about('', 'x'), actor: { id: '', name: evil, team: '' }, channel: evil };
    const refusal = story('', [{ ...strange, event: 'decided', outcome: 'deny', rule: evil, reason: '' }]);
    expect((await answer('x', { ...nothing, stories: [refusal, refusal] })).words).not.toContain(
      '<!channel>',
    );
  });

  test('says that nothing fits, or sends a file', async () => {
    expect((await answer('websky')).words).toContain('Nothing on record fits.');
    const { words, sent } = await answer('websky --export');
    expect(words).toContain('as a file in a direct message to you');
    expect(sent).toMatchObject([{ name: 'audit.jsonl', title: 'Audit websky' }]);
    const content = sent[0]?.content;
    expect(typeof content === 'function' && (await content())).toBe('lines');
  });
});
