import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../demo/people.ts';
import { until } from '../../lab/until.ts';
import { localSwarm, nodesOf } from './engines.ts';
import { leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

/** Hosts on which somebody has typed `docker swarm join` by hand while 2377/tcp was closed. */
const TRIED_BY_HAND = ['failed', 'pending', 'outdated'];

describe.skipIf(leftOut)(`joins that do not go well by themselves ${leftOut ?? ''}`, () => {
  let bench: Bench;
  let byHand: Promise<unknown>;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', 'closed', 'elsewhere', 'restored', ...TRIED_BY_HAND],
      swarm: ['manager'],
      // No host has or needs an image.
      bare: ['manager', 'closed', 'elsewhere', 'restored', ...TRIED_BY_HAND],
      // Slack's limits on how fast a bot may write are another test's.
      system: { slack: { tierScale: 100 } },
    });
    const { lab } = bench;
    const { JoinTokens } = (await lab.engine('manager').swarmInspect()) as { JoinTokens: { Worker: string } };
    const argv = [
      'docker',
      'swarm',
      'join',
      '--token',
      JoinTokens.Worker,
      `${lab.host('manager').address}:2377`,
    ];
    await Promise.all(['closed', ...TRIED_BY_HAND].map((host) => lab.faults.dropPort(host, 2377, 'tcp')));
    byHand = Promise.all(TRIED_BY_HAND.map((host) => lab.exec(host, argv)));
  });
  afterAll(async () => {
    await byHand;
    await bench?.stop();
  });

  const stateBecomes = (host: string, state: string): Promise<boolean> =>
    until(async () => (await localSwarm(bench.lab, host)).LocalNodeState === state, {
      what: `the engine of ${host} to say ${state}`,
      within: 60_000,
      every: 100,
    });
  /** The join ends well, and what it said meanwhile is told. */
  async function mended(host: string, meanwhile?: () => Promise<void>): Promise<string> {
    const ended = command(bench.system.slack, 'alice', `/swarm join ${host}`, 60_000);
    const [{ shown, well }] = await Promise.all([ended, meanwhile?.()]);
    expect(well, shown).toBe(true);
    expect(shown).toContain(`${host} has joined the swarm as a worker, and both sides agree.`);
    const { LocalNodeState, NodeID } = await localSwarm(bench.lab, host);
    expect(LocalNodeState).toBe('active');
    const entries = (await nodesOf(bench.lab)).filter(({ Description }) => Description.Hostname === host);
    expect(entries).toMatchObject([{ ID: NodeID, Status: { State: 'ready' } }]);
    return shown;
  }

  it('says at once which ports to open where the manager cannot be reached', async () => {
    const began = performance.now();
    const shown = await refused(bench.system.slack, 'join closed');
    // The engine itself would have taken 20 s at least, and gone on in the background.
    expect(performance.now() - began).toBeLessThan(18_000);
    expect(shown).toContain(
      'closed cannot join as it is, because packets do not pass: 2377/tcp from closed to manager does not pass: the rules of closed do not let it out.',
    );
    expect(shown).toContain('Open 2377/tcp on closed.');
    expect(shown).toContain('[Open the ports] [Check again] [Join anyway]');
    expect(await localSwarm(bench.lab, 'closed')).toMatchObject({ LocalNodeState: 'inactive', NodeID: '' });
    expect(await nodesOf(bench.lab)).toHaveLength(1);
  });

  it('refuses a host that is in another swarm, and leaves it there', async () => {
    const { lab, system } = bench;
    await lab.exec('elsewhere', [
      'docker',
      'swarm',
      'init',
      '--advertise-addr',
      lab.host('elsewhere').address,
    ]);
    const before = await localSwarm(lab, 'elsewhere');
    const shown = await refused(system.slack, 'join elsewhere');
    expect(shown).toContain('elsewhere is already part of another swarm.');
    expect(shown).toContain('docker swarm leave');
    expect(await localSwarm(lab, 'elsewhere')).toEqual(before);
    expect(before).toMatchObject({ LocalNodeState: 'active', ControlAvailable: true });
  });

  it('refuses an engine with live-restore, and says where that is set', async () => {
    const { lab, system } = bench;
    const configure = `echo '{"live-restore": true}' >/etc/docker/daemon.json && kill -HUP "$(cat /run/docker.pid)"`;
    await lab.exec('restored', ['sh', '-c', configure]);
    const isOn = async () =>
      ((await lab.engine('restored').info()) as { LiveRestoreEnabled: boolean }).LiveRestoreEnabled;
    await until(isOn, { what: 'the engine to take its new setting', within: 10_000, every: 50 });
    const shown = await refused(system.slack, 'join restored');
    expect(shown).toContain('restored cannot join as it is: its engine runs with live-restore');
    expect(shown).not.toContain('[Join anyway]');
    expect(shown).toContain('/etc/docker/daemon.json');
    expect(await localSwarm(lab, 'restored')).toMatchObject({ LocalNodeState: 'inactive' });
  });

  it('waits for a join that somebody began earlier, once the port is open', { timeout: 90_000 }, async () => {
    await stateBecomes('pending', 'pending');
    const { slack } = bench.system;
    // Connected to already, so that its state is known before the port is open.
    await command(slack, 'alice', '/swarm info pending');
    const shown = await mended('pending', async () => {
      await slack.waitFor(({ text }) => text.startsWith('join pending: running'), { channel: 'ops' });
      await bench.lab.faults.passPort('pending', 2377, 'tcp');
    });
    expect(shown).toContain('the earlier join has come to a good end');
  });

  it(
    'begins anew where the earlier join had a token that is no longer valid',
    { timeout: 90_000 },
    async () => {
      await stateBecomes('outdated', 'pending');
      await bench.lab.exec('manager', ['docker', 'swarm', 'join-token', '--rotate', '--quiet', 'worker']);
      await bench.lab.faults.passPort('outdated', 2377, 'tcp');
      expect(lines(await mended('outdated'))).toContain('as a worker');
    },
  );

  it('begins anew where the earlier join has failed for good', { timeout: 90_000 }, async () => {
    await stateBecomes('failed', 'error');
    expect(await refused(bench.system.slack, 'join failed')).toContain('2377/tcp from failed to manager');
    await bench.lab.faults.passPort('failed', 2377, 'tcp');
    expect(lines(await mended('failed'))).toContain('as a worker');
  });
});

function lines(shown: string): string[] {
  return shown.split('\n').map((line) => line.trim());
}
