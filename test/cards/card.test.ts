import { describe, expect, test } from 'vitest';
import { findInteractive } from '../../demo/slack/blocks/walk.ts';
import { objectsOf } from '../../demo/slack/json.ts';
import { commands } from '../../src/commands/index.ts';
import { FINAL_PHASES, isFinal, type Phase } from '../../src/queue/request.ts';
import { CANCEL_ACTION, card } from '../../src/slack/card.ts';
import { request, RESULTS, SHAPES, type Shape } from '../commands/results.ts';
import { objections, readTexts } from './slack-takes.ts';

const PHASES: Phase[] = ['accepted', 'queued', 'waiting', 'running', ...FINAL_PHASES];
const SMALL: Shape = { text: 'join web-1', many: 3 };

const command = (name: string) => {
  const found = commands.find((one) => one.name === name);
  if (found?.kind !== 'job') throw new Error(`${name} has no card.`);
  return found;
};
const join = command('join');
const joined = (shape: Shape) => RESULTS.join(shape)[0];

describe.each(PHASES)('the card of a request that is %s', (phase) => {
  test.each(Object.entries(SHAPES))('%s', (_title, shape) => {
    expect(objections(card(request('join', phase, shape, joined({ ...shape, many: 40 })), join))).toEqual([]);
  });

  test('names what was asked, how it stands, by whom, and its ID', () => {
    const { text, blocks } = card(request('join', phase, SMALL, joined(SMALL)), join);
    expect(text).toMatch(/^join web-1: \w/);
    const words = readTexts({ blocks }).join('\n');
    expect(words).toContain('*join web-1*');
    expect(words).toContain('<@U0ALICE>');
    expect(words).toContain('`k3f9x2ab`');
  });

  test('can be cancelled just until it has ended, and only where it changes something', () => {
    const labels = (name: string) => {
      const result = RESULTS[command(name).job](SMALL)[0];
      const { blocks } = card(request(name, phase, SMALL, result), command(name));
      const ids = findInteractive(objectsOf(blocks)).map(({ actionId }) => actionId);
      return ids.filter((id) => id === CANCEL_ACTION);
    };
    expect(labels('join')).toEqual(isFinal(phase) ? [] : ['cancel']);
    expect(labels('nodes')).toEqual([]);
  });
});

describe('the card of a join of many hosts', () => {
  test.each([
    [40, 'web-20'],
    [50, 'web-20'],
    [51, 'and 2 more, 2 of them done'],
    [200, 'and 151 more, 151 of them done'],
  ])('%i: failures show with their reasons, progress is counted', (many, others) => {
    const failedLast = Array.from({ length: many }, (_, at) => ({
      title: `web-${at}`,
      status: at === many - 1 ? ('error' as const) : ('complete' as const),
      line: at === many - 1 ? 'No route to it.' : 'docker info',
    }));
    const shown = card({ ...request('join', 'running', SMALL), steps: failedLast }, join);
    expect(objections(shown)).toEqual([]);
    const plan = JSON.stringify(shown.blocks.find(({ type }) => type === 'plan'));
    expect(plan).toContain('No route to it.');
    expect(plan).toContain(`of ${many}`);
    expect(plan).toContain(others);
  });

  test('says when not everything fits, and keeps its end', () => {
    const shape: Shape = { text: 'a reason of some length '.repeat(40), many: 200 };
    const { blocks } = card(request('join', 'incomplete', shape, RESULTS.join(shape)[1]), join);
    const words = readTexts({ blocks }).join('\n');
    expect(words).toMatch(/and \d+ more|does not fit/);
    expect(words).toContain('`k3f9x2ab`');
  });
});

test('a request that waits says for whom', () => {
  const { text, blocks } = card(
    request('scale', 'waiting', { text: 'scale web 3', many: 1 }),
    command('scale'),
  );
  expect(text).toContain('It waits for scale web 3.');
  expect(readTexts({ blocks }).join('\n')).toContain('It waits for `scale web 3` of <@U0BOB>');
});
