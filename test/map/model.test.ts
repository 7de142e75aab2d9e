import { describe, expect, test } from 'vitest';
import { described, mapOf, numbersOf } from '../../src/map/model.ts';
import { manager, node, service, task } from '../jobs/facts.ts';

const services = [service('api', 2, 3), service('web', 4, 4)];

describe('the model of a picture', () => {
  test('has the tasks of each node by service and how they fare, the failing first', () => {
    const { nodes, unplaced } = mapOf(
      [manager('boss', true), node('fedora-01')],
      [
        task('web', 1),
        task('web', 2),
        task('api', 1),
        task('api', 2, { state: 'rejected' }),
        task('api', 3, { state: 'preparing' }),
        task('web', 3, { node: '', state: 'pending' }),
        task('web', 4, { node: 'boss' }),
      ],
      services,
      null,
    );
    expect(nodes.map(({ name, role, groups }) => [name, role, groups])).toEqual([
      [
        'fedora-01',
        'worker',
        [
          [0, 'failed', 1],
          [0, 'starting', 1],
          [0, 'running', 1],
          [1, 'running', 2],
        ],
      ],
      ['boss', 'leader', [[1, 'running', 1]]],
    ]);
    expect(unplaced).toEqual([[1, 'starting', 1]]);
  });

  test('gives the tasks of a host with two entries to the one that is ready', () => {
    const { nodes } = mapOf(
      [node('fedora-01', { id: 'old', state: 'down' }), node('fedora-01', { id: 'new' })],
      [task('web', 1)],
      services,
      null,
    );
    expect(nodes.map(({ state, groups }) => [state, groups.length])).toEqual([
      ['down', 0],
      ['ready', 1],
    ]);
  });

  test('of one service has first the nodes on which it fares ill, then those that have it', () => {
    const { nodes } = mapOf(
      [manager('boss', true), node('a'), node('b'), node('c')],
      [
        task('web', 1, { node: 'b' }),
        task('web', 2, { node: 'c', state: 'failed' }),
        task('api', 1, { node: 'a', state: 'failed' }),
      ],
      services,
      'web',
    );
    expect(nodes.map(({ name }) => name)).toEqual(['c', 'b', 'boss', 'a']);
  });

  test('is told in words for who cannot see it', () => {
    const map = mapOf(
      [manager('boss', true), node('a', { state: 'down' }), node('b', { availability: 'drain' })],
      [task('web', 1, { node: 'boss' }), task('web', 2, { node: '', state: 'pending' })],
      services,
      null,
    );
    expect(described(map)).toBe(
      '3 nodes (1 manager, 1 not ready, 1 drained) with 2 tasks (1 not running, 1 without a node) of 2 services.',
    );
    expect(described({ ...map, highlight: 'web' })).toBe(
      'web has 2 tasks (1 not running, 1 without a node) on 1 of 3 nodes.',
    );
    expect(described({ ...map, highlight: 'api' })).toBe('api has 0 tasks on 0 of 3 nodes.');
    expect(described(mapOf([node('a')], [], [], null))).toBe('1 node with 0 tasks of 0 services.');
    expect(numbersOf(map)).toMatchObject({ nodes: 3, tasks: 2, unplaced: 1 });
  });
});
