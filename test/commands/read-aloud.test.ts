/** Sentences of cards in which a number or a word once was not what somebody would have said. */
import { describe, expect, test } from 'vitest';
import { findInteractive } from '../../demo/slack/blocks/walk.ts';
import { objectsOf } from '../../demo/slack/json.ts';
import { commands } from '../../src/commands/index.ts';
import type { JobName, JobResult } from '../../src/jobs/index.ts';
import { card } from '../../src/slack/card.ts';
import { readTexts } from '../cards/slack-takes.ts';
import { listsOfTasks, statuses } from './list-results.ts';
import { request, SHAPES, type Shape } from './results.ts';

const SMALL = SHAPES['small'] as Shape;

/** Everything that the card of a job that is done shows, its buttons' lines included. */
function shown<N extends JobName>(name: string, result: JobResult<N>): string {
  const command = commands.find((one) => one.name === name);
  if (command?.kind !== 'job') throw new Error(`No job is behind ${name}.`);
  const { text, blocks } = card(request(name, 'done', SMALL, result), command);
  const pressed = findInteractive(objectsOf(blocks)).map(({ element }) => String(element['value']));
  return [text, ...readTexts({ blocks }), ...pressed].join('\n');
}

describe('ps of a service on one node', () => {
  test('counts what runs there, and says how many run in all', () => {
    const [result] = listsOfTasks(SMALL);
    if (!result) throw new Error('No list of tasks.');
    const service = { wanted: 3, running: 3, image: 'my-apache2:2' };
    const here = { ...result, name: 'websky', node: 'fedora-03', all: 2, running: 0, service };
    expect(shown<'ps'>('ps', here)).toContain(
      'websky on fedora-03: 2 tasks, 0 running, 3 of 3 in the whole swarm, image my-apache2:2.',
    );
    expect(shown<'ps'>('ps', { ...here, node: null })).toContain(
      'websky: 3 of 3 running, image my-apache2:2.',
    );
  });
});

describe('status', () => {
  const [good] = statuses(SMALL);
  if (!good) throw new Error('No status.');
  const without = (reachable: number, unreachable: string[]) => {
    const mayLose = Math.max(0, reachable - 2);
    const quorum = { managers: 3, reachable, needed: 2, mayLose };
    return shown<'status'>('status', { ...good, quorum, nodes: { ...good.nodes, unreachable } });
  };

  test('says when the quorum is lost, and not that no more may be lost', () => {
    const lost = without(1, ['fedora-01', 'fedora-02']);
    expect(lost).toContain('2 managers cannot be reached (fedora-01 and fedora-02): 2 are needed');
    expect(lost).toContain('the quorum is lost: 2 must be reachable');
    expect(lost).not.toContain('may be lost');
  });

  test('names the last manager but one that is away, and asks why', () => {
    const thin = without(2, ['fedora-02']);
    expect(thin).toContain('1 manager cannot be reached (fedora-02): no more may be lost.');
    expect(thin).toContain('why fedora-02');
  });

  test('calls nodes drained and paused', () => {
    const byAvailability = { active: 4, drain: 2, pause: 1 };
    expect(shown<'status'>('status', { ...good, nodes: { ...good.nodes, byAvailability } })).toContain(
      '4 active, 2 drained, 1 paused',
    );
  });
});
