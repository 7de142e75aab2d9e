import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../demo/people.ts';
import { localSwarm, nodesOf } from './engines.ts';
import { leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

const HOSTS = ['manager', 'fedora-03', 'other-manager', 'stray', 'stuck'];
/** Small packets pass, so that a connection opens; what a join says over it does not. */
const CHOKE = ['-p', 'tcp', '--dport', '2377', '-m', 'length', '--length', '200:', '-j', 'DROP'];

describe.skipIf(leftOut)(`joins that take a second try ${leftOut ?? ''}`, () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({
      hosts: HOSTS,
      swarm: ['manager', 'fedora-03'],
      bare: HOSTS,
      // Slack's limits on how fast a bot may write are another test's.
      system: { slack: { tierScale: 100 } },
    });
    const { lab } = bench;
    await lab.initSwarm('other-manager');
    await lab.join('stray', 'other-manager');
  });
  afterAll(() => bench?.stop());

  const entries = async (host: string) =>
    (await nodesOf(bench.lab)).filter(({ Description }) => Description.Hostname === host);
  async function joins(line: string, meanwhile?: () => Promise<unknown>): Promise<string> {
    const [{ shown, well }] = await Promise.all([
      command(bench.system.slack, 'alice', `/swarm ${line}`, 150_000),
      meanwhile?.(),
    ]);
    expect(well, shown).toBe(true);
    return shown;
  }

  it('takes a host out of another swarm only when told to', { timeout: 60_000 }, async () => {
    const { lab, system } = bench;
    const shown = await refused(system.slack, 'join stray --label zone=a');
    expect(shown).toContain('stray is already part of another swarm.');
    expect(shown).toContain('[Leave and join again]');
    const { NodeID: before } = await localSwarm(lab, 'stray');
    expect(await joins('join stray --label zone=a --again')).toContain(
      'stray has joined the swarm as a worker',
    );
    const [entry] = await entries('stray');
    expect(entry).toMatchObject({ Status: { State: 'ready' }, Spec: { Labels: { zone: 'a' } } });
    expect(entry?.ID).not.toBe(before);
    expect(await refused(system.slack, 'join other-manager --again')).toContain(
      'other-manager is a manager of another swarm, and a manager does not just leave.',
    );
    expect(await localSwarm(lab, 'other-manager')).toMatchObject({ LocalNodeState: 'active' });
  });

  it(
    'joins a member once more with the labels it had, and leaves no ghost',
    { timeout: 60_000 },
    async () => {
      const { lab, system } = bench;
      const [before] = await entries('fedora-03');
      await lab.exec('manager', ['docker', 'node', 'update', '--label-add', 'disk=ssd', 'fedora-03']);
      await joins('join fedora-03 --again');
      const [entry, ...ghosts] = await entries('fedora-03');
      expect(ghosts).toEqual([]);
      expect(entry?.ID).not.toBe(before?.ID);
      expect(entry).toMatchObject({ Status: { State: 'ready' }, Spec: { Labels: { disk: 'ssd' } } });
      expect(await refused(system.slack, 'join manager --again')).toContain('[Demote]');
    },
  );

  it('follows up a join that timed out, and tries once more', { timeout: 180_000 }, async () => {
    const { lab, system } = bench;
    await lab.exec('manager', ['iptables', '-w', '-I', 'INPUT', '-s', lab.host('stuck').address, ...CHOKE]);
    const shown = await joins('join stuck', async () => {
      // The engine has given up, and the worker lets go: when it looks why, nothing is in the way any more.
      await system.slack.waitFor(
        (message) =>
          message.text.startsWith('join stuck: running') &&
          /leaving|looking why|once more/.test(system.slack.renderText(message)),
        { channel: 'ops', timeoutMs: 120_000 },
      );
      await lab.exec('manager', ['iptables', '-w', '-D', 'INPUT', '-s', lab.host('stuck').address, ...CHOKE]);
    });
    expect(shown).toContain('stuck has joined the swarm as a worker, and both sides agree.');
    const [entry, ...ghosts] = await entries('stuck');
    expect(ghosts).toEqual([]);
    expect(entry).toMatchObject({ ID: (await localSwarm(lab, 'stuck')).NodeID, Status: { State: 'ready' } });
    expect((await nodesOf(lab)).filter(({ Status }) => Status.State !== 'ready')).toEqual([]);
  });
});
