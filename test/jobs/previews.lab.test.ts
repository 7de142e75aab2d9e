import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canRunLab, startLab, type Lab } from '../../lab/lab.ts';
import { until } from '../../lab/until.ts';
import { UserError } from '../../src/errors.ts';
import { openHosts, type OpenHosts } from '../../src/hosts/inventory.ts';
import type { AnyJob, JobContext, Preview } from '../../src/jobs/define.ts';
import { jobs, type JobInput, type JobName } from '../../src/jobs/index.ts';
import { changedFacts } from '../../src/queue/approval.ts';
import { Secret } from '../../src/secret.ts';
import { openSwarm } from '../../src/swarm/open-swarm.ts';
import type { Swarm } from '../../src/swarm/swarm.ts';
import { settingsOf } from '../hosts/lab-settings.ts';

const able = canRunLab();

const IMAGE = 'my-apache2:latest';
const PASSWORD = 'hunter2-of-websky';
const deadlineMs = 30_000;
const COMPOSE = (replicas: number) => `
services:
  web:
    image: ${IMAGE}
    environment: { TOKEN: ${PASSWORD} }
    deploy: { replicas: ${replicas} }
networks:
  default: {}
`;

describe.skipIf(!able.ok)(`previews ${able.ok ? '' : able.why}`, { timeout: 60_000 }, () => {
  let lab: Lab;
  let hosts: OpenHosts;
  let swarm: Swarm;

  beforeAll(async () => {
    lab = await startLab({
      hosts: ['manager', 'fedora-01', 'fedora-02', 'fedora-03'],
      swarm: ['manager', 'fedora-02'],
    });
    await lab.join('fedora-01', 'manager', 'manager');
    hosts = openHosts(settingsOf(lab), { connectMs: 3_000, keepaliveMs: 500, keepaliveMisses: 2 });
    swarm = openSwarm({ managers: ['manager'], hosts, key: new Secret('one of all workers') });
    await create('websky', {
      Labels: { team: 'web' },
      TaskTemplate: {
        ContainerSpec: {
          Image: IMAGE,
          Init: true,
          Env: [`PASSWORD=${PASSWORD}`],
          Mounts: [{ Type: 'volume', Source: 'pages', Target: '/pages' }],
        },
      },
      Mode: { Replicated: { Replicas: 2 } },
    });
    // Its tasks come and go all the time: of that no fact may tell.
    await create('restless', {
      TaskTemplate: {
        ContainerSpec: { Image: IMAGE, Command: ['sleep', '0.3'] },
        RestartPolicy: { Condition: 'any', Delay: 1e8 },
      },
      Mode: { Replicated: { Replicas: 2 } },
    });
    await create('everywhere', {
      TaskTemplate: { ContainerSpec: { Image: IMAGE, Init: true } },
      Mode: { Global: {} },
    });
    await deployed(1);
    await until(async () => (await swarm.service('websky')).running === 2, {
      what: 'websky to run',
      within: 30_000,
    });
  }, 120_000);
  afterAll(async () => {
    await hosts?.close();
    await lab?.down();
  }, 60_000);

  const create = (name: string, spec: object) =>
    lab.engine('manager').createService({ Name: name, ...spec } as never);

  /** The stack shop, as a compose file with so many replicas of its service makes it. */
  async function deployed(replicas: number): Promise<void> {
    await jobs.stackApply.run(await planned(replicas), context());
  }

  async function planned(replicas: number): Promise<JobInput<'stackApply'>> {
    const source = { kind: 'pasted' as const, text: COMPOSE(replicas) };
    const input = { stack: 'shop', source, prune: false, deadlineMs };
    const { digest, basis, services } = await jobs.stackPlan.run(input, context());
    return {
      plan: 'ab12cd34',
      planned: { ...input, digest, basis, services: services.map(({ name }) => name) },
    };
  }

  const signal = new AbortController().signal;
  const limits = { joinsAtOnce: 3 };

  function context(): JobContext {
    const line = {
      say: () => {},
      show: () => {},
      fail: () => {},
      act: (_: string, change: () => never) => change(),
    };
    return {
      swarm,
      hosts,
      signal,
      limits,
      step: (_title, work) => work(line as never),
      recall: (_key, find) => find(),
      keep: () => undefined,
      undo: (_what, change) => change(),
      openJobs: () => Promise.resolve([]),
    };
  }

  async function preview<N extends JobName>(name: N, input: JobInput<N>, by = swarm): Promise<Preview> {
    const job = jobs[name] as unknown as AnyJob;
    const found = await job.preview?.(input as never, { swarm: by, hosts, signal, limits });
    if (!found) throw new Error(`${name} has no preview`);
    return found;
  }

  /** All that a preview could have changed, as the engines have it. */
  async function everything(): Promise<unknown> {
    const manager = lab.engine('manager');
    const [nodes, services, networks, cluster] = await Promise.all([
      manager.listNodes() as Promise<{ ID: string; Spec: unknown }[]>,
      manager.listServices() as Promise<{ ID: string; Spec: unknown }[]>,
      manager.listNetworks() as Promise<{ Name: string }[]>,
      manager.swarmInspect() as Promise<{ JoinTokens: unknown; Spec: unknown }>,
    ]);
    const onHosts = await Promise.all(
      lab.hosts.map(async ({ name }) => {
        const engine = lab.engine(name);
        const { Swarm } = (await engine.info()) as { Swarm: { NodeID: string; LocalNodeState: string } };
        const rules = await lab.exec(name, ['iptables', '-S', 'INPUT']);
        const images = (await engine.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []).toSorted();
        return { name, node: Swarm.NodeID, state: Swarm.LocalNodeState, rules: rules.stdout, images };
      }),
    );
    return {
      nodes: nodes.map(({ ID, Spec }) => ({ ID, Spec })).toSorted((a, b) => (a.ID < b.ID ? -1 : 1)),
      services: services.map(({ ID, Spec }) => ({ ID, Spec })).toSorted((a, b) => (a.ID < b.ID ? -1 : 1)),
      networks: networks.map(({ Name }) => Name).toSorted(),
      cluster: { tokens: cluster.JoinTokens, spec: cluster.Spec },
      onHosts,
    };
  }

  /** An update counts even where it changes nothing. */
  async function versions(): Promise<unknown> {
    const services = (await lab.engine('manager').listServices()) as { ID: string; Version: object }[];
    return services.map(({ ID, Version }) => ({ ID, Version })).toSorted((a, b) => (a.ID < b.ID ? -1 : 1));
  }

  const join = { role: 'worker' as const, drained: false, labels: {}, again: false, anyway: false };
  const wanted = {
    name: 'new',
    image: IMAGE,
    replicas: 2,
    env: [`PASSWORD=${PASSWORD}`],
    labels: {},
    constraints: [],
    ports: [],
    mounts: [{ type: 'bind' as const, source: '/var/run/docker.sock', target: '/sock', readOnly: true }],
    networks: [],
    reserve: {},
    limit: {},
    maxPerNode: 0,
    args: [PASSWORD],
  };
  const leaving = { hosts: ['fedora-02'], force: false, timeoutMs: deadlineMs };

  test('every one says something, rests on facts that do not change by themselves, and changes nothing', async () => {
    const before = [await everything(), await versions()];
    const valid: { [N in JobName]?: JobInput<N> } = {
      join: { hosts: ['fedora-03'], ...join, role: 'manager', labels: { zone: 'a' } },
      leave: { ...leaving, hosts: ['fedora-01', 'fedora-02'] },
      promote: { nodes: ['fedora-02'], role: 'manager' },
      rotate: { roles: ['worker', 'manager'] },
      prune: { hosts: ['fedora-02', 'fedora-03'], apply: true, volumes: true },
      rm: { services: ['websky', 'restless'], deadlineMs },
      stackApply: await planned(2),
      stackRemove: { stack: 'shop', deadlineMs },
      drain: { nodes: ['fedora-02'], timeoutMs: deadlineMs, keepCapacity: true },
      availability: { nodes: ['fedora-02'], availability: 'pause' },
      label: { node: 'fedora-02', labels: { zone: 'b' } },
      create: { wanted, anyway: false, deadlineMs },
      scale: { services: [{ name: 'websky', replicas: 3 }], anyway: false, deadlineMs },
      update: {
        name: 'websky',
        change: { image: 'my-apache2:2', envAdd: [`PASSWORD=${PASSWORD}2`] },
        anyway: false,
        deadlineMs,
      },
      restart: { name: 'websky', deadlineMs },
      rebalance: { services: ['websky'], atOnce: 1, single: false, deadlineMs },
      ports: { host: 'fedora-02', for: null, apply: true },
    };
    // Another worker, with a connection and marks of its own.
    const other = openSwarm({ managers: ['manager'], hosts, key: new Secret('one of all workers') });
    const tokens = Object.values(
      ((await lab.engine('manager').swarmInspect()) as { JoinTokens: Record<string, string> }).JoinTokens,
    );
    for (const [name, input] of Object.entries(valid)) {
      const first = await preview(name as JobName, input as never);
      expect(first.says.join(''), name).not.toBe('');
      expect(first.facts, name).not.toEqual([]);
      const again = await preview(name as JobName, input as never, other);
      expect(changedFacts(first.facts, again.facts), name).toEqual([]);
      const told = JSON.stringify([first, again]);
      for (const secret of [PASSWORD, ...tokens])
        expect(told.includes(secret), `${name} tells a secret`).toBe(false);
    }
    expect([await everything(), await versions()]).toEqual(before);
  });

  /** What a person would read if this had been done while the approval was waited for. */
  async function changedBy<N extends JobName>(
    name: N,
    input: JobInput<N>,
    change: () => Promise<unknown>,
  ): Promise<string[]> {
    const { facts } = await preview(name, input);
    await change();
    return changedFacts(facts, (await preview(name, input)).facts);
  }

  const updated = async (name: string, change: (spec: ServiceSpec) => ServiceSpec): Promise<void> => {
    const service = lab.engine('manager').getService(name);
    const { Version, Spec } = (await service.inspect()) as { Version: { Index: number }; Spec: ServiceSpec };
    await service.update({ version: Version.Index, ...change(Spec) });
  };
  const nodeIdOf = async (hostname: string): Promise<string> =>
    (await swarm.nodes()).find((node) => node.hostname === hostname)?.id ?? '';

  test('what somebody else does meanwhile is told by the fact that changed', async () => {
    const removal = { services: ['websky'], deadlineMs };
    expect(
      await changedBy('rm', removal, () =>
        updated('websky', (spec) => ({ ...spec, Mode: { Replicated: { Replicas: 3 } } })),
      ),
    ).toEqual(['the replicas of websky: was 2, is now 3.']);
    const env = await changedBy('rm', removal, () =>
      updated('websky', (spec) => {
        spec.TaskTemplate.ContainerSpec.Env = ['PASSWORD=another'];
        return spec;
      }),
    );
    expect(env).toEqual([
      expect.stringMatching(
        /^the environment of websky: was PASSWORD \(marked \w{12}\), is now PASSWORD \(marked \w{12}\)\.$/,
      ),
    ]);
    const hidden = await changedBy('restart', { name: 'websky', deadlineMs }, () =>
      updated('websky', (spec) => {
        spec.TaskTemplate.ContainerSpec['Hostname'] = 'www';
        return spec;
      }),
    );
    expect(hidden).toEqual([expect.stringMatching(/^what else websky is set to: was marked/)]);

    expect(
      await changedBy('rotate', { roles: ['worker'] }, () =>
        jobs.rotate.run({ roles: ['manager'] }, context()),
      ),
    ).toEqual([]);
    expect(
      await changedBy('rotate', { roles: ['worker'] }, () =>
        jobs.rotate.run({ roles: ['worker'] }, context()),
      ),
    ).toEqual([
      expect.stringMatching(/^the join token of workers: was marked \w{12}, is now marked \w{12}\.$/),
    ]);

    expect(
      await changedBy('label', { node: 'fedora-02', labels: { zone: 'a' } }, async () =>
        swarm.setLabels(await nodeIdOf('fedora-02'), { zone: 'c' }),
      ),
    ).toEqual(['the label zone of fedora-02: was none, is now c.']);
    expect(
      await changedBy(
        'drain',
        { nodes: ['fedora-02'], timeoutMs: deadlineMs, keepCapacity: false },
        async () => swarm.setAvailability(await nodeIdOf('fedora-02'), 'pause'),
      ),
    ).toEqual(['the availability of fedora-02: was active, is now pause.']);
    await swarm.setAvailability(await nodeIdOf('fedora-02'), 'active');

    expect(
      await changedBy('prune', { hosts: ['fedora-03'], apply: true, volumes: true }, () =>
        lab.engine('fedora-03').createVolume({ Name: 'old-pages' }),
      ),
    ).toEqual([
      expect.stringMatching(
        /^the volumes that would go from fedora-03: was none, is now old-pages, \S+ kB\.$/,
      ),
    ]);

    expect(
      await changedBy('stackRemove', { stack: 'shop', deadlineMs }, () =>
        swarm.createStackConfig(
          { Name: 'shop_motd', Labels: { 'com.docker.stack.namespace': 'shop' }, Data: 'aGVsbG8=' },
          signal,
        ),
      ),
    ).toEqual([
      'the configs of the stack shop: was none, is now shop_motd.',
      expect.stringMatching(/^the ID of the config shop_motd: is now \w+\.$/),
    ]);

    // One that was removed and created anew is another one, however alike.
    const [again] = await changedBy('restart', { name: 'everywhere', deadlineMs }, async () => {
      const { Spec } = (await lab.engine('manager').getService('everywhere').inspect()) as { Spec: object };
      await lab.engine('manager').getService('everywhere').remove();
      await create('everywhere', Spec);
    });
    expect(again).toMatch(/^the ID of everywhere: was \w+, is now \w+\.$/);

    const asManager = { hosts: ['fedora-03'], ...join, role: 'manager' as const };
    const [asWorker, left, right] = [
      { hosts: ['fedora-03'], ...join },
      leaving,
      { nodes: ['fedora-02'], role: 'manager' as const },
    ];
    const before = await Promise.all([
      preview('join', asWorker),
      preview('leave', { ...left, hosts: ['fedora-03'] }),
      preview('promote', right),
    ]);
    await lab.join('fedora-03', 'manager', 'manager');
    expect(changedFacts(before[0].facts, (await preview('join', asWorker)).facts)).toEqual([
      expect.stringMatching(/^the swarm that fedora-03 is in: was none, is now this swarm, as \w+\.$/),
    ]);
    expect((await preview('join', asManager)).says[0]).toBe(
      'fedora-03 is in this swarm already, as a manager, and stays.',
    );
    expect(
      changedFacts(before[1].facts, (await preview('leave', { ...left, hosts: ['fedora-03'] })).facts),
    ).toContainEqual(
      expect.stringMatching(/^the swarm that fedora-03 is in: was none, is now this swarm, as/),
    );
    expect(changedFacts(before[2].facts, (await preview('promote', right)).facts)).toEqual([
      'the managers: was 2 managers, may lose none, is now 3 managers, may lose 1.',
    ]);
    expect((await preview('promote', { nodes: ['fedora-01', 'fedora-03'], role: 'worker' })).says).toContain(
      'Quorum: 3 managers, may lose 1 → 1 manager, may lose none.',
    );
    expect((await preview('rollback', { name: 'websky', deadlineMs })).says).toEqual([
      'websky goes back to what it was before its last change.',
      'It differs from that in nothing that is shown.',
    ]);
  });

  test('a firewall that came meanwhile is among the facts of new rules, and stops a join unless somebody asks for it anyway', async () => {
    const opening = { host: 'fedora-02', for: null, apply: true };
    const blocks = (host: string, change: '-A' | '-D') =>
      lab.exec(host, ['iptables', change, 'INPUT', '-p', 'udp', '--dport', '7946', '-j', 'DROP']);
    const open = await preview('ports', opening);
    await blocks('fedora-02', '-A');
    const blocked = await preview('ports', opening);
    expect(blocked.says.join('\n')).toMatch(/added to the firewall of fedora-02 .*none is taken away/);
    expect(changedFacts(open.facts, blocked.facts).join('\n')).toMatch(
      /the rules for fedora-02: was none, is now .*7946.*\./,
    );

    const again = { hosts: ['fedora-02'], ...join, again: true };
    await expect(preview('join', again)).rejects.toThrow(/^fedora-02 cannot join as it is.* 7946\/udp /);
    const anyway = await preview('join', { ...again, anyway: true });
    expect(anyway.says[0]).toMatch(
      /^fedora-02 leaves this swarm first, where its tasks end, and then joins as a worker \(engine [^)]+\); 1 old entry of it is removed\.$/,
    );
    expect(anyway.warnings).toContainEqual(
      expect.stringMatching(/7946.* It is passed over, because of --anyway\.$/),
    );
    await blocks('fedora-02', '-D');
  });

  test('what the job would refuse, its preview refuses in the same words', async () => {
    const refused: [JobName, unknown][] = [
      ['join', { hosts: ['fedora-09'], ...join }],
      ['join', { hosts: ['fedora-02'], ...join, role: 'manager' }],
      ['join', { hosts: ['fedora-01', 'manager'], ...join, again: true, role: 'manager' }],
      ['leave', { ...leaving, hosts: ['manager', 'fedora-01'] }],
      ['leave', { ...leaving, hosts: ['manager'] }],
      ['promote', { nodes: ['fedora-01', 'nobody'], role: 'worker' }],
      ['promote', { nodes: ['manager', 'fedora-01', 'fedora-03'], role: 'worker' }],
      ['prune', { hosts: ['fedora-08', 'fedora-09'], apply: true, volumes: false }],
      ['rm', { services: ['websky', 'webskj'], deadlineMs }],
      ['stackApply', { plan: 'ab12cd34', planned: null }],
      ['stackRemove', { stack: 'shopp', deadlineMs }],
      ['nodeRm', { nodes: ['manager'] }],
      ['nodeRm', { nodes: ['fedora-02'] }],
      ['drain', { nodes: ['fedora-02', 'nobody'], timeoutMs: deadlineMs, keepCapacity: false }],
      ['availability', { nodes: ['nobody'], availability: 'pause' }],
      ['label', { node: 'nobody', labels: { zone: 'a' } }],
      ['create', { wanted: { ...wanted, name: 'websky' }, anyway: false, deadlineMs }],
      ['create', { wanted: { ...wanted, constraints: ['node.labels.zone==x'] }, anyway: false, deadlineMs }],
      ['scale', { services: [{ name: 'everywhere', replicas: 3 }], anyway: false, deadlineMs }],
      ['update', { name: 'websky', change: { reserve: { cpus: 999 } }, anyway: false, deadlineMs }],
      ['update', { name: 'everywhere', change: { replicas: 2 }, anyway: false, deadlineMs }],
      ['rollback', { name: 'restless', deadlineMs }],
      ['restart', { name: 'webskj', deadlineMs }],
      ['rebalance', { services: ['everywhere'], atOnce: 1, single: false, deadlineMs }],
      ['ports', { host: 'fedora-09', for: null, apply: true }],
    ];
    const plan = await planned(2);
    await updated('shop_web', (spec) => ({ ...spec, Mode: { Replicated: { Replicas: 3 } } }));
    refused.push(['stackApply', plan]);
    const before = await everything();
    for (const [name, input] of refused) {
      const job = jobs[name] as unknown as AnyJob;
      const what = `${name} ${JSON.stringify(input)}`;
      const byPreview = await refusalOf(`The preview of ${what}`, () => preview(name, input as never));
      const byJob = await refusalOf(what, () => job.run(input as never, context()));
      expect(byPreview, what).toEqual(byJob);
    }
    expect(await everything()).toEqual(before);
  });

  test('an entry that is to go is told with its labels', async () => {
    await hosts.host('fedora-02').leaveSwarm({ force: false }, signal);
    const entry = await until(
      async () =>
        (await swarm.nodes()).find(({ hostname, state }) => hostname === 'fedora-02' && state === 'down'),
      { what: 'fedora-02 to be down', within: 30_000 },
    );
    const removal = { nodes: ['fedora-02'] };
    const gone = await preview('nodeRm', removal);
    expect(gone.says).toEqual([`fedora-02 loses the entry ${entry.id} (down, ${entry.address}).`]);
    expect(gone.warnings).toEqual([`The labels of fedora-02 (${entry.id}) go with it: zone=c.`]);
    expect(changedFacts(gone.facts, (await preview('nodeRm', removal)).facts)).toEqual([]);
    await swarm.removeNode(entry.id, signal);
    await expect(preview('nodeRm', removal)).rejects.toThrow('No node is called fedora-02.');
  });

  test('gives up when it is told to', async () => {
    const told = AbortSignal.abort(new Error('cancelled'));
    for (const [name, input] of [
      ['join', { hosts: ['fedora-02'], ...join }],
      ['leave', leaving],
      ['rm', { services: ['websky'], deadlineMs }],
    ] as const) {
      const job = jobs[name] as unknown as AnyJob;
      await expect(job.preview?.(input as never, { swarm, hosts, signal: told, limits })).rejects.toThrow(
        'cancelled',
      );
    }
  });
});

interface ServiceSpec {
  Mode: object;
  TaskTemplate: { ContainerSpec: { Env: string[]; [field: string]: unknown } };
}

async function refusalOf(what: string, work: () => Promise<unknown>): Promise<object> {
  const thrown: unknown = await work().then(
    () => 'nothing was refused',
    (error: unknown) => error,
  );
  if (!(thrown instanceof UserError)) throw new Error(`${what} was not refused.`, { cause: thrown });
  const { message, hint, remedies } = thrown;
  return { message, hint, remedies };
}
