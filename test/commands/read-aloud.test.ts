/** Sentences of cards in which a number or a word once was not what somebody would have said. */
import { describe, expect, test } from 'vitest';
import { findInteractive } from '../../demo/slack/blocks/walk.ts';
import { objectsOf } from '../../demo/slack/json.ts';
import { commands } from '../../src/commands/index.ts';
import type { FieldChange } from '../../src/swarm/service-changes.ts';
import type { JobName, JobResult } from '../../src/jobs/index.ts';
import { card } from '../../src/slack/card.ts';
import { readTexts } from '../cards/slack-takes.ts';
import { checks } from './results-hosts.ts';
import { listsOfTasks, statuses } from './list-results.ts';
import { request, SHAPES, type Shape } from './results.ts';
import { serviceResults } from './results-services.ts';
import { stackResults } from './stack-results.ts';

const SMALL = SHAPES['small'] as Shape;

/** Everything that the card of a job that is done shows, its buttons' lines included. */
function shown<N extends JobName>(name: string, result: JobResult<N>): string {
  const command = commands.find((one) => one.name === name);
  if (command?.kind !== 'job') throw new Error(`No job is behind ${name}.`);
  const { text, blocks } = card(request(name, 'done', SMALL, result), command);
  const pressed = findInteractive(objectsOf(blocks)).flatMap(({ element }) => [
    String(element['value']),
    JSON.stringify(element['confirm'] ?? ''),
  ]);
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

/** The first of a kind of result, to be told with other numbers. */
function first<R>(results: readonly R[]): R {
  const [result] = results;
  if (result === undefined) throw new Error('No result.');
  return result;
}

test('check says of a member that cannot be asked that it is one, and not that it cannot join', () => {
  const host = first(first(checks(SMALL)).hosts);
  if (!host.ok) throw new Error('No check.');
  const unasked = (probe: string) => {
    const fault = { probe, verdict: 'fail' as const, says: 'No.', advice: '', remedies: [] };
    const value = { ...host.value, verdict: 'fail' as const, state: null, member: true, findings: [fault] };
    return shown<'check'>('check', { role: 'worker', hosts: [{ ...host, target: 'fedora-03', value }] });
  };
  expect(unasked('SSH')).toContain('fedora-03 is in this swarm, but cannot be reached.');
  expect(unasked('Engine')).toContain('fedora-03 is in this swarm, but its engine cannot be asked.');
});

describe('service', () => {
  const detail = first(serviceResults.service(SMALL));
  const reasons = (state: string, error: string) =>
    shown<'service'>('service', { ...detail, reasons: [{ state, error, tasks: 2, nodes: ['fedora-03'] }] });

  test('says of tasks that are on their way that they are', () => {
    const text = reasons('preparing', '');
    expect(text).toContain('Its tasks are still starting:');
    expect(text).toContain('2 tasks preparing on fedora-03');
    expect(text).not.toMatch(/say why|no reason/);
  });

  test('quotes tasks that say why', () => {
    expect(reasons('rejected', 'No such image: web:1')).toMatch(
      /The tasks say why:\n[^]*2 tasks rejected on fedora-03: `?No such image: web:1/,
    );
    expect(reasons('failed', '')).toContain('The tasks give no reason:');
  });
});

describe('rollback', () => {
  const result = first(serviceResults.rollback(SMALL));
  const back = (...changes: FieldChange[]) =>
    shown<'rollback'>('rollback', { ...result, service: 'websky', changes });
  const replicas = { field: 'replicas', from: '9', to: '8', secret: false };

  test('says so where only the number of tasks went back', () => {
    expect(back(replicas)).toMatch(
      /It took back the number of replicas, and nothing else:\n[^]*replicas: `9` → `8`/,
    );
    expect(back(replicas)).toContain('It took back replicas: 9 → 8.');
    expect(back(replicas, { ...replicas, field: 'image' })).toContain('It took back:');
  });

  test('says so where a restart went back', () => {
    expect(back({ field: 'forced updates', from: '1', to: null, secret: false })).toContain(
      'It took back no setting: the last change only started its tasks anew.',
    );
  });

  test('is confirmed by what it goes back to', () => {
    const short = serviceResults.update(SMALL).find(({ convergence }) => convergence.kind === 'short');
    if (!short) throw new Error('No update that fell short.');
    const update = { ...short, service: 'websky', changes: [{ ...replicas, from: '8', to: '9' }] };
    expect(shown<'update'>('update', update)).toContain('websky goes back: replicas: 9 → 8.');
  });
});

test('stack rm speaks of volumes only where there are some', () => {
  const removed = { ...first(stackResults.stackRemove(SMALL)), volumes: [] as string[] };
  expect(shown<'stackRemove'>('stack rm', removed)).not.toContain('volume');
  expect(shown<'stackRemove'>('stack rm', { ...removed, volumes: ['shop_data'] })).toContain(
    'Its volume shop_data is kept on the nodes',
  );
});

test('a cancelled drain says what was put back, and what stays drained', () => {
  const ended = { nodes: [], undone: ['fedora-02 is active again'], stay: ['fedora-01'] };
  const text = shown<'drain'>('drain', ended);
  expect(text).toContain('Put back: fedora-02 is active again.');
  expect(text).toContain('fedora-01 stays drained.');
  expect(text).toContain('activate fedora-01');
});
