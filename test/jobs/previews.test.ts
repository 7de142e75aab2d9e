import { describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { UserError } from '../../src/errors.ts';
import type { EngineInfo, Host, Hosts } from '../../src/hosts/hosts.ts';
import type { AnyJob, Preview } from '../../src/jobs/define.ts';
import { jobs, type JobInput, type JobName } from '../../src/jobs/index.ts';
import { serviceFacts } from '../../src/jobs/preview-facts.ts';
import { remarks, told } from '../../src/jobs/preview-text.ts';
import { changedFacts } from '../../src/queue/approval.ts';
import type { ServiceBasis } from '../../src/swarm/bases.ts';
import type { Forecast } from '../../src/swarm/forecast.ts';
import { changeManagers } from '../../src/swarm/quorum.ts';
import type { Node, Service, Swarm, Task } from '../../src/swarm/swarm.ts';
import { manager, node, service, task } from './facts.ts';

describe('every job that changes something', () => {
  const changing = commands.flatMap((command) =>
    command.kind === 'job' && command.risk !== 'read' ? [[command.name, command.job] as const] : [],
  );

  it.each(changing)('%s has a preview', (_command, job) => {
    expect((jobs[job] as unknown as AnyJob).preview).toBeTypeOf('function');
  });

  it('is looked for in the whole list of commands', () => {
    expect(changing.map(([command]) => command)).toEqual(
      expect.arrayContaining([
        'join',
        'leave',
        'promote',
        'demote',
        'rotate',
        'prune',
        'rm',
        'stack apply',
        'stack rm',
      ]),
    );
  });
});

interface World {
  nodes: Node[];
  services?: Service[];
  tasks?: Task[];
  /** Hosts of the inventory that are in no swarm, and in another one. */
  outside?: string[];
  elsewhere?: string[];
  bases?: ServiceBasis[];
  /** The most tasks of each service that fit without the nodes that go. */
  most?: number | null;
}

function basis(name: string, change: Partial<ServiceBasis> = {}): ServiceBasis {
  return {
    id: `id-${name}`,
    name,
    createdAt: '2024-01-01T00:00:00Z',
    stack: '',
    fields: { image: 'my-apache2:latest', replicas: '2' },
    env: { names: [], mark: '' },
    mark: 'aaaaaaaaaaaa',
    ...change,
  };
}

/** As much of a swarm and its hosts as previews look at; everything that would change something is missing. */
function worldOf({ nodes, services = [], tasks = [], bases = [], most = null, ...more }: World) {
  const { outside = [], elsewhere = [] } = more;
  const managers = nodes
    .filter((one) => one.manager)
    .map(({ id, hostname, manager: as }) => ({
      id,
      name: hostname,
      reachable: as?.reachability === 'reachable',
      leaving: false,
    }));
  const swarm: Partial<Swarm> = {
    cluster: () =>
      Promise.resolve({ id: 'swarm-1', managers: managers.length, nodes: nodes.length, via: 'manager' }),
    nodes: () => Promise.resolve(nodes),
    services: () => Promise.resolve(services),
    service: (name) => {
      const found = services.find((one) => one.name === name || one.id === name);
      return found ? Promise.resolve(found) : Promise.reject(new UserError(`No service is called ${name}.`));
    },
    tasks: ({ node: id }) =>
      Promise.resolve(id === undefined ? tasks : tasks.filter((one) => `id-${one.node}` === id)),
    planManagers: ({ promote = [], demote = [], away = [] }) =>
      Promise.resolve(
        changeManagers(
          managers.map((one) => (away.includes(one.id) ? { ...one, reachable: false } : one)),
          {
            demote,
            promote: nodes
              .filter(({ id }) => promote.includes(id))
              .map(({ id, hostname }) => ({ id, name: hostname, reachable: true, leaving: false })),
          },
        ),
      ),
    managerHosts: () => ['manager'],
    serviceBases: (names) =>
      Promise.resolve(
        names.map((name) => bases.find((one) => one.id === name || one.name === name) ?? basis(name)),
      ),
    tokenMark: (role) => Promise.resolve(`mark-of-${role}`),
    forecast: (wishes) =>
      Promise.resolve(
        wishes.map(({ service: of, replicas }): Forecast => ({
          service: services.find(({ id }) => id === of)?.name ?? '',
          wanted: replicas,
          now: replicas,
          most,
          obstacles: most === null ? [] : [{ kind: 'memory', what: '', room: most, nodes: ['manager'] }],
          image: 'my-apache2:latest',
          open: [],
        })),
      ),
  };
  const names = [...nodes.map(({ hostname }) => hostname), ...outside, ...elsewhere];
  const host = (name: string): Host => {
    const as = nodes.find(({ hostname }) => hostname === name);
    if (!names.includes(name)) throw new UserError(`No host is called ${name}.`);
    const info = {
      hostname: name,
      engineId: `engine-${name}`,
      swarm: as
        ? { state: 'active', nodeId: as.id, isManager: as.role === 'manager', error: '' }
        : elsewhere.includes(name)
          ? { state: 'active', nodeId: 'of-another-swarm', isManager: false, error: '' }
          : { state: 'inactive', nodeId: '', isManager: false, error: '' },
    } as unknown as EngineInfo;
    return { name, address: `host-of-${name}`, info: () => Promise.resolve(info) } as unknown as Host;
  };
  const hosts: Hosts = { names: () => names, host, close: () => Promise.resolve() };
  return { swarm: swarm as Swarm, hosts };
}

async function preview<N extends JobName>(name: N, input: JobInput<N>, world: World): Promise<Preview> {
  const job = jobs[name] as unknown as AnyJob;
  const found = await job.preview?.(input as never, {
    ...worldOf(world),
    signal: new AbortController().signal,
    limits: { joinsAtOnce: 3 },
  });
  if (!found) throw new Error(`${name} has no preview`);
  return found;
}

const three = [manager('manager', true), manager('fedora-01', false), manager('fedora-02', false)];
const lost = (hostname: string): Node =>
  manager(hostname, false, { manager: { leader: false, reachability: 'unreachable', address: '' } });
const leaving = (hosts: string[], force = false) => ({ hosts, force, timeoutMs: 1000 });

describe('a change of the managers', () => {
  it('shows the quorum before and after, and rests on it', async () => {
    const demotion = { nodes: ['fedora-02'], role: 'worker' as const };
    const workers = [node('fedora-03')];
    const first = await preview('promote', demotion, {
      nodes: [...three, manager('fedora-04', false), ...workers],
    });
    expect(first.says).toEqual([
      'fedora-02 becomes a worker; its tasks stay.',
      'Quorum: 4 managers, may lose 1 → 3 managers, may lose 1.',
    ]);
    const second = await preview('promote', demotion, { nodes: [...three, lost('fedora-04'), ...workers] });
    expect(changedFacts(first.facts, second.facts)).toEqual([
      'the managers: was 4 managers, may lose 1, is now 4 managers (1 unreachable), may lose none.',
    ]);
  });

  it('does not rest on who leads', async () => {
    const input = { nodes: ['fedora-02'], role: 'worker' as const };
    const elected = [manager('manager', false), manager('fedora-01', true), manager('fedora-02', false)];
    const [before, after] = [
      await preview('promote', input, { nodes: three }),
      await preview('promote', input, { nodes: elected }),
    ];
    expect(changedFacts(before.facts, after.facts)).toEqual([]);
  });

  it('says that the leader goes', async () => {
    const elected = [manager('manager', false), manager('fedora-01', true), manager('fedora-02', false)];
    const { warnings } = await preview(
      'promote',
      { nodes: ['fedora-01'], role: 'worker' },
      { nodes: elected },
    );
    expect(warnings).toContain('fedora-01 is the leader: the others elect another one.');
  });

  it('a leave of a worker does not rest on the managers, one of a manager does', async () => {
    const workers = [node('fedora-03')];
    const whole = { nodes: [...three, ...workers] };
    const hurt = {
      nodes: [manager('manager', true), manager('fedora-01', false), lost('fedora-02'), ...workers],
    };
    const change = async (name: string, world: World) =>
      (await preview('leave', leaving([name]), world)).facts;
    expect(changedFacts(await change('fedora-03', whole), await change('fedora-03', hurt))).toEqual([]);
    await expect(preview('leave', leaving(['fedora-01']), hurt)).rejects.toThrow('would lose its quorum');
  });
});

describe('tasks that have to move', () => {
  const world: World = {
    nodes: [manager('manager', true), node('fedora-01'), node('fedora-02', { availability: 'drain' })],
    services: [service('websky', 3, 3), service('agent', 2, 2, { mode: 'global' })],
    tasks: [task('websky', 1), task('websky', 2), task('agent', 0)],
    bases: [
      basis('websky', {
        fields: { image: 'a:1', 'mount /data': 'volume pages', 'mount /etc/x': 'bind /etc/x (read-only)' },
      }),
    ],
  };
  const drain = { nodes: ['fedora-01'], timeoutMs: 1000, keepCapacity: false };

  it('are told with where they find room', async () => {
    expect((await preview('drain', drain, world)).says).toEqual([
      'fedora-01 is drained: 3 tasks have to go, and it takes no new ones.',
      '2 tasks of websky move to other nodes, where there is room by what is known.',
      '1 task of global services or jobs ends there, and no other node takes it over.',
    ]);
  });

  it('are told with what is in their way', async () => {
    const tight = { ...world, most: 1 };
    expect((await preview('drain', drain, tight)).warnings).toEqual([
      'Only 1 of the 3 tasks of websky fits on the nodes that stay. manager has free memory for 1 task.',
      'What tasks have stored in volumes or folders of the node does not move with them: websky (volume pages and bind /etc/x).',
    ]);
    expect((await preview('leave', leaving(['fedora-01'], true), tight)).warnings).toContain(
      'With --force it goes on although tasks find no place.',
    );
  });

  it('say that no node is left for them', async () => {
    const nodes = [manager('manager', true, { availability: 'drain' }), node('fedora-01')];
    expect((await preview('drain', drain, { ...world, nodes })).warnings[0]).toBe(
      'No other node takes tasks: everything that runs there ends.',
    );
  });

  it('may come and go without a fact that changes', async () => {
    const empty = await preview('leave', leaving(['fedora-01']), { ...world, tasks: [] });
    expect(changedFacts(empty.facts, (await preview('leave', leaving(['fedora-01']), world)).facts)).toEqual(
      [],
    );
  });
});

describe('many targets', () => {
  const names = Array.from({ length: 300 }, (_, at) => `web-${String(at + 1).padStart(3, '0')}`);

  it('stay readable, and each is among the facts', async () => {
    const nodes = [manager('manager', true), ...names.slice(0, 290).map((name) => node(name))];
    const { says, warnings, facts } = await preview('leave', leaving(names), {
      nodes,
      outside: names.slice(290),
    });
    const named = (some: string[]): string => `${some.slice(0, -1).join(', ')} and ${some.at(-1)}`;
    expect(says).toEqual([
      `290: ${named(names.slice(0, 290))}. Each is a worker: it is drained, leaves the swarm, and its entry is removed.`,
      `10: ${named(names.slice(290))}. Each is in no swarm already, and has no entry.`,
    ]);
    expect(warnings).toEqual([]);
    expect(facts.filter(({ what }) => what.startsWith('the swarm that web-'))).toHaveLength(300);
  });

  it('a single one that is different is not lost among them', () => {
    const lines = told(
      names.map((name) => ({ name, says: name === 'web-150' ? 'leaves another swarm first' : 'joins' })),
    );
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe('web-150 leaves another swarm first.');
  });

  it('that would be refused are left out, and all of them are a refusal', async () => {
    const nodes = [manager('manager', true), node('fedora-01')];
    const world = { nodes, elsewhere: ['fedora-08', 'fedora-09'] };
    const { warnings, facts } = await preview('leave', leaving(['fedora-01', 'fedora-09']), world);
    expect(warnings).toContain('Left out: fedora-09 is in another swarm, not in this one.');
    expect(facts).toContainEqual({ what: 'whether fedora-09 may leave', value: 'no' });
    await expect(preview('leave', leaving(['fedora-08', 'fedora-09']), world)).rejects.toThrow(
      'It worked for neither. fedora-08 is in another swarm, not in this one. fedora-09 is in another swarm, not in this one.',
    );
  });

  it('share a remark that is the same', () => {
    const says = 'Its kernel has no ip_vs.';
    expect(
      remarks([
        ...names.slice(0, 10).map((name) => ({ name, says })),
        { name: 'web-007', says: 'Its clock is 3 s ahead.' },
      ]),
    ).toEqual([
      'web-001, web-002, web-003, web-004, web-005, web-006, web-007, web-008, web-009 and web-010, each: Its kernel has no ip_vs.',
      'web-007: Its clock is 3 s ahead.',
    ]);
  });

  it('are all told, however different they are', () => {
    const all = names.map((name, at) => ({ name, says: `gets ${at}` }));
    expect(told(all)).toHaveLength(300);
  });
});

describe('facts of services', () => {
  const many = Array.from({ length: 8 }, (_, at) => basis(`api-${at}`));
  const changed = (change: Partial<ServiceBasis>, all: ServiceBasis[]): string[] =>
    changedFacts(
      serviceFacts(all),
      serviceFacts(all.map((one, at) => (at === 0 ? { ...one, ...change } : one))),
    );

  it('name the field that changed, or where there are many the service', () => {
    const few = [basis('websky', { fields: { image: 'a:1', 'label team': 'a' } })];
    expect(changed({ fields: { image: 'a:2', 'label team': 'a' } }, few)).toEqual([
      'the image of websky: was a:1, is now a:2.',
    ]);
    expect(changed({ fields: { image: 'a:1' } }, few)).toEqual([
      'the label team of websky: was a, is not there any more.',
    ]);
    expect(changed({ id: 'another' }, few)).toEqual(['the ID of websky: was id-websky, is now another.']);
    expect(changed({ fields: { image: 'my-apache2:2', replicas: '2' } }, many)).toEqual([
      expect.stringMatching(
        /^api-0: was 2 of my-apache2:latest \(settings marked \w+\), is now 2 of my-apache2:2 \(settings marked \w+\)\.$/,
      ),
    ]);
    for (const change of [
      { mark: 'b' },
      { env: { names: ['A'], mark: 'c' } },
      { fields: { image: 'my-apache2:latest' } },
    ])
      expect(changed(change, many)).toHaveLength(1);
  });
});

describe('a removal', () => {
  it('tells what the service is, and what comes back or stays', async () => {
    const world: World = {
      nodes: [manager('manager', true)],
      services: [service('websky', 1, 2, { ports: ['*:8080->80/tcp'] })],
      tasks: [task('websky', 1)],
      bases: [basis('websky', { stack: 'shop', fields: { image: 'a:1', 'mount /data': 'volume pages' } })],
    };
    const { says, warnings } = await preview('rm', { services: ['websky'], deadlineMs: 1 }, world);
    expect(says).toEqual([
      'websky (my-apache2:latest) is removed for good: 1 of 2 tasks runs on fedora-01; published *:8080->80/tcp; created on 2024-01-01.',
    ]);
    expect(warnings).toEqual([
      'websky belongs to the stack shop: the next deploy of it creates it again.',
      'The volumes that websky used stay on the nodes: pages.',
    ]);
  });
});

describe('what only shows something', () => {
  it.each([
    ['prune', { hosts: ['manager'], apply: false, volumes: false }],
    ['ports', { host: 'manager', for: null, apply: false }],
    ['rebalance', { services: [], atOnce: 1, single: false, deadlineMs: 1 }],
  ] as const)('%s says that it changes nothing, and rests on nothing', async (name, input) => {
    const { says, facts } = await preview(name, input as never, { nodes: [manager('manager', true)] });
    expect(says.join(' ')).toMatch(/^Nothing is /);
    expect(facts).toEqual([]);
  });
});
