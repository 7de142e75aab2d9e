/** What people and engines can choose (names, reasons, lines, errors) never becomes markup, on whatever card it stands. */
import { describe, expect, test } from 'vitest';
import type { Read } from '../../src/audit/search.ts';
import type { AuditEvent } from '../../src/audit/record.ts';
import type { Body } from '../../src/cards/body.ts';
import type { AnswerContext, JobCommand, Waiting } from '../../src/commands/define.ts';
import { findCommand } from '../../src/commands/find.ts';
import { commands, topics } from '../../src/commands/index.ts';
import type { Form } from '../../src/commands/form.ts';
import type { May } from '../../src/commands/may.ts';
import { quoted, splitWords } from '../../src/commands/words.ts';
import { UserError } from '../../src/errors.ts';
import { pressed, signPreview } from '../../src/queue/approval.ts';
import { sign } from '../../src/queue/envelope.ts';
import type { Phase, Request } from '../../src/queue/request.ts';
import { approverCopy } from '../../src/slack/approver-copy.ts';
import { askingOf } from '../../src/slack/asking.ts';
import { card } from '../../src/slack/card.ts';
import { refusal, refusedRequest } from '../../src/slack/failures.ts';
import { announcement, mentionOfAll, toRequester } from '../../src/slack/notices.ts';
import { reasonForm } from '../../src/slack/reason.ts';
import { facts } from '../commands/reading.ts';
import { request, RESULTS } from '../commands/results.ts';
import { newEnvelope, secret } from '../queue/request.ts';
import { section } from '../../src/cards/blocks.ts';
import { HOSTILE, HOSTILE_LINES, markupIn } from './markup.ts';

const SHAPE = { text: HOSTILE, many: 2 };
const PHASES: Phase[] = [
  'accepted',
  'queued',
  'asking',
  'approved',
  'waiting',
  'running',
  'done',
  'incomplete',
  'failed',
  'refused',
  'cancelled',
  'expired',
  'denied',
  'withdrawn',
];
const jobCommands = commands.flatMap((command) => (command.kind === 'job' ? [command] : []));
const commandOf = (name: string): JobCommand => {
  const found = jobCommands.find((command) => command.name === name);
  if (!found) throw new Error(`There is no job behind ${name}.`);
  return found;
};
const JOIN = commandOf('join');

const of = ({ text, blocks }: Body): string[] => markupIn(blocks, text);

/** A request of somebody with a hostile name, asked with a hostile reason, shown with hostile sentences. */
function asked(phase: Phase, more: Partial<Request> = {}): Request {
  const evil = { id: 'U0BOB', name: HOSTILE_LINES, team: 'T1' };
  const base = request('join', phase, SHAPE);
  const { id, command, title, requester, channel } = base;
  const envelope = newEnvelope(id, {
    command,
    title,
    requester,
    channel,
    reason: HOSTILE_LINES,
    authority: { kind: 'ask', rule: 'role operators' },
  });
  const round = { round: 2, expiresAt: Date.now() + 60_000 };
  const preview = signPreview(
    envelope,
    round,
    { says: [HOSTILE_LINES, HOSTILE], warnings: [HOSTILE_LINES], facts: [{ what: HOSTILE, value: HOSTILE }] },
    secret,
  );
  const shown: Request = {
    ...base,
    requester: { ...requester, name: HOSTILE_LINES },
    reason: HOSTILE_LINES,
    live: HOSTILE,
    approval: {
      ...round,
      approvers: [HOSTILE],
      quorum: 2,
      expiresMs: 60_000,
      preview,
      grants: [],
      changed: [HOSTILE_LINES],
    },
    ...more,
  };
  const press = pressed(
    { request: { ...shown, phase: 'asking' }, envelope: sign(envelope, secret) },
    { kind: 'approve', by: evil },
    2,
    secret,
    Date.now(),
  );
  if (press.kind !== 'changed') throw new Error(`The press does not count: ${JSON.stringify(press)}`);
  const { approval } = press.request;
  const failure = { message: `${HOSTILE_LINES} denied it: ${HOSTILE_LINES}`, hint: HOSTILE_LINES };
  const denied = { by: evil, reason: HOSTILE_LINES, at: Date.now() };
  return {
    ...shown,
    ...(shown.failure || phase === 'denied' ? { failure } : {}),
    ...(approval ? { approval: { ...approval, ...(phase === 'denied' ? { denied } : {}) } } : {}),
  };
}

test('the walker finds what it is for', () => {
  const found = of({ text: HOSTILE, blocks: [section(HOSTILE)] }).join('\n');
  for (const what of [
    'broadcast',
    'U0000ALICE',
    'usergroup',
    'channel C0',
    'link to https',
    'a date',
    'evilbold',
  ])
    expect(found).toContain(what);
  const unsaid = [{ type: 'section', text: { type: 'mrkdwn', text: 'https://evil.example' } }];
  expect(markupIn(unsaid)).toHaveLength(1);
  expect(markupIn([{ type: 'rich_text', elements: [{ type: 'broadcast', range: 'here' }] }])).toHaveLength(1);
});

describe.each(jobCommands.map((command) => [command.name, command] as const))('%s', (name, command) => {
  test.each(['done', 'incomplete', 'cancelled'] as const)('a result that is %s', (phase) => {
    for (const result of RESULTS[command.job](SHAPE))
      expect(of(card(request(name, phase, SHAPE, result), command))).toEqual([]);
  });

  test('words that do not fit', () => {
    for (const words of [[HOSTILE], [HOSTILE, HOSTILE], HOSTILE.split(' '), [`--${HOSTILE}`]]) {
      for (const example of command.examples) {
        const { rest } = findCommand(splitWords(example), commands, '/swarm');
        for (const given of [words, [...rest, ...words], [...rest.slice(0, -1), ...words]])
          expect(tried(() => command.parse(given, facts))).toEqual([]);
      }
    }
  });

  test('its form', () => {
    for (const words of [[], [HOSTILE]]) {
      const { rest } = findCommand(splitWords(command.examples[0]), commands, '/swarm');
      const ask = () => command.form?.ask([...rest.slice(0, 1), ...words], facts);
      const intro = introOf(ask);
      expect(intro ? markupIn([section(intro)]) : []).toEqual([]);
    }
  });
});

describe.each(PHASES)('a request that is %s', (phase) => {
  const cases: [string, Request][] = [
    ['asked for', asked(phase)],
    ['with broken glass', asked(phase, { brokeGlass: true })],
  ];
  test.each(cases)('on its card, %s', (_how, shown) => {
    for (const name of ['join', 'scale'] as const)
      for (const result of RESULTS[name](SHAPE))
        expect(of(card({ ...shown, result }, commandOf(name)))).toEqual([]);
  });

  test.each(cases)('told elsewhere, %s', (_how, without) => {
    const shown = { ...without, result: RESULTS.join(SHAPE)[0] };
    const reader = { reader: 'U0BOB', round: 2, whom: '', link: '' };
    expect(of(approverCopy(shown, JOIN, reader))).toEqual([]);
    expect(of(approverCopy(shown, JOIN, { ...reader, reader: 'U0CAROL' }))).toEqual([]);
    expect(of(announcement(shown, JOIN, { link: '', loud: false }))).toEqual([]);
    expect(of(toRequester(shown, ''))).toEqual([]);
    expect(of(mentionOfAll(shown, 'operators'))).toEqual([]);
    expect(of(refusedRequest(shown))).toEqual([]);
  });
});

test('a reason that is asked for in a form', () => {
  for (const breaks of [true, false]) {
    const { intro } = reasonForm(HOSTILE, breaks);
    expect(markupIn([section(intro ?? '')])).toEqual([]);
  }
});

test('a refusal, with its remedies', () => {
  const remedies = [{ label: HOSTILE, line: HOSTILE, confirm: HOSTILE }];
  expect(of(refusal(new UserError(HOSTILE_LINES, { hint: HOSTILE_LINES, remedies })))).toEqual([]);
  expect(of(refusal(new UserError(`There is no job ${quoted(HOSTILE)}.`)))).toEqual([]);
});

describe('answers of the bot itself', () => {
  const line = (words: string) => async (known: Request[], may: May) => await answer(words, known, may);
  const all = PHASES.map((phase) => asked(phase));
  const mays: May[] = [
    { kind: 'yes', only: [HOSTILE] },
    {
      kind: 'ask',
      only: [HOSTILE],
      approval: { whom: [HOSTILE], quorum: 2, reasonNeeded: true, now: true },
    },
    { kind: 'look', only: [HOSTILE], why: [HOSTILE] },
    { kind: 'no', why: [HOSTILE, { person: HOSTILE }, { group: HOSTILE }, { channel: HOSTILE }] },
  ];

  test.each([
    ...commands.flatMap((command) => (command.kind === 'answer' ? command.examples : [])),
    ...commands.map(({ name }) => `help ${name}`),
    `help "${HOSTILE}"`,
    `job "${HOSTILE}"`,
    `cancel "${HOSTILE}"`,
    `audit "${HOSTILE}"`,
    HOSTILE,
    'job k3f9x2ab',
  ])('%s', async (words) => {
    for (const may of mays) {
      const body = await line(words)(all, may).catch((error: unknown) => {
        if (error instanceof UserError) return refusal(error);
        throw error;
      });
      expect(body ? of(body) : []).toEqual([]);
    }
    for (const one of all) {
      const body = await line(words)([one], { kind: 'yes', only: [] }).catch((error: unknown) => {
        if (error instanceof UserError) return refusal(error);
        throw error;
      });
      expect(body ? of(body) : []).toEqual([]);
    }
  });
});

/** What a form says above its fields; of words that do not fit there is none. */
function introOf(ask: () => Form | undefined): string | undefined {
  try {
    return ask()?.intro;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** What somebody reads of a line: of its refusal, else of the title that it becomes. */
function tried(work: () => { title: string }): string[] {
  try {
    const { title } = work();
    return of(card(request('join', 'running', { text: title, many: 1 }), JOIN));
  } catch (error) {
    if (error instanceof UserError) return of(refusal(error));
    throw error;
  }
}

async function answer(line: string, known: Request[], may: May): Promise<Body | undefined> {
  const { command, rest } = findCommand(splitWords(line), commands, '/swarm');
  if (command.kind !== 'answer') return undefined;
  const [first] = known;
  const stories = [{ request: 'k3f9x2ab', records: records() }];
  const context: AnswerContext = {
    actor: { id: 'U0CAROL', name: HOSTILE },
    slash: '/swarm',
    commands,
    topics,
    may: () => may,
    requests: {
      list: () => Promise.resolve(known),
      read: () => Promise.resolve(first),
    },
    audit: {
      search: () => Promise.resolve({ stories: [...stories, ...stories], more: true, stoppedAt: Date.now() }),
      story: () => Promise.resolve({ request: 'k3f9x2ab', records: known.length > 1 ? [] : records() }),
      altered: () => 1,
      lines: () => Promise.resolve(''),
    },
    mentioned: [{ id: 'U0BOB', name: HOSTILE }],
    sendFile: () => undefined,
    cancel: () =>
      Promise.resolve(first ? { kind: 'asked' as const, request: first } : { kind: 'unknown' as const }),
    retry: () => Promise.resolve(),
    press: () => Promise.resolve(undefined),
    waiting: () =>
      Promise.resolve(
        known.flatMap((one): Waiting[] => {
          const asking = askingOf(one, '');
          return asking ? [true, false].map((may) => ({ request: one, may, asking })) : [];
        }),
      ),
  };
  return await command.answer(rest, facts, context);
}

/** One record of each kind, with hostile words wherever there is room for any. */
function records(): Read[] {
  const who = { id: 'U0BOB', name: HOSTILE_LINES, team: 'T1' };
  const about = {
    request: 'k3f9x2ab',
    actor: who,
    channel: 'C0OPS',
    command: HOSTILE,
    title: HOSTILE,
    targets: [{ kind: 'host' as const, name: HOSTILE }],
  };
  const events: AuditEvent[] = [
    { ...about, event: 'asked', line: HOSTILE_LINES, reason: HOSTILE_LINES },
    ...(['allow', 'ask', 'deny', 'break-glass'] as const).map((outcome) => ({
      ...about,
      event: 'decided' as const,
      outcome,
      rule: HOSTILE,
      reason: HOSTILE,
    })),
    { ...about, event: 'previewed', round: 1, says: [HOSTILE], changed: [HOSTILE] },
    ...(['approved', 'denied', 'withdrawn', 'expired'] as const).map((event) => ({
      ...about,
      event,
      by: who,
      round: 1,
      reason: HOSTILE_LINES,
    })),
    { ...about, event: 'started', attempt: 1, approvedBy: [who] },
    { ...about, event: 'changing', step: HOSTILE, what: HOSTILE },
    { ...about, event: 'changed', step: HOSTILE, what: HOSTILE, outcome: 'failed', error: HOSTILE },
    { ...about, event: 'cancelled', by: who },
    { ...about, event: 'ended', phase: HOSTILE, message: HOSTILE, hostKeys: { [HOSTILE]: HOSTILE } },
    { event: 'forged', request: 'k3f9x2ab', why: HOSTILE },
    { event: 'configuration', process: 'bot', version: HOSTILE, digest: HOSTILE, summary: [HOSTILE] },
    { event: 'trimmed', upTo: { seq: 1, hash: HOSTILE }, by: HOSTILE },
  ];
  return events.map((event, at) => ({
    record: { seq: at + 1, at: Date.now(), event, previous: '' },
    entry: { seq: at + 1, text: '{}', hash: '' },
  }));
}
