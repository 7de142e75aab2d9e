import { expect, test } from 'vitest';
import { sumNodes, sumServices } from '../../src/jobs/status-sums.ts';
import { manager, node, service } from './facts.ts';

test('nodes in numbers, the worst by name', () => {
  const sums = sumNodes([
    manager('boss', true),
    manager('second', false, {
      state: 'down',
      message: 'heartbeat failure',
      manager: { leader: false, reachability: 'unreachable', address: '' },
    }),
    node('fedora-01', { version: '19.3.1', availability: 'drain' }),
    node('fedora-02'),
    node('fedora-02', { id: 'old', state: 'down' }),
    ...Array.from({ length: 7 }, (_, at) =>
      node(`gone-${at}`, { state: 'down', message: 'heartbeat failure' }),
    ),
  ]);
  expect(sums).toMatchObject({
    all: 12,
    byState: { ready: 3, down: 9 },
    byAvailability: { active: 11, drain: 1 },
    notReady: 8,
    leader: 'boss',
    unreachable: ['second'],
    versions: [
      { version: '20.10.24', nodes: 11 },
      { version: '19.3.1', nodes: 1, some: ['fedora-01'] },
    ],
    ghosts: 1,
    someGhosts: [{ id: 'old', name: 'fedora-02' }],
  });
  expect(sums.away.map(({ name }) => name)).toEqual(['second', 'gone-0', 'gone-1', 'gone-2', 'gone-3']);
});

test('an entry that is down is no ghost while its host has not come back, nor is a manager', () => {
  expect(sumNodes([node('a', { state: 'down' }), node('a', { id: 'b', state: 'down' })]).ghosts).toBe(0);
  expect(sumNodes([manager('a', false, { state: 'down' }), node('a', { id: 'b' })]).ghosts).toBe(0);
});

test('services in numbers, the worst by name', () => {
  const paused = { updateState: 'paused', updateMessage: 'update paused due to failure' };
  const sums = sumServices([
    service('whole', 2, 2),
    service('half', 1, 2, paused),
    service('none', 0, 2),
    service('back', 2, 2, { updateState: 'rollback_paused' }),
    service('moving', 2, 2, { updateState: 'updating' }),
  ]);
  expect(sums).toEqual({
    all: 5,
    short: 2,
    worst: [
      { name: 'none', running: 0, wanted: 2 },
      { name: 'half', running: 1, wanted: 2 },
    ],
    updating: ['moving'],
    paused: 2,
    somePaused: [
      { name: 'half', message: 'update paused due to failure', rollback: false },
      { name: 'back', message: '', rollback: true },
    ],
  });
});
