import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/lab.ts';
import { openHosts } from '../../src/hosts/inventory.ts';
import type { OpenHosts } from '../../src/hosts/inventory.ts';
import { openSwarm } from '../../src/swarm/open-swarm.ts';
import type { Swarm } from '../../src/swarm/swarm.ts';
import { noLab, settingsOf } from '../hosts/lab-settings.ts';
import { until } from '../hosts/own-sshd.ts';

describe.skipIf(noLab !== '')(`a real swarm ${noLab}`, () => {
  let lab: Lab;
  let hosts: OpenHosts;
  let swarm: Swarm;

  beforeAll(async () => {
    const names = ['manager', 'fedora-01', 'fedora-02'];
    lab = await startLab({ name: 'swarm-reads', hosts: names, swarm: names });
    hosts = openHosts(settingsOf(lab), { connectMs: 3_000, keepaliveMs: 500, keepaliveMisses: 2 });
    // The first one is no manager: every test goes through failover.
    swarm = openSwarm({ managers: ['fedora-01', 'manager'], hosts });
    await create('websky', 2);
  }, 120_000);
  afterAll(async () => {
    await hosts?.close();
    await lab?.down();
  }, 60_000);

  async function create(
    name: string,
    replicas: number,
    template: object = {},
    rest: object = {},
  ): Promise<string> {
    const service: { id: string } = await lab.engine('manager').createService({
      Name: name,
      Labels: { made: 'by the test' },
      TaskTemplate: {
        ContainerSpec: { Image: 'my-apache2:latest', Init: true },
        RestartPolicy: { Condition: 'any', Delay: 500_000_000 },
        ...template,
      },
      Mode: { Replicated: { Replicas: replicas } },
      ...rest,
    } as never);
    return service.id;
  }
  const remove = (name: string) => lab.engine('manager').getService(name).remove();
  const converge = (name: string, options: Partial<Parameters<Swarm['converge']>[1]> = {}) =>
    swarm.converge(name, { deadlineMs: 30_000, stableMs: 1_000, ...options });

  test('the cluster, through the manager that is one', async () => {
    const cluster = await swarm.cluster();
    expect(cluster).toMatchObject({ managers: 1, nodes: 3, via: 'manager' });
    expect(cluster.id).toBe((await hosts.host('manager').info()).swarm.cluster?.id);
  });

  test('its nodes', async () => {
    const nodes = await swarm.nodes();
    expect(nodes.map(({ hostname, role, state }) => `${hostname} ${role} ${state}`)).toEqual([
      'fedora-01 worker ready',
      'fedora-02 worker ready',
      'manager manager ready',
    ]);
    const { address } = lab.host('manager');
    expect(nodes[2]?.manager).toEqual({
      leader: true,
      reachability: 'reachable',
      address: `${address}:2377`,
    });
    expect(nodes[0]?.address).toBe(lab.host('fedora-01').address);
  });

  test('a join ticket, with the token for the role and out of sight', async () => {
    const worker = await swarm.joinTicket('worker');
    const manager = await swarm.joinTicket('manager');
    expect(worker.managers).toEqual([`${lab.host('manager').address}:2377`]);
    expect(worker.token.reveal()).toMatch(/^SWMTKN-1-/);
    expect(manager.token.reveal()).not.toBe(worker.token.reveal());
    expect(JSON.stringify([worker, manager])).not.toContain('SWMTKN');
  });

  test('scale up and converge: progress, the spread, and the rest of the spec untouched', async () => {
    const before = await specOf('websky');
    const seen: string[] = [];
    expect(await swarm.scale('websky', 6)).toEqual({ from: 2, to: 6 });
    const outcome = await converge('websky', {
      onProgress: ({ running, wanted }) => seen.push(`${running}/${wanted}`),
    });
    expect(outcome).toMatchObject({ kind: 'converged', running: 6, wanted: 6 });
    expect(outcome.spread).toEqual([
      { node: 'fedora-01', running: 2 },
      { node: 'fedora-02', running: 2 },
      { node: 'manager', running: 2 },
    ]);
    expect(seen.at(-1)).toBe('6/6');
    expect(await specOf('websky')).toEqual({ ...before, Mode: { Replicated: { Replicas: 6 } } });
    expect(await swarm.service('websky')).toMatchObject({
      name: 'websky',
      mode: 'replicated',
      wanted: 6,
      running: 6,
    });
  });
  const specOf = async (name: string) =>
    ((await lab.engine('manager').getService(name).inspect()) as { Spec: object }).Spec;

  test('scale down is done when the surplus tasks are gone', async () => {
    await swarm.scale('websky', 6);
    await converge('websky');
    await swarm.scale('websky', 3);
    expect(await converge('websky')).toMatchObject({ kind: 'converged', running: 3, wanted: 3 });
    const containers = await Promise.all(
      lab.hosts.map(({ name }) =>
        lab.engine(name).listContainers({ filters: { label: ['com.docker.swarm.service.name=websky'] } }),
      ),
    );
    expect(containers.flat()).toHaveLength(3);
  });

  test('tasks have names, a filter by node, and history only when asked for', async () => {
    const all = await swarm.tasks({ service: 'websky' });
    expect(
      all.every(
        ({ service, state, image }) =>
          service === 'websky' && state === 'running' && image === 'my-apache2:latest',
      ),
    ).toBe(true);
    const here = await swarm.tasks({ node: 'fedora-01' });
    expect(here.every(({ node }) => node === 'fedora-01')).toBe(true);
    expect(here.length).toBeLessThan(all.length);
    expect((await swarm.tasks({ service: 'websky', history: true })).length).toBeGreaterThanOrEqual(
      all.length,
    );
  });

  test('names that do not exist get the nearest', async () => {
    await expect(swarm.service('webksy')).rejects.toMatchObject({ hint: 'Did you mean websky?' });
    await expect(swarm.scale('webksy', 1)).rejects.toMatchObject({ message: 'No service is called webksy.' });
    await expect(swarm.tasks({ node: 'fedora-1' })).rejects.toMatchObject({
      message: 'No node is called fedora-1.',
    });
    for (const odd of ['$(reboot)', '../nodes', 'w', '', 'a b', '😀'.repeat(500)]) {
      await expect(swarm.service(odd)).rejects.toMatchObject({ name: 'UserError' });
    }
  });

  test('a global service is counted and waited for, and cannot be scaled', async () => {
    await create('everywhere', 0, {}, { Mode: { Global: {} } });
    expect(await converge('everywhere')).toMatchObject({ kind: 'converged', running: 3, wanted: 3 });
    expect(await swarm.service('everywhere')).toMatchObject({ mode: 'global', wanted: 3, running: 3 });
    await expect(swarm.scale('everywhere', 5)).rejects.toMatchObject({
      message: expect.stringContaining('is a global service') as string,
    });
    await remove('everywhere');
    await expect(converge('everywhere')).rejects.toMatchObject({
      message: 'No service is called everywhere.',
    });
  });

  test('short on a missing image: the reason and where', async () => {
    await create('imageless', 2, { ContainerSpec: { Image: 'not-here:latest' } });
    const outcome = await converge('imageless', { deadlineMs: 30_000, stuckMs: 2_000 });
    expect(outcome).toMatchObject({ kind: 'short', running: 0, wanted: 2, spread: [] });
    const reasons = outcome.kind === 'short' ? outcome.reasons : [];
    expect(reasons[0]).toMatchObject({
      state: 'rejected',
      error: expect.stringContaining('No such image: not-here') as string,
    });
    expect(reasons.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(2);
    expect(reasons.flatMap(({ nodes }) => nodes)).not.toEqual([]);
    await remove('imageless');
  });

  test('short on a constraint that no node meets', async () => {
    await create('picky', 1, { Placement: { Constraints: ['node.labels.disk==ssd'] } });
    const outcome = await converge('picky', { stuckMs: 1_000 });
    const reasons = outcome.kind === 'short' ? outcome.reasons : [];
    expect(reasons).toEqual([
      {
        state: 'pending',
        error: expect.stringContaining('no suitable node (scheduling constraints') as string,
        tasks: 1,
        nodes: [],
      },
    ]);
    // And the remedy: a label on the node, which keeps what else it has.
    const node = (await swarm.nodes()).find(({ hostname }) => hostname === 'fedora-02');
    await swarm.updateNode(node?.id ?? '', { labels: { disk: 'ssd', rack: 'a' } });
    expect(await converge('picky')).toMatchObject({
      kind: 'converged',
      spread: [{ node: 'fedora-02', running: 1 }],
    });
    await swarm.updateNode(node?.id ?? '', { labels: { disk: null } });
    const after = (await swarm.nodes()).find(({ id }) => id === node?.id);
    expect(after).toMatchObject({ labels: { rack: 'a' }, availability: 'active' });
    await remove('picky');
  });

  test('short on a crash loop: the exit code', async () => {
    await create('crashing', 1, {
      ContainerSpec: { Image: 'my-apache2:latest', Command: ['/bin/busybox', 'sh', '-c', 'exit 3'] },
    });
    const outcome = await converge('crashing', { stuckMs: 3_000 });
    expect(outcome).toMatchObject({ kind: 'short', running: 0, wanted: 1 });
    expect(outcome.kind === 'short' ? outcome.reasons[0]?.error : '').toMatch(/non-zero exit \(3\)|code 3/);
    await remove('crashing');
  });

  test('two scales at once both end in one of the two numbers', async () => {
    const [a, b] = await Promise.all([swarm.scale('websky', 2), swarm.scale('websky', 4)]);
    expect([a.to, b.to]).toEqual([2, 4]);
    expect([2, 4]).toContain((await swarm.service('websky')).wanted);
  });

  test('a wait ends with its signal, by its own reason', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by carol');
    const waiting = converge('websky', { stableMs: 60_000, deadlineMs: 60_000, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 300);
    await expect(waiting).rejects.toBe(reason);
  });

  test('a node that is alive is not removed; one that left and is down is', async () => {
    const node = (await swarm.nodes()).find(({ hostname }) => hostname === 'fedora-02');
    const id = node?.id ?? '';
    await expect(swarm.removeNode(id)).rejects.toMatchObject({
      message: expect.stringContaining('is not down yet') as string,
    });
    const manager = (await swarm.nodes()).find(({ role }) => role === 'manager');
    await expect(swarm.removeNode(manager?.id ?? '')).rejects.toMatchObject({
      message: expect.stringContaining('cannot be removed') as string,
    });
    await hosts.host('fedora-02').leaveSwarm({ force: false });
    const gone = async () => (await swarm.nodes()).find((one) => one.id === id)?.state === 'down';
    await until('the manager calls it down', gone, 30_000);
    await swarm.removeNode(id);
    expect((await swarm.nodes()).map(({ hostname }) => hostname)).toEqual(['fedora-01', 'manager']);
    await swarm.removeNode(id);
  }, 60_000);

  test('when the managers are away each is named; a wait outlives a moment of that', async () => {
    await swarm.scale('websky', 2);
    const waiting = converge('websky', { stableMs: 4_000, deadlineMs: 60_000 });
    await lab.faults.engineDies('manager');
    await expect(swarm.nodes()).rejects.toMatchObject({
      message:
        'No manager answers: manager (its engine is not running), fedora-01 (is not a manager of a swarm).',
    });
    await lab.faults.engineStarts('manager');
    expect(await waiting).toMatchObject({ kind: 'converged', running: 2 });
  }, 90_000);
});
