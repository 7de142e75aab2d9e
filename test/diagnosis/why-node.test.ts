import { describe, expect, test } from 'vitest';
import { whyManagers } from '../../src/diagnosis/why-managers.ts';
import type { ManagersFacts } from '../../src/diagnosis/why-managers.ts';
import { whyNode } from '../../src/diagnosis/why-node.ts';
import type { HostAnswer, NodeFacts } from '../../src/diagnosis/why-node-facts.ts';
import { parseInfo } from '../../src/hosts/engine-info.ts';
import type { NodeDetail } from '../../src/swarm/node-details.ts';
import type { Node, Task } from '../../src/swarm/swarm.ts';

const says = (swarm: object, more: object = {}): HostAnswer => ({
  kind: 'info',
  info: parseInfo({
    ServerVersion: '20.10.24',
    ContainersRunning: 2,
    Swarm: { LocalNodeState: 'active', NodeID: 'n3', NodeAddr: '192.168.2.103', ...swarm },
    ...more,
  }),
});
const fails = (failed: string, message = 'It does not answer.'): HostAnswer => ({
  kind: 'failed',
  failed,
  message,
});

function entry(node: Partial<Node> = {}, tasks: Partial<Task>[] = []): NodeDetail {
  return {
    node: {
      id: 'n3',
      hostname: 'fedora-03',
      state: 'ready',
      message: '',
      availability: 'active',
      role: 'worker',
      address: '192.168.2.103',
      version: '20.10.24',
      labels: {},
      cpus: 2,
      memoryBytes: 2 ** 31,
      createdAt: '2026-03-01T10:00:00Z',
      ...node,
    },
    platform: 'linux/x86_64',
    changedAt: '2026-03-01T11:00:00Z',
    reserved: { cpus: 0, memoryBytes: 0 },
    tasks: tasks.map((task) => ({
      id: 't1',
      service: 'websky',
      slot: 1,
      node: 'fedora-03',
      state: 'running',
      desiredState: 'running',
      image: 'my-apache2:latest',
      message: '',
      error: '',
      at: '2026-03-01T10:00:00Z',
      ...task,
    })),
  };
}

const down = entry({ state: 'down', message: 'heartbeat failure' });

function facts(change: Partial<NodeFacts> = {}): NodeFacts {
  return {
    name: 'fedora-03',
    entries: [entry({}, [{}])],
    host: { name: 'fedora-03', address: '192.168.2.103' },
    said: says({}),
    toManager: null,
    managers: { total: 3, reachable: 3 },
    managersAnswer: true,
    versions: ['20.10.24'],
    strays: 0,
    couldTake: [],
    ...change,
  };
}

const read = (change: Partial<NodeFacts>) => {
  const answer = whyNode(facts(change));
  const [first] = answer.reasons;
  return {
    ...answer,
    row: first?.row,
    first: [first?.cause, first?.explanation, first?.advice].join(' '),
    lines: answer.reasons.flatMap(({ remedies }) => remedies).map(({ line }) => line),
  };
};

test('a node that is well says so, with the evidence', () => {
  const { state, is, reasons, evidence, since } = read({});
  expect({ state, is, reasons, since }).toEqual({
    state: 'well',
    is: 'fedora-03 is ready: a worker.',
    reasons: [],
    since: '',
  });
  expect(evidence).toEqual([
    'The managers say ready.',
    'It runs 1 task.',
    'Its engine 20.10.24 answers and says active.',
  ]);
});

describe('a node that is down', () => {
  test('says since when, in the words of the managers', () => {
    const { state, is, since } = read({ entries: [down] });
    expect({ state, is, since }).toEqual({
      state: 'broken',
      is: 'fedora-03, a worker, is down (heartbeat failure).',
      since: '2026-03-01T11:00:00Z',
    });
  });

  test.each<[string, Partial<NodeFacts>, number | null, RegExp, string[]]>([
    [
      'whose host does not answer either',
      { said: fails('unreachable') },
      null,
      /does not answer over SSH either/,
      ['why fedora-03'],
    ],
    [
      'whose engine does not run',
      { said: fails('socket') },
      null,
      /engine of fedora-03 does not run/,
      ['why fedora-03'],
    ],
    [
      'whose engine hangs',
      { said: fails('silent') },
      null,
      /hangs, or the host is overloaded/,
      ['why fedora-03'],
    ],
    [
      'whose engine is too slow to tell',
      { said: fails('late') },
      null,
      /hangs, or the host is overloaded/,
      ['why fedora-03'],
    ],
    [
      'that nobody may look at',
      { said: fails('host-key') },
      null,
      /could not be looked at/,
      ['why fedora-03'],
    ],
    [
      'that has left',
      { said: says({ LocalNodeState: 'inactive', NodeID: '' }) },
      null,
      /has left the swarm/,
      ['node rm n3', 'join fedora-03'],
    ],
    [
      'that is in the swarm under another ID',
      { said: says({ NodeID: 'n9' }) },
      6,
      /listed more than once/,
      ['node rm n3'],
    ],
    [
      'whose address has changed',
      { said: says({ NodeAddr: '192.168.2.113' }) },
      17,
      /from 192\.168\.2\.103 to 192\.168\.2\.113/,
      ['join fedora-03 --again'],
    ],
    ['whose engine is locked', { said: says({ LocalNodeState: 'locked' }) }, 20, /docker swarm unlock/, []],
    [
      'whose certificate has expired',
      {
        said: says({
          LocalNodeState: 'error',
          Error: 'Swarm certificates have expired. To replace them, leave the swarm and join again.',
        }),
      },
      12,
      /could not renew it/,
      ['join fedora-03 --again'],
    ],
    [
      'that a firewall keeps from the managers',
      {
        toManager: {
          address: '192.168.2.100:2377',
          outcome: { kind: 'unreachable', reason: 'no route to host' },
        },
      },
      2,
      /rejects port 2377/,
      ['ports fedora-03', 'check fedora-03', 'join fedora-03 --again'],
    ],
    [
      'that is only not heard',
      { toManager: { address: '192.168.2.100:2377', outcome: { kind: 'open' } } },
      21,
      /heard nothing/,
      ['check fedora-03', 'info fedora-03'],
    ],
    ['that is in no inventory', { host: null, said: null }, 21, /heard nothing/, []],
    [
      'and is the only manager',
      {
        entries: [entry({ state: 'down', role: 'manager', message: 'heartbeat failure' })],
        managers: { total: 1, reachable: 0 },
      },
      23,
      /cannot register/,
      ['info fedora-03'],
    ],
  ])('%s', (_what, change, row, words, lines) => {
    const answer = read({ entries: [down], ...change });
    expect(answer.row).toBe(row);
    expect(answer.first).toMatch(words);
    expect(answer.lines).toEqual(lines);
    expect(answer.state).not.toBe('well');
  });
});

describe('a node that is ready', () => {
  test('does not seem well while the managers have not noticed that its engine is dead', () => {
    const { state, is } = read({ said: fails('socket') });
    expect(state).toBe('broken');
    expect(is).toBe('fedora-03, a worker, does not work, though the managers still call it ready.');
  });

  test.each<[string, Partial<NodeFacts>, number | null, RegExp, string]>([
    ['and frozen', { said: fails('silent') }, 22, /hang/, 'broken'],
    ['and still joining by its own words', { said: says({ LocalNodeState: 'pending' }) }, 3, /MTU/, 'broken'],
    [
      'at another address than it tells',
      { said: says({ NodeAddr: '10.0.2.15' }) },
      14,
      /call it at 10\.0\.2\.15, but it is reached at 192\.168\.2\.103/,
      'broken',
    ],
    ['and not to be asked over SSH', { said: fails('login') }, null, /cannot be asked over SSH/, 'partly'],
    ['and drained', { entries: [entry({ availability: 'drain' })] }, null, /drained it/, 'well'],
    ['and paused', { entries: [entry({ availability: 'pause' })] }, null, /paused it/, 'well'],
    ['and empty', { entries: [entry()], couldTake: ['api', 'websky'] }, 45, /stays empty/, 'partly'],
    ['with containers of another time', { strays: 2 }, 48, /2 containers on fedora-03/, 'partly'],
    [
      'beside its own ghost',
      { entries: [entry({}, [{}]), entry({ id: 'n1', state: 'down' })] },
      6,
      /n1 is Down/,
      'well',
    ],
    ['among other versions', { versions: ['20.10.24', '27.3.1'] }, 30, /20\.10\.24 and 27\.3\.1/, 'well'],
    [
      'on which tasks fail',
      {
        entries: [
          entry({}, [{ state: 'rejected', desiredState: 'shutdown', error: 'No such image: web:1' }]),
        ],
      },
      36,
      /web:1 is not on fedora-03/,
      'partly',
    ],
    [
      'and a manager that the others do not reach',
      {
        entries: [
          entry(
            {
              role: 'manager',
              manager: { leader: false, reachability: 'unreachable', address: '192.168.2.103:2377' },
            },
            [{}],
          ),
        ],
        managers: { total: 3, reachable: 2 },
      },
      null,
      /do not reach fedora-03 at 192\.168\.2\.103:2377.*of 3 managers, 2 can be reached/,
      'broken',
    ],
  ])('%s', (_what, change, row, words, state) => {
    const answer = read(change);
    expect(answer.row).toBe(row);
    expect(answer.first).toMatch(words);
    expect(answer.state).toBe(state);
  });

  test('and empty for want of tasks only is well', () => {
    expect(read({ entries: [entry()] }).state).toBe('well');
  });
});

test.each<[string, Partial<Node>, number | null]>([
  ['an entry without a name is half-joined', { state: 'unknown', hostname: '' }, 24],
  ['a node that is unknown has to be waited for', { state: 'unknown' }, null],
  ['so has one that is disconnected', { state: 'disconnected' }, null],
])('%s', (_what, node, row) => {
  const answer = read({ entries: [entry(node)] });
  expect(answer.row).toBe(row);
  expect(answer.state).not.toBe('well');
});

describe('a host that the managers do not list', () => {
  const alone = { entries: [] };
  test.each<[string, Partial<NodeFacts>, string, number | null, string[]]>([
    [
      'is in no swarm',
      { said: says({ LocalNodeState: 'inactive' }) },
      'fedora-03 is in no swarm.',
      null,
      ['check fedora-03', 'join fedora-03'],
    ],
    [
      'is in another',
      { said: says({}) },
      'fedora-03 is in another swarm.',
      5,
      ['info fedora-03', 'join fedora-03 --again'],
    ],
    [
      'is still joining',
      {
        said: says({ LocalNodeState: 'pending' }),
        toManager: { address: '192.168.2.100:2377', outcome: { kind: 'unreachable', reason: 'no answer' } },
      },
      'fedora-03 is still joining (pending).',
      1,
      ['check fedora-03', 'ports fedora-03', 'join fedora-03 --again'],
    ],
    [
      'was removed while it was away',
      {
        said: says({
          LocalNodeState: 'pending',
          RemoteManagers: [{ NodeID: 'n1', Addr: '192.168.2.100:2377' }],
        }),
        toManager: { address: '192.168.2.100:2377', outcome: { kind: 'open' } },
      },
      'fedora-03 was in this swarm, and its entry has been removed.',
      null,
      ['join fedora-03 --again'],
    ],
    [
      'joins for the first time and has no identity yet',
      {
        said: says({
          LocalNodeState: 'pending',
          NodeID: '',
          RemoteManagers: [{ NodeID: 'n1', Addr: '192.168.2.100:2377' }],
        }),
        toManager: { address: '192.168.2.100:2377', outcome: { kind: 'open' } },
      },
      'fedora-03 is still joining (pending).',
      1,
      ['check fedora-03', 'ports fedora-03', 'join fedora-03 --again'],
    ],
    [
      'has failed to join for a known reason',
      { said: says({ LocalNodeState: 'error', Error: 'x509: certificate has expired or is not yet valid' }) },
      'fedora-03 has failed to join.',
      11,
      ['check fedora-03', 'join fedora-03'],
    ],
    [
      'has failed to join for another',
      { said: says({ LocalNodeState: 'error', Error: 'it rains' }) },
      'fedora-03 has failed to join.',
      null,
      ['check fedora-03', 'join fedora-03 --again'],
    ],
    [
      'cannot be reached',
      { said: fails('unreachable', 'No route.') },
      'fedora-03 cannot be asked: No route.',
      null,
      ['why fedora-03'],
    ],
  ])('%s', (_what, change, is, row, lines) => {
    const answer = read({ ...alone, ...change });
    expect({ is: answer.is, row: answer.row, lines: answer.lines, kind: answer.kind }).toEqual({
      is,
      row,
      lines,
      kind: 'host',
    });
  });
});

describe('no manager speaks for the swarm', () => {
  const NO_LEADER = 'The swarm does not have a leader.';
  const manager = (name: string, said: HostAnswer) => ({ name, address: '', said });
  const of = (change: Partial<ManagersFacts>) => {
    const answer = whyManagers({ words: NO_LEADER, managers: [], counted: 3, ...change });
    return {
      ...answer,
      rows: answer.reasons.map(({ row }) => row),
      lines: answer.reasons.flatMap(({ remedies }) => remedies).map(({ line }) => line),
    };
  };

  test('names those that are gone, and what still runs', () => {
    const { rows, reasons, lines, evidence } = of({
      managers: [
        manager('m1', says({})),
        manager('m2', fails('unreachable')),
        manager('m3', fails('socket')),
      ],
    });
    expect(rows[0]).toBe(18);
    expect(reasons[0]?.cause).toBe(
      'The swarm has lost its quorum: of its 3 managers, m2 and m3 do not answer.',
    );
    expect(lines).toEqual(['why m2', 'why m3']);
    expect(evidence).toEqual([
      'A majority of 3 managers is 2; m1 answers.',
      'What runs goes on running: 2 containers there.',
    ]);
  });

  test('names one that has left without having been demoted', () => {
    const { rows, reasons } = of({
      managers: [manager('m1', says({})), manager('m2', says({ LocalNodeState: 'inactive' }))],
      counted: 2,
    });
    expect(rows).toEqual([19]);
    expect(reasons[0]?.cause).toContain('m2 left the swarm by force');
  });

  test('says where to type the key of one that is locked', () => {
    const { rows, reasons } = of({
      managers: [manager('m1', says({ LocalNodeState: 'locked' }))],
      counted: 1,
      words: 'The swarm is locked.',
    });
    expect(rows).toEqual([20]);
    expect(reasons[0]?.advice).toContain('on m1 itself');
  });

  test('says of the only one why it does not answer', () => {
    const { reasons, lines } = of({
      words: 'No answer.',
      managers: [manager('m1', fails('socket', 'Its engine is gone.'))],
      counted: 0,
    });
    expect(reasons.map(({ cause }) => cause)).toEqual(['m1: Its engine is gone.']);
    expect(lines).toEqual(['why m1']);
  });
});
