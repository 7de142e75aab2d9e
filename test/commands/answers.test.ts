import { describe, expect, test } from 'vitest';
import type { Body } from '../../src/cards/body.ts';
import type { AnswerContext } from '../../src/commands/define.ts';
import { findCommand } from '../../src/commands/find.ts';
import { commands, topics } from '../../src/commands/index.ts';
import { splitWords } from '../../src/commands/words.ts';
import { UserError } from '../../src/errors.ts';
import type { CancelOutcome } from '../../src/queue/cancel.ts';
import { isFinal, type Phase, type Request } from '../../src/queue/request.ts';
import { refusal, refusedRequest } from '../../src/slack/failures.ts';
import { objections, readTexts } from '../cards/slack-takes.ts';
import { expectPlainAnswer } from './plain-answer.ts';
import { facts } from './reading.ts';
import { request, SHAPES } from './results.ts';

const PHASES: Phase[] = [
  'accepted',
  'queued',
  'waiting',
  'running',
  'done',
  'incomplete',
  'failed',
  'refused',
  'cancelled',
  'expired',
];

/** What the bot answers by itself, with these requests on record. */
async function answer(line: string, known: Request[] = [], cancelled?: CancelOutcome): Promise<Body> {
  const { command, rest } = findCommand(splitWords(line), commands, '/swarm');
  if (command.kind !== 'answer') throw new Error(`${line} is carried out by a worker.`);
  const context: AnswerContext = {
    actor: { id: 'U0ALICE', name: 'alice' },
    slash: '/swarm',
    commands,
    topics,
    may: () => ({ kind: 'yes', only: [] }),
    requests: {
      list: ({ most, open = false }) =>
        Promise.resolve(known.filter(({ phase }) => !open || !isFinal(phase)).slice(0, most)),
      read: (id) => Promise.resolve(known.find((one) => one.id === id)),
    },
    audit: {
      search: () => Promise.resolve({ stories: [], more: false, stoppedAt: undefined }),
      story: (request) => Promise.resolve({ request, records: [] }),
      altered: () => 0,
      lines: () => Promise.resolve(''),
    },
    mentioned: [],
    sendFile: () => undefined,
    cancel: () => Promise.resolve(cancelled ?? { kind: 'unknown' }),
    retry: () => Promise.resolve(),
    press: () => Promise.resolve(undefined),
    waiting: () => Promise.resolve([]),
  };
  const body = await command.answer(rest, facts, context);
  if (!body) throw new Error(`${line} is told by a card.`);
  return body;
}

const wordsOf = (body: Body): string => readTexts(body).join('\n');

describe('help', () => {
  test('names every command with what it does', async () => {
    const body = await answer('help');
    expect(objections(body)).toEqual([]);
    for (const { name, summary } of commands) {
      expect(wordsOf(body)).toContain(`/swarm ${name}`);
      expect(wordsOf(body)).toContain(summary);
    }
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    'explains %s',
    async (name, command) => {
      const body = await answer(`help ${name}`);
      expect(objections(body)).toEqual([]);
      for (const { about } of command.args) expect(wordsOf(body)).toContain(about);
      for (const example of command.examples) expect(wordsOf(body)).toContain(`/swarm ${example}`);
      for (const alias of command.aliases) expect(await answer(`help ${alias}`)).toEqual(body);
    },
  );

  test('names the nearest command for one that is not there', async () => {
    await expect(answer('help jion')).rejects.toMatchObject({
      message: 'There is no command "jion".',
      hint: expect.stringContaining('/swarm join') as string,
    });
  });
});

describe('jobs', () => {
  test.each(Object.entries(SHAPES))('lists twenty: %s', async (_title, shape) => {
    expect(
      objections(
        await answer(
          'jobs',
          PHASES.flatMap((phase) => [request('join', phase, shape), request('scale', phase, shape)]),
        ),
      ),
    ).toEqual([]);
  });

  test('shows each with its title, state and ID', async () => {
    const body = await answer(
      'jobs',
      PHASES.map((phase) => ({
        ...request('join', phase, { text: 'join web-1', many: 1 }),
        id: `id-${phase}`,
      })),
    );
    for (const phase of PHASES) {
      expect(wordsOf(body)).toContain(`id-${phase}`);
      expect(wordsOf(body)).toContain(phase);
    }
    expect(wordsOf(body)).toContain('*join web-1*');
  });

  test('leaves out what has ended when asked to', async () => {
    const ended = request('join', 'done', { text: 'join web-1', many: 1 });
    expect((await answer('jobs --open', [ended])).text).toBe('No job runs or waits.');
    expect((await answer('jobs', [])).text).toBe('No job has run yet.');
  });
});

describe('cancel', () => {
  test.each(['ended', 'cancelled', 'asked'] as const)('%s', async (kind) => {
    for (const shape of Object.values(SHAPES))
      expect(
        objections(await answer('cancel k3f9x2ab', [], { kind, request: request('join', 'done', shape) })),
      ).toEqual([]);
  });

  test('of a job that is not there', async () => {
    const thrown: unknown = await answer('cancel k3f9x2ab').catch((error: unknown) => error);
    expect(thrown).toMatchObject({ message: 'There is no job "k3f9x2ab".' });
    expectPlainAnswer(thrown as UserError);
  });
});

describe('a refusal', () => {
  test.each(Object.entries(SHAPES))('%s', (_title, shape) => {
    expect(objections(refusal(new UserError(`It failed: ${shape.text}`, { hint: shape.text })))).toEqual([]);
    expect(objections(refusedRequest(request('join', 'refused', shape)))).toEqual([]);
  });
});
