import { describe, expect, test } from 'vitest';
import {
  countByStatus,
  countTasks,
  currentTasks,
  taskError,
  toNode,
  toService,
  toTask,
} from '../../src/swarm/translate.ts';
import { node, replicated, service, task } from './engine-facts.ts';

const nobody: ReadonlySet<string> = new Set();

test('a worker node', () => {
  expect(
    toNode(node('n1', { Spec: { Role: 'worker', Availability: 'drain', Labels: { disk: 'ssd' } } })),
  ).toEqual({
    id: 'n1',
    hostname: 'host-n1',
    state: 'ready',
    message: '',
    availability: 'drain',
    role: 'worker',
    address: '10.0.0.9',
    version: '20.10.24',
    labels: { disk: 'ssd' },
    cpus: 2,
    memoryBytes: 1024,
    createdAt: '2024-01-01T00:00:00Z',
  });
});

test('a half-joined node without description or known state is unknown, not a crash', () => {
  const bare = node('n1', { Description: null, Status: { State: 'odd' }, Spec: null });
  expect(toNode(bare)).toMatchObject({ hostname: '', state: 'unknown', role: 'worker', cpus: 0, labels: {} });
});

test.each([
  ['10.0.0.1:2377', '10.0.0.9', '10.0.0.1:2377'],
  ['0.0.0.0:2377', '10.0.0.9', '10.0.0.9:2377'],
  ['[::]:2377', 'fd00::9', '[fd00::9]:2377'],
  ['0.0.0.0:2377', '', '0.0.0.0:2377'],
])('a manager at %s, seen at %s, is reached at %s', (own, seen, address) => {
  const manager = node('m', {
    ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: own },
    Status: { State: 'ready', Addr: seen },
  });
  expect(toNode(manager).manager).toEqual({ leader: true, reachability: 'reachable', address });
});

test('a replicated service counts its running tasks, not those on nodes that are down', () => {
  const tasks = [task({ slot: 1 }), task({ slot: 2, node: 'gone' }), task({ slot: 3, state: 'preparing' })];
  const raw = replicated(4);
  expect(toService(raw, countTasks(raw, tasks, new Set(['gone'])))).toEqual({
    id: 's1',
    name: 'websky',
    mode: 'replicated',
    wanted: 4,
    running: 1,
    image: 'my-apache2:latest',
    ports: ['*:8080->80/tcp (host)'],
    updateState: '',
    updateMessage: '',
  });
});

test('a global service is wanted where the engine has put a task', () => {
  const tasks = [task({ node: 'a' }), task({ node: 'b', state: 'pending' }), task({ node: 'gone' })];
  expect(countTasks(service({ Global: {} }), tasks, new Set(['gone']))).toEqual({ wanted: 2, running: 1 });
  expect(countTasks(service({ ReplicatedJob: { TotalCompletions: 5 } }), [], nobody).wanted).toBe(5);
  expect(toService(service({ GlobalJob: {} }), { wanted: 0, running: 0 }).mode).toBe('global-job');
});

describe('by the engine’s own count', () => {
  const status = (running: number, desired: number, completed = 0) => ({
    ServiceStatus: { RunningTasks: running, DesiredTasks: desired, CompletedTasks: completed },
  });

  test('what ran on a node when it went down is not running', () => {
    const lost = [
      task({ slot: 2, node: 'gone', desired: 'shutdown' }),
      task({ node: 'gone', state: 'failed' }),
    ];
    expect(countByStatus({ ...replicated(4), ...status(5, 4) }, lost)).toEqual({ wanted: 4, running: 4 });
    const everywhere = { ...service({ Global: {} }), ...status(3, 3) };
    expect(countByStatus(everywhere, [task({ node: 'gone' })])).toEqual({ wanted: 2, running: 2 });
  });

  test('a job wants what is left of it, at most so many at once', () => {
    const job = (atOnce: number, total: number) =>
      service({ ReplicatedJob: { MaxConcurrent: atOnce, TotalCompletions: total } });
    const of = (completed: number, total = 10) => ({ job: { completed, total } });
    expect(countByStatus({ ...job(3, 10), ...status(3, 3, 5) }, [])).toEqual({
      wanted: 3,
      running: 3,
      ...of(5),
    });
    expect(countByStatus({ ...job(3, 10), ...status(1, 3, 9) }, [])).toEqual({
      wanted: 1,
      running: 1,
      ...of(9),
    });
    expect(countByStatus({ ...job(3, 10), ...status(0, 3, 10) }, [])).toEqual({
      wanted: 0,
      running: 0,
      ...of(10),
    });
    const everywhere = { ...service({ GlobalJob: {} }), ...status(1, 1, 2) };
    expect(countByStatus(everywhere, [])).toEqual({ wanted: 1, running: 1, ...of(2, 3) });
  });

  test('an older engine gives none', () => {
    expect(countByStatus(replicated(4), [])).toBeUndefined();
  });
});

test('a task has the names of its node and service, and its error', () => {
  const names = { nodes: new Map([['n1', 'fedora-01']]), services: new Map([['s1', 'websky']]) };
  const failed = task({
    slot: 3,
    state: 'rejected',
    desired: 'shutdown',
    err: 'No such image: my-apache2:latest',
  });
  expect(toTask(failed, names)).toMatchObject({
    service: 'websky',
    node: 'fedora-01',
    slot: 3,
    state: 'rejected',
    image: 'my-apache2:latest',
    error: 'No such image: my-apache2:latest',
  });
  const unplaced = toTask(task({ slot: 1, node: '' }), { nodes: new Map(), services: new Map() });
  expect(unplaced).toMatchObject({ node: '', service: 's1' });
});

test('an exit code speaks where the engine gives no words', () => {
  expect(taskError(task({ state: 'failed', exit: 137 }))).toBe('exited with code 137');
  expect(taskError(task({ state: 'failed', exit: 1, err: 'task: non-zero exit (1)' }))).toBe(
    'task: non-zero exit (1)',
  );
  expect(taskError(task({ state: 'running', exit: 1 }))).toBe('');
  expect(taskError(task({ state: 'failed', exit: 0 }))).toBe('');
});

test('current are the wanted tasks and the newest of every place; history goes', () => {
  const old = task({ slot: 1, state: 'failed', desired: 'shutdown', at: 1 });
  const now = task({ slot: 1, at: 2 });
  const lastOfTwo = task({ slot: 2, state: 'rejected', desired: 'shutdown', at: 3 });
  const shown = currentTasks([old, now, lastOfTwo]);
  expect(shown.map(({ ID }) => ID)).toEqual([lastOfTwo.ID, now.ID]);
});
