import { describe, expect, test } from 'vitest';
import { findInteractive } from '../../demo/slack/blocks/walk.ts';
import { objectsOf } from '../../demo/slack/json.ts';
import { commands } from '../../src/commands/index.ts';
import { card } from '../../src/slack/card.ts';
import { objections } from '../cards/slack-takes.ts';
import { request, RESULTS, SHAPES } from '../commands/results.ts';

const found = commands.find(({ name }) => name === 'logs');
if (found?.kind !== 'job') throw new Error('logs has no card.');
const logs = found;
const running = (live: string) => ({ ...request('logs', 'running', { text: 'logs websky', many: 1 }), live });

describe('lines that come while a job runs', () => {
  test.each(Object.entries(SHAPES))('%s', (_title, { text }) => {
    expect(objections(card(running(text.slice(0, 4000)), logs))).toEqual([]);
  });

  test('stand in the card as they are, with a button that ends the job, although it only reads', () => {
    const live = 'one <!channel>\n```two``` *three*';
    const { blocks } = card(running(live), logs);
    expect(JSON.stringify(blocks)).toContain(JSON.stringify({ type: 'text', text: live }));
    expect(findInteractive(objectsOf(blocks)).map(({ actionId }) => actionId)).toEqual(['cancel']);
  });

  test.each(['done', 'cancelled'] as const)(
    '%s: the result is there in their place, with its file',
    (phase) => {
      const [result] = RESULTS.logs({ text: 'GET / 200', many: 300 });
      const body = card(
        { ...request('logs', phase, { text: 'logs websky', many: 1 }, result), live: 'late' },
        logs,
      );
      expect(JSON.stringify(body.blocks)).not.toContain('late');
      expect(JSON.stringify(body.blocks)).toContain('GET / 200');
      expect(body.files).toEqual([expect.objectContaining({ name: 'GET-200.log' })]);
      expect(String(body.files?.[0]?.content).trimEnd().split('\n')).toHaveLength(300);
      expect(findInteractive(objectsOf(body.blocks))).toEqual([]);
    },
  );
});
