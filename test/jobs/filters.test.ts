import { describe, expect, test } from 'vitest';
import { fitsNode, worstNodeFirst } from '../../src/jobs/nodes-filter.ts';
import { fitsService, worstServiceFirst } from '../../src/jobs/services-filter.ts';
import { asksForEnded, fitsTask, worstTaskFirst } from '../../src/jobs/tasks-filter.ts';
import { manager, node, service, task } from './facts.ts';

describe('nodes', () => {
  const nodes = [
    node('fedora-10'),
    node('fedora-2', { labels: { zone: 'a', Disk: 'SSD' } }),
    node('downtown', { availability: 'pause' }),
    node('gone', { state: 'down', message: 'heartbeat failure' }),
    node('half', { state: 'unknown', hostname: '' }),
    node('idle', { availability: 'drain' }),
    manager('boss', true),
    manager('second', false, {
      manager: { leader: false, reachability: 'unreachable', address: '10.0.0.2:2377' },
    }),
  ];

  test('need attention first, then managers, then by name with numbers as numbers', () => {
    expect(nodes.toSorted(worstNodeFirst).map(({ id }) => id.slice(3))).toEqual([
      'gone',
      'half',
      'second',
      'idle',
      'downtown',
      'boss',
      'fedora-2',
      'fedora-10',
    ]);
  });

  test.each([
    ['', ['fedora-10', 'fedora-2', 'downtown', 'gone', 'half', 'idle', 'boss', 'second']],
    ['down', ['gone']],
    ['DOWN', ['gone']],
    ['ready worker', ['fedora-10', 'fedora-2', 'downtown', 'idle']],
    ['drained', ['idle']],
    ['managers', ['boss', 'second']],
    ['leader', ['boss']],
    ['unreachable', ['second']],
    ['unhealthy', ['downtown', 'gone', 'half', 'idle', 'second']],
    ['fedora', ['fedora-10', 'fedora-2']],
    ['zone=a', ['fedora-2']],
    ['disk=ssd', ['fedora-2']],
    ['zone=b', []],
    ['state=down', ['gone']],
    ['name=town', ['downtown']],
    ['role=manager availability=active', ['boss', 'second']],
    ['downtown', ['downtown']],
    ['constructor', []],
    ['toString=x', []],
  ])('asked for with %j', (words, found) => {
    const given = words.split(' ').filter(Boolean);
    expect(nodes.filter((one) => fitsNode(one, given)).map(({ id }) => id.slice(3))).toEqual(found);
  });
});

describe('services', () => {
  const services = [
    service('web-10', 3, 3),
    service('web-9', 3, 3, { image: 'registry.example.com/shop/web:2', ports: ['*:8080->80/tcp'] }),
    service('api', 1, 3),
    service('mail', 4, 5),
    service('cache', 0, 1),
    service('paused', 2, 2, { updateState: 'paused' }),
    service('moving', 2, 2, { updateState: 'updating' }),
    service('everywhere', 3, 3, { mode: 'global' }),
    service('off', 0, 0),
    service('nightly', 0, 0, { mode: 'replicated-job', job: { completed: 5, total: 5 } }),
  ];

  test('lack tasks first, most lacking first, then come paused and running updates', () => {
    expect(services.toSorted(worstServiceFirst).map(({ name }) => name)).toEqual([
      'cache',
      'api',
      'mail',
      'paused',
      'moving',
      'everywhere',
      'nightly',
      'off',
      'web-9',
      'web-10',
    ]);
  });

  test.each([
    ['unhealthy', ['api', 'mail', 'cache', 'paused']],
    ['short', ['api', 'mail', 'cache']],
    ['updating', ['moving']],
    ['paused', ['paused']],
    ['global', ['everywhere']],
    ['stopped', ['off']],
    ['job', ['nightly']],
    ['web healthy', ['web-10', 'web-9']],
    ['shop/web:2', ['web-9']],
    ['8080', ['web-9']],
    ['name=api', ['api']],
    ['mode=global', ['everywhere']],
    ['constructor', []],
  ])('asked for with %j', (words, found) => {
    expect(services.filter((one) => fitsService(one, words.split(' '))).map(({ name }) => name)).toEqual(
      found,
    );
  });
});

describe('tasks', () => {
  const tasks = [
    task('web', 1),
    task('web', 2, { node: 'fedora-02' }),
    task('web', 3, { state: 'pending', node: '', error: 'no suitable node' }),
    task('web', 4, { state: 'preparing' }),
    task('web', 5, { state: 'rejected', desiredState: 'shutdown', error: 'No such image: web:1' }),
    task('web', 6, { state: 'shutdown', desiredState: 'shutdown' }),
  ];

  test('that failed come first, what has ended last', () => {
    expect(
      tasks
        .toReversed()
        .toSorted(worstTaskFirst)
        .map(({ slot }) => slot),
    ).toEqual([3, 5, 4, 1, 2, 6]);
  });

  test.each([
    ['running', [1, 2]],
    ['rejected', [5]],
    ['unhealthy', [3, 4, 5]],
    ['fedora-02', [2]],
    ['such image', [5]],
    ['running fedora-01', [1]],
  ])('asked for with %j', (words, found) => {
    expect(tasks.filter((one) => fitsTask(one, words.split(' '))).map(({ slot }) => slot)).toEqual(found);
  });

  test('words that ask for what has ended ask for history', () => {
    expect(asksForEnded(['fedora-01', 'Failed'])).toBe(true);
    expect(asksForEnded(['running', 'shut'])).toBe(false);
  });
});
