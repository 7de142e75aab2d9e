import { describe, expect, test } from 'vitest';
import { approvals } from '../../src/commands/approvals.ts';
import type { AnswerContext, Waiting } from '../../src/commands/define.ts';
import { commands } from '../../src/commands/index.ts';
import { signPreview } from '../../src/queue/approval.ts';
import { isFinal, type Request } from '../../src/queue/request.ts';
import { approverCopy } from '../../src/slack/approver-copy.ts';
import { askingOf } from '../../src/slack/asking.ts';
import { card } from '../../src/slack/card.ts';
import { whatBecame } from '../../src/slack/decision.ts';
import { announcement, mentionOfAll, toRequester } from '../../src/slack/notices.ts';
import { PHASES } from '../../src/slack/phases.ts';
import { findInteractive } from '../../demo/slack/blocks/walk.ts';
import { objectsOf } from '../../demo/slack/json.ts';
import { objections, readTexts } from '../cards/slack-takes.ts';
import { request, RESULTS, SHAPES } from '../commands/results.ts';
import { newEnvelope, secret } from '../queue/request.ts';

const found = commands.find(({ name }) => name === 'join');
if (found?.kind !== 'job') throw new Error('join has no card.');
const join = found;
const buttonsIn = (blocks: unknown): string[] =>
  findInteractive(objectsOf(blocks)).map(({ actionId }) => actionId);

/** Asked about `many` things, each of which is called `text`. */
function asking(text: string, many: number, change: Partial<Request> = {}): Request {
  const id = 'k3f9x2ab';
  const sentences = (what: string): string[] =>
    Array.from({ length: many }, (_, at) => `${text}-${at} ${what}.`);
  const preview = { says: sentences('joins as a worker'), warnings: sentences('is slow'), facts: [] };
  return {
    ...request('join', 'asking', { text, many: 0 }),
    id,
    reason: text,
    approval: {
      round: 2,
      approvers: ['operators'],
      quorum: 2,
      expiresMs: 30 * 60_000,
      expiresAt: 1_700_000_000_000,
      preview: signPreview(newEnvelope(id), { round: 2, expiresAt: 1_700_000_000_000 }, preview, secret),
      grants: [],
      changed: sentences('has another engine'),
    },
    ...change,
  };
}

describe('an asking card', () => {
  test.each(Object.entries(SHAPES))('is taken by Slack, with its buttons: %s', (_title, { text, many }) => {
    const asked = asking(text, many);
    const shown = card(asked, join);
    expect(objections(shown)).toEqual([]);
    expect(buttonsIn(shown.blocks)).toEqual(['approve', 'deny', 'withdraw']);
    const copy = approverCopy(asked, join, { reader: 'U0BOB', round: 2, whom: '', link: '' });
    expect(objections(copy)).toEqual([]);
    expect(buttonsIn(copy.blocks)).toEqual(['approve', 'deny']);
    expect(objections(announcement(asked, join, { link: '', loud: false }))).toEqual([]);
    expect(objections(toRequester(asked, ''))).toEqual([]);
    expect(objections(mentionOfAll(asked, 'operators'))).toEqual([]);
  });

  test('that cannot say all says so, and all of it is in a file', () => {
    const { blocks, files } = card(asking('fedora', 300), join);
    expect(readTexts({ blocks }).join('\n')).toContain('The whole list is in a file');
    expect(readTexts({ blocks }).join('\n')).toMatch(/_and \d+ more_/);
    const [file] = files ?? [];
    expect(file?.name).toBe('approval-k3f9x2ab-2.txt');
    for (const at of [0, 150, 299])
      for (const what of ['joins as a worker', 'is slow', 'has another engine'])
        expect(String(file?.content)).toContain(`- fedora-${at} ${what}.`);
  });

  test('that says all has no file', () => {
    expect(card(asking('fedora', 3), join).files).toBeUndefined();
  });
});

test.each(Object.keys(PHASES) as Request['phase'][])(
  'a copy and a late press tell what became: %s',
  (phase) => {
    const [result] = RESULTS.join({ text: 'web-1', many: 1 });
    const change = {
      phase,
      result,
      ...(isFinal(phase) ? { failure: { message: 'So it is.', hint: '' } } : {}),
    };
    const asked = asking('fedora', 1, change);
    const copy = approverCopy(asked, join, { reader: 'U0BOB', round: 2, whom: '', link: '' });
    expect(objections(copy)).toEqual([]);
    expect(copy.text).toContain(phase === 'asking' ? 'asks for your approval' : PHASES[phase].word);
    const { message } = whatBecame(asked);
    expect(message).toMatch(/^(Somebody has denied )?fedora|^\w+ has taken|^fedora/);
    expect(message).toMatch(/[.:]/);
  },
);

describe('the list of approvals', () => {
  const answer = async (waiting: Waiting[]) => {
    const context: Partial<AnswerContext> = {
      actor: { id: 'U0BOB', name: 'bob' },
      slash: '/swarm',
      waiting: () => Promise.resolve(waiting),
    };
    const body = await approvals.answer([], { hosts: [], limits: { replicas: 1 } }, context as AnswerContext);
    return body ?? { text: '', blocks: [] };
  };
  const waiting = (many: number, may: boolean, text = 'fedora', each = 1): Waiting[] =>
    Array.from({ length: many }, (_, at) => {
      const asked = asking(text, each, { title: `join ${text}-${at}` });
      const shown = askingOf(asked, 'operators');
      if (!shown) throw new Error('It asks for nothing.');
      return { request: asked, may, asking: shown };
    });

  test.each([0, 1, 40])('%i of them are taken by Slack, and none is left out', async (many) => {
    const body = await answer([...waiting(many, true), ...waiting(many, false)]);
    expect(objections(body)).toEqual([]);
    const words = readTexts(body).join('\n');
    for (let at = 0; at < many; at += 1) expect(words).toContain(`join fedora-${at}*`);
    expect(buttonsIn(body.blocks).filter((one) => one === 'approve')).toHaveLength(Math.min(many, 10));
  });

  test.each(Object.entries(SHAPES))('bears %s', async (_title, { text, many }) => {
    expect(objections(await answer([...waiting(12, true, text, many), ...waiting(3, false, text)]))).toEqual(
      [],
    );
  });

  test('says so when there is none', async () => {
    expect(readTexts(await answer([]))).toEqual(['Nothing waits for an approval.']);
  });

  test('has no button where not all can be read', async () => {
    const body = await answer(waiting(1, true, 'fedora', 300));
    expect(buttonsIn(body.blocks)).toEqual([]);
    expect(readTexts(body).join('\n')).toContain(
      'Its card says what will be done, in 900 lines: read it there.',
    );
  });
});
