import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab } from '../../lab/lab.ts';
import type { Lab } from '../../lab/lab.ts';
import type { JoinOutcome } from '../../src/hosts/hosts.ts';
import { openHosts } from '../../src/hosts/inventory.ts';
import type { OpenHosts } from '../../src/hosts/inventory.ts';
import { openSwarm } from '../../src/swarm/open-swarm.ts';
import { Secret } from '../../src/secret.ts';
import { noLab, settingsOf } from './lab-settings.ts';
import { until } from './own-sshd.ts';

describe.skipIf(noLab !== '')(`hosts of a real lab ${noLab}`, () => {
  let lab: Lab;
  let hosts: OpenHosts;
  beforeAll(async () => {
    lab = await startLab({
      name: 'hosts-engines',
      hosts: ['manager', 'fedora-01', 'fedora-02'],
      swarm: ['manager'],
    });
    hosts = openHosts(settingsOf(lab), { connectMs: 3_000, keepaliveMs: 500, keepaliveMisses: 2 });
  }, 120_000);
  afterAll(async () => {
    await hosts?.close();
    await lab?.down();
  }, 60_000);

  const join = async (
    name: string,
    change: { token?: Secret; managers?: string[] } = {},
  ): Promise<JoinOutcome> => {
    const { token, managers } = await openSwarm({ managers: ['manager'], hosts }).joinTicket('worker');
    return await hosts.host(name).joinSwarm({ token, managers, ...change });
  };
  const stateOf = async (name: string) => (await hosts.host(name).info()).swarm.state;

  test("a manager's info has all that docker info shows of the cluster", async () => {
    const info = await hosts.host('manager').info();
    const { address } = lab.host('manager');
    expect(info).toMatchObject({ hostname: 'manager', liveRestore: false, containers: { running: 0 } });
    expect(info.images).toBeGreaterThan(0);
    expect(info.swarm).toMatchObject({
      state: 'active',
      isManager: true,
      nodeAddress: address,
      managers: [{ address: `${address}:2377` }],
      cluster: {
        managers: 1,
        nodes: 1,
        taskHistoryRetentionLimit: 5,
        raft: { snapshotInterval: 10_000, heartbeatTick: 1, electionTick: 10 },
        dispatcherHeartbeatMs: 5_000,
        caExpiryMs: 90 * 24 * 3600 * 1000,
      },
    });
  });

  test('a host outside any swarm says so and shows no cluster', async () => {
    const { swarm } = await hosts.host('fedora-01').info();
    expect(swarm).toEqual({
      state: 'inactive',
      error: '',
      nodeId: '',
      nodeAddress: '',
      isManager: false,
      managers: [],
    });
  });

  test('of some images the missing ones are named, in the order asked for', async () => {
    const asked = ['nope:1', 'my-apache2:latest', 'my-apache2', 'a.example:5000/b/c:d', 'nope:1'];
    await expect(hosts.host('fedora-01').missingImages(asked)).resolves.toEqual([
      'nope:1',
      'a.example:5000/b/c:d',
    ]);
  });

  test('join, join again, leave, leave again', async () => {
    await expect(join('fedora-01')).resolves.toEqual({ kind: 'joined' });
    const info = await hosts.host('fedora-01').info();
    expect(info.swarm).toMatchObject({ state: 'active', isManager: false });
    expect(info.swarm.cluster).toBeUndefined();
    await expect(join('fedora-01')).resolves.toMatchObject({ kind: 'already' });
    await hosts.host('fedora-01').leaveSwarm({ force: false });
    expect(await stateOf('fedora-01')).toBe('inactive');
    await hosts.host('fedora-01').leaveSwarm({ force: false });
  });

  test('a manager does not leave by itself', async () => {
    await expect(hosts.host('manager').leaveSwarm({ force: false })).rejects.toMatchObject({
      message: expect.stringContaining('it is a manager') as string,
      hint: expect.stringContaining('Demote manager first') as string,
    });
    expect(await stateOf('manager')).toBe('active');
  });

  test('a token that is cut short, and one of another swarm, are explained and never shown', async () => {
    const { token } = await openSwarm({ managers: ['manager'], hosts }).joinTicket('worker');
    const cut = token.reveal().slice(0, -10);
    await expect(join('fedora-02', { token: new Secret(cut) })).rejects.toMatchObject({
      message: expect.stringMatching(/^fedora-02 did not join: the join token is not valid/) as string,
    });
    const digest = token.reveal().split('-')[2] ?? '';
    const other = digest.startsWith('1') ? '2' : '1';
    const foreign = token.reveal().replace(digest, `${other}${digest.slice(1)}`);
    const thrown: unknown = await join('fedora-02', { token: new Secret(foreign) }).catch(
      (error: unknown) => error,
    );
    expect(String(thrown)).toContain('another swarm');
    expect(String(thrown)).not.toContain(digest.slice(1));
    expect(await stateOf('fedora-02')).toBe('inactive');
  });

  test('a port that nobody answers at: dial sees it, and a join is pending, then goes on by itself', async () => {
    const { address } = lab.host('manager');
    const host = hosts.host('fedora-02');
    await expect(host.dial(address, 2377)).resolves.toEqual({ kind: 'open' });
    await expect(host.dial(address, 2378)).resolves.toEqual({ kind: 'refused' });
    // Certificates first, then the port is dropped: a join that has none yet ends in an error instead.
    await lab.faults.dropPort('manager', 2377, 'tcp', 'in');
    await expect(host.dial(address, 2377, { timeoutMs: 500 })).resolves.toEqual({
      kind: 'unreachable',
      reason: 'no answer within 0.5 s',
    });
    const ticket = await openSwarm({ managers: ['manager'], hosts }).joinTicket('worker');
    const outcome = await host.joinSwarm({ token: ticket.token, managers: ticket.managers });
    expect(outcome).toMatchObject({
      kind: 'pending',
      text: expect.stringContaining('Timeout was reached') as string,
    });
    await lab.faults.passPort('manager', 2377, 'tcp');
    await until(
      'the engine has joined or given up',
      async () => (await stateOf('fedora-02')) !== 'pending',
      40_000,
    );
    await host.leaveSwarm({ force: true });
  }, 90_000);

  test('an engine that dies is told as such, and used again when it is back', async () => {
    const host = hosts.host('fedora-01');
    await host.info();
    await lab.faults.engineDies('fedora-01');
    await expect(host.info()).rejects.toMatchObject({ kind: 'socket' });
    await lab.faults.engineStarts('fedora-01');
    await expect(host.info()).resolves.toMatchObject({ hostname: 'fedora-01' });
  });

  test('a cut link is noticed in the middle of a question, and mended by the next use', async () => {
    const host = hosts.host('fedora-01');
    await host.info();
    await lab.faults.cutLink('fedora-01');
    const before = performance.now();
    await expect(host.info()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(performance.now() - before).toBeLessThan(8_000);
    await lab.faults.mendLink('fedora-01');
    await until('the host answers again', () => host.info().then(Boolean, () => false));
  });

  test('a host whose key has changed is refused, and accepted again with the old one', async () => {
    await lab.faults.changeHostKey('fedora-01');
    const fresh = openHosts(settingsOf(lab));
    await expect(fresh.host('fedora-01').info()).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringContaining('has changed') as string,
    });
    await lab.faults.restoreHostKey('fedora-01');
    await expect(fresh.host('fedora-01').info()).resolves.toBeDefined();
    await fresh.close();
  });

  test('a stopped sshd refuses', async () => {
    await lab.faults.sshStops('fedora-01');
    const host = hosts.host('fedora-01');
    await until('the connection is gone', () =>
      host.info().then(
        () => false,
        (thrown: { message?: string }) => thrown.message?.includes('refuses SSH connections') ?? false,
      ),
    );
    await lab.faults.sshStarts('fedora-01');
    await expect(host.info()).resolves.toBeDefined();
  });
});
