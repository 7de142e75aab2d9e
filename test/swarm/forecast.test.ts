import { describe, expect, test } from 'vitest';
import { forecast } from '../../src/swarm/forecast.ts';
import type { Needs, PlacedTask, PlaceNode, Places, PlaceService } from '../../src/swarm/forecast.ts';

const MiB = 1024 ** 2;

function node(id: string, change: Partial<PlaceNode> = {}): PlaceNode {
  return {
    id,
    hostname: `host-${id}`,
    address: '10.0.0.7',
    role: 'worker',
    state: 'ready',
    availability: 'active',
    labels: {},
    engineLabels: {},
    os: 'linux',
    arch: 'x86_64',
    cpus: 2,
    memoryBytes: 1024 * MiB,
    ...change,
  };
}

function needs(change: Partial<Needs> = {}): Needs {
  return {
    image: 'my-apache2:latest',
    constraints: [],
    cpus: 0,
    memoryBytes: 0,
    hostPorts: [],
    maxPerNode: 0,
    platforms: [],
    ...change,
  };
}

const service = (id: string, replicas: number | undefined, change: Partial<Needs> = {}): PlaceService => ({
  id,
  name: id,
  replicas,
  needs: needs(change),
});

const tasks = (service: string, node: string, many = 1, held: Partial<PlacedTask> = {}): PlacedTask[] =>
  Array.from({ length: many }, () => ({ node, service, cpus: 0, memoryBytes: 0, ...held }));

/** What is foreseen for websky at 12, on three nodes unless told otherwise. */
function websky(
  change: Partial<Needs>,
  {
    nodes = ['a', 'b', 'c'].map((id) => node(id)),
    own = [],
    others = [],
    extra = [],
  }: {
    nodes?: PlaceNode[];
    own?: PlacedTask[];
    others?: PlacedTask[];
    extra?: PlaceService[];
  } = {},
) {
  const places: Places = {
    nodes,
    services: [service('websky', own.length, change), ...extra],
    tasks: [...own, ...others],
  };
  const [found] = forecast(places, [{ service: 'websky', replicas: 12 }]);
  if (!found) throw new Error('One service was asked for and nothing is foreseen.');
  return found;
}

/** `kind what room: nodes`. */
const why = ({ obstacles }: ReturnType<typeof websky>) =>
  obstacles.map(
    ({ kind, what, room, nodes }) => `${[kind, what].filter(Boolean).join(' ')} ${room}: ${nodes.join()}`,
  );

const halves = { cpus: 0.5 };

const CASES: [title: string, found: ReturnType<typeof websky>, most: number | null, why: string[]][] = [
  ['nothing limits it', websky({}), null, []],
  [
    'nodes that are down, drained or unknown take none, and what runs there is moved',
    websky(
      { maxPerNode: 2 },
      {
        nodes: [
          node('a'),
          node('b', { state: 'down' }),
          node('c', { availability: 'drain' }),
          node('d', { state: 'unknown' }),
        ],
        own: tasks('websky', 'b', 2),
      },
    ),
    2,
    ['state down 0: host-b', 'availability drain 0: host-c', 'state unknown 0: host-d', 'max 2 2: host-a'],
  ],
  [
    'one node without a limit is enough for any number',
    websky({}, { nodes: [node('a'), node('b', { state: 'down' })] }),
    null,
    ['state down 0: host-b'],
  ],
  [
    'a paused node keeps what it has',
    websky({}, { nodes: [node('a', { availability: 'pause' })], own: tasks('websky', 'a', 3) }),
    3,
    ['availability pause 3: host-a'],
  ],
  [
    'the first constraint that a node does not meet is named',
    websky(
      { constraints: ['node.role==worker', 'node.labels.zone==a'] },
      { nodes: [node('a', { labels: { zone: 'b' } }), node('b'), node('m', { role: 'manager' })] },
    ),
    0,
    ['constraint node.labels.zone==a 0: host-a,host-b', 'constraint node.role==worker 0: host-m'],
  ],
  [
    'an image for another platform; docker and the kernel name processors differently',
    websky(
      { platforms: [{ os: 'linux', arch: 'amd64' }], maxPerNode: 1 },
      { nodes: [node('a'), node('b', { arch: 'aarch64' }), node('c', { arch: 'amd64' })] },
    ),
    2,
    ['max 1 1: host-a,host-c', 'platform linux/aarch64 0: host-b'],
  ],
  [
    'a platform that says only half fits all of the other half',
    websky({ platforms: [{ os: 'linux', arch: '' }] }, { nodes: [node('a', { arch: 'riscv64' })] }),
    null,
    [],
  ],
  [
    'one task on each node has a host-mode port, and none where another service has it',
    websky(
      { hostPorts: ['8080/tcp'] },
      {
        own: tasks('websky', 'a'),
        others: tasks('proxy', 'c'),
        extra: [service('proxy', 1, { hostPorts: ['443/tcp', '8080/tcp'] })],
      },
    ),
    2,
    ['port 8080/tcp 1: host-a,host-b', 'port 8080/tcp of proxy 0: host-c'],
  ],
  [
    'the same port number of another protocol is another port',
    websky(
      { hostPorts: ['53/udp'] },
      {
        nodes: [node('a')],
        others: tasks('dns', 'a'),
        extra: [service('dns', 1, { hostPorts: ['53/tcp'] })],
      },
    ),
    1,
    ['port 53/udp 1: host-a'],
  ],
  [
    'reserved processors, less what running tasks of all services reserve; its own are counted anew',
    websky(halves, {
      own: tasks('websky', 'a', 2, halves),
      others: [...tasks('api', 'a', 1, { cpus: 1 }), ...tasks('api', 'b', 1, { cpus: 1.6 })],
    }),
    // a: (2 - 1) / 0.5, b: none, c: 2 / 0.5.
    6,
    ['cpus 0: host-b', 'cpus 2: host-a', 'cpus 4: host-c'],
  ],
  [
    'reserved memory',
    websky({ memoryBytes: 300 * MiB }, { others: tasks('api', 'c', 1, { memoryBytes: 200 * MiB }) }),
    8,
    ['memory 3: host-a,host-b', 'memory 2: host-c'],
  ],
  [
    'fractions of processors add up',
    websky({ cpus: 0.1 }, { nodes: [node('a', { cpus: 0.3 })] }),
    3,
    ['cpus 3: host-a'],
  ],
  [
    'the tightest of several bounds counts',
    websky({ maxPerNode: 5, cpus: 0.5, memoryBytes: 400 * MiB }),
    6,
    ['memory 2: host-a,host-b,host-c'],
  ],
  ['a swarm without nodes', websky({}, { nodes: [] }), 0, []],
];

test.each(CASES)('%s', (_title, found, most, reasons) => {
  expect(found.most).toBe(most);
  expect(why(found)).toEqual(reasons);
});

describe('constraints, as swarmkit reads them', () => {
  const one = node('n1', {
    hostname: 'Fedora-01',
    address: '10.1.2.3',
    labels: { zone: 'A', empty: '' },
    engineLabels: { disk: 'ssd' },
  });
  test.each([
    ['node.hostname==fedora-01', true],
    ['node.hostname == FEDORA-01', true],
    ['node.hostname!=fedora-01', false],
    ['node.id==n1', true],
    ['node.role!=manager', true],
    ['Node.Role==worker', true],
    ['node.labels.zone==a', true],
    // The name of a label is compared as it is.
    ['node.labels.Zone==a', false],
    ['node.labels.missing!=a', true],
    ['node.labels.missing==a', false],
    ['node.labels.toString==a', false],
    ['engine.labels.disk==ssd', true],
    ['node.platform.os==linux', true],
    ['node.platform.arch==x86_64', true],
    ['node.ip==10.1.2.3', true],
    ['node.ip==10.1.0.0/16', true],
    ['node.ip!=10.1.0.0/16', false],
    ['node.ip==10.2.0.0/16', false],
    ['node.ip==10.1.0.0/99', false],
    ['node.ip==fd00::1', false],
    ['node.color==red', false],
    ['nonsense', false],
  ])('%s: %s', (text, fits) => {
    expect(websky({ constraints: [text] }, { nodes: [one] }).most).toBe(fits ? null : 0);
  });
});

describe('several at once', () => {
  const places = (...services: PlaceService[]): Places => ({
    nodes: [node('a'), node('b')],
    services,
    tasks: services.flatMap(({ id, replicas = 0, needs: { cpus, memoryBytes } }) =>
      Array.from({ length: replicas }, (_, at) => ({
        node: at % 2 === 0 ? 'a' : 'b',
        service: id,
        cpus,
        memoryBytes,
      })),
    ),
  });
  const most = (all: Places, wishes: Record<string, number>) =>
    forecast(
      all,
      Object.entries(wishes).map(([service, replicas]) => ({ service, replicas })),
    ).map((one) => [one.service, one.most]);

  test('each in what the ones before leave', () => {
    const all = places(service('x', 0, { cpus: 1 }), service('y', 0, { cpus: 1 }));
    expect(most(all, { x: 3, y: 4 })).toEqual([
      ['x', 4],
      ['y', 1],
    ]);
  });

  test('what shrinks frees its part for the others, whatever the order', () => {
    const all = places(service('x', 0, { cpus: 1 }), service('y', 4, { cpus: 1 }));
    expect(most(all, { x: 2, y: 4 })).toEqual([
      ['x', 0],
      ['y', 4],
    ]);
    expect(most(all, { x: 2, y: 1 })).toEqual([
      ['x', 3],
      ['y', 4],
    ]);
  });

  test('tasks are spread as the scheduler does, not packed', () => {
    // Four on two nodes leave one processor on each: none of y, which wants 1.5, fits then.
    const all = places(service('x', 0, { cpus: 0.5 }), service('y', 0, { cpus: 1.5 }));
    expect(most(all, { x: 4, y: 1 })).toEqual([
      ['x', 8],
      ['y', 0],
    ]);
  });

  test('one that is to be created is foreseen from what it needs', () => {
    const [found] = forecast(places(service('x', 2, { cpus: 1 })), [
      { service: { name: 'new', needs: needs({ cpus: 1 }) }, replicas: 5 },
    ]);
    expect(found).toMatchObject({ service: 'new', now: 0, wanted: 5, most: 2 });
    expect(found?.open.map(({ hostname }) => hostname)).toEqual(['host-a', 'host-b']);
  });

  test('one that is to be changed is foreseen by what it will need, in its own place', () => {
    const all = places(service('x', 4, { cpus: 1 }));
    const wish = { service: { id: 'x', name: 'x', needs: needs({ cpus: 2 }) }, replicas: 4 };
    expect(forecast(all, [wish])).toMatchObject([{ service: 'x', now: 4, most: 2 }]);
  });

  test('what has no replicas is not foreseen', () => {
    expect(() => most(places(service('everywhere', undefined)), { everywhere: 2 })).toThrow(RangeError);
  });
});
