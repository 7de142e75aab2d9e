import { expect, test } from 'vitest';
import { reasonsOf, spreadOf } from '../../src/swarm/shortfall.ts';
import { replicated, task } from './engine-facts.ts';

const names = new Map([
  ['n1', 'manager'],
  ['n2', 'fedora-01'],
  ['n3', 'fedora-01'],
]);
const of = (
  replicas: number,
  tasks: ReturnType<typeof task>[],
  down: string[] = [],
  change: object = {},
) => ({
  service: replicated(replicas, change),
  tasks,
  down: new Set(down),
});

test('the spread counts running tasks by node, two nodes of one name apart', () => {
  const tasks = [
    task({ slot: 1, node: 'n2' }),
    task({ slot: 2, node: 'n2' }),
    task({ slot: 3, node: 'n3' }),
    task({ slot: 4, node: 'n1' }),
    task({ slot: 5, node: 'n1', state: 'preparing' }),
    task({ slot: 6, node: 'n1', desired: 'shutdown' }),
  ];
  expect(spreadOf(of(6, tasks), names)).toEqual([
    { node: 'fedora-01', running: 2 },
    { node: 'fedora-01', running: 1 },
    { node: 'manager', running: 1 },
  ]);
  expect(spreadOf(of(1, [task({ slot: 1, node: 'n2' })], ['n2']), names)).toEqual([]);
});

test('tasks that say the same are one reason, with all their nodes', () => {
  const err = 'No such image: my-apache2:latest';
  const tasks = [
    task({ slot: 1, node: 'n1' }),
    task({ slot: 2, node: 'n2', state: 'rejected', desired: 'shutdown', err, at: 1 }),
    task({ slot: 2, node: 'n1', state: 'preparing', at: 2 }),
    task({ slot: 3, node: 'n1', state: 'rejected', desired: 'shutdown', err, at: 1 }),
    task({ slot: 3, node: 'n2', state: 'rejected', desired: 'shutdown', err: 'an older reason', at: 0 }),
    task({
      slot: 4,
      node: '',
      state: 'pending',
      err: 'no suitable node (scheduling constraints not satisfied on 2 nodes)',
    }),
  ];
  expect(reasonsOf(of(4, tasks), names)).toEqual([
    { state: 'rejected', error: err, tasks: 2, nodes: ['fedora-01', 'manager'] },
    {
      state: 'pending',
      error: 'no suitable node (scheduling constraints not satisfied on 2 nodes)',
      tasks: 1,
      nodes: [],
    },
  ]);
});

test('a crash is told by its exit code out of the recent history, though the next try is under way', () => {
  const tasks = [
    task({ slot: 1, state: 'failed', desired: 'shutdown', exit: 3, at: 1 }),
    task({ slot: 1, state: 'starting', at: 2 }),
  ];
  expect(reasonsOf(of(1, tasks), names)).toEqual([
    { state: 'failed', error: 'exited with code 3', tasks: 1, nodes: ['manager'] },
  ]);
});

test('tasks that say nothing are told by their state, slots without a task as new', () => {
  expect(reasonsOf(of(3, [task({ slot: 1, state: 'preparing' })]), names)).toEqual([
    { state: 'new', error: '', tasks: 2, nodes: [] },
    { state: 'preparing', error: '', tasks: 1, nodes: ['manager'] },
  ]);
});

test('a paused update, a node that is down and a task that does not stop are told', () => {
  const paused = { UpdateStatus: { State: 'paused', Message: 'update paused due to failure' } };
  expect(reasonsOf(of(1, [], [], paused), names)[0]).toMatchObject({
    state: 'update paused',
    error: 'update paused due to failure',
    tasks: 1,
  });
  expect(reasonsOf(of(1, [task({ slot: 1, node: 'n2' })], ['n2']), names)).toEqual([
    { state: 'node down', error: 'its node is down', tasks: 1, nodes: ['fedora-01'] },
  ]);
  expect(reasonsOf(of(1, [task({ slot: 1 }), task({ slot: 2, desired: 'remove' })]), names)).toEqual([
    { state: 'stopping', error: 'the task is to be removed and still runs', tasks: 1, nodes: ['manager'] },
  ]);
});

test('nothing is missing, nothing is said', () => {
  expect(reasonsOf(of(1, [task({ slot: 1 })]), names)).toEqual([]);
});
