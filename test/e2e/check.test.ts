import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type Answer } from '../../demo/people.ts';
import { localSwarm, nodesOf } from './engines.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

describe.skipIf(leftOut)(`/swarm check, ports, hosts ${leftOut ?? ''}`, () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', 'fedora-01', 'fedora-03', 'fedora-04', 'narrow', 'gone', 'rekeyed'],
      swarm: ['manager', 'fedora-01'],
      bare: ['fedora-03', 'fedora-04', 'narrow', 'gone', 'rekeyed'],
      // Slack's limits on how fast a bot may write are another test's.
      system: { slack: { tierScale: 100 } },
    });
    const { lab } = bench;
    await createService(lab, 'manager', 'websky', 2);
    await Promise.all([
      lab.faults.cutLink('gone'),
      lab.faults.changeHostKey('rekeyed'),
      lab.faults.narrowPath('narrow', 1400),
      // Each stopped at another place: as it comes in at the host, as it leaves it, as it comes in at the manager.
      lab.faults.dropPort('fedora-04', 7946, 'udp', 'in'),
      lab.faults.dropPort('fedora-04', 4789, 'udp', 'out'),
    ]);
  });
  afterAll(() => bench?.stop());

  const say = (line: string): Promise<Answer> =>
    command(bench.system.slack, 'alice', `/swarm ${line}`, 60_000);
  const rulesOf = async (host: string): Promise<string[]> =>
    (await bench.lab.exec(host, ['iptables', '-S'])).stdout.split('\n');
  /** Presses the newest such button, and waits for the end of what it starts. */
  async function press(label: string, line: string): Promise<string> {
    const { slack } = bench.system;
    const since = slack.messages('ops').at(-1)?.ts ?? '0';
    await slack.press('alice', label, { channel: 'ops' });
    const ended = await slack.waitFor(
      ({ text }) =>
        text.startsWith(`${line}: `) && /: (done|not everything worked|failed|refused)\./.test(text),
      { channel: 'ops', since, timeoutMs: 60_000 },
    );
    return slack.renderText(ended);
  }

  it('finds nothing in the way of a good host, and changes nothing on it', async () => {
    const before = [await localSwarm(bench.lab, 'fedora-03'), await rulesOf('fedora-03')];
    const { shown, well } = await say('check fedora-03');
    expect(well, shown).toBe(true);
    expect(shown).toContain('fedora-03 can join, with');
    expect(shown).toContain(
      'Ports: 2377/tcp, 4789/udp, 7946/tcp and 7946/udp pass between it and manager, tried with real packets both ways.',
    );
    expect(shown).toContain('Packets as large as the interfaces take (1500 bytes) arrive whole.');
    expect(shown).toContain(`It advertises ${bench.lab.host('fedora-03').address}`);
    expect(shown).toContain('It lacks an image that services use: my-apache2:latest.');
    expect(shown).toMatch(/Its clock agrees with that of manager to \d+ ms/);
    expect(shown).toContain('[Join]');
    expect([await localSwarm(bench.lab, 'fedora-03'), await rulesOf('fedora-03')]).toEqual(before);
  });

  it('says of a member that it is one', async () => {
    const { shown, well } = await say('check fedora-01');
    expect(well, shown).toBe(true);
    expect(shown).toContain('fedora-01 is in this swarm, and nothing is in its way');
    expect(shown).toContain('It has the image that services use.');
    expect(shown).not.toContain('[Join]');
  });

  it('names each way that is blocked, and where', async () => {
    const { shown } = await say('check fedora-04');
    expect(shown).toContain('fedora-04 cannot join as it is: 2 things stand in the way');
    expect(shown).toContain(
      '4789/udp from fedora-04 to manager does not pass: the rules of fedora-04 do not let it out.',
    );
    expect(shown).toContain(
      '7946/udp from manager to fedora-04 does not pass: the rules of fedora-04 do not let it in.',
    );
    expect(shown).toContain('[Open the ports] [Check again]');
    // A join finds the same, and does not begin.
    const refusal = await refused(bench.system.slack, 'join fedora-04');
    expect(refusal).toContain('fedora-04 cannot join as it is, because packets do not pass: ');
    expect(refusal).toContain('[Open the ports] [Check again] [Join anyway]');
    expect(await localSwarm(bench.lab, 'fedora-04')).toMatchObject({ LocalNodeState: 'inactive' });
  });

  it('shows the rules, adds them for whoever presses the button, and proves it with packets', async () => {
    const { lab } = bench;
    await lab.exec('fedora-04', [
      'sh',
      '-c',
      `mkdir -p /etc/iptables && printf '%s\\n' '*filter' ':INPUT DROP [0:0]' ':FORWARD ACCEPT [0:0]' ':OUTPUT ACCEPT [0:0]' 'COMMIT' >/etc/iptables/rules.v4`,
    ]);
    const network = lab.network;
    const before = await rulesOf('fedora-04');
    const { shown } = await say('ports fedora-04');
    expect(shown).toContain('iptables rules it');
    expect(shown).toContain(
      `iptables -w -I INPUT 1 -p udp -s ${network} --dport 7946 -m comment --comment swarmkeeper -j ACCEPT`,
    );
    expect(shown).toContain(
      `iptables -w -I OUTPUT 1 -p udp -d ${network} --dport 4789 -m comment --comment swarmkeeper -j ACCEPT`,
    );
    expect(shown).toContain('What stops packets: `-A INPUT -p udp -m udp --dport 7946 -j DROP`');
    expect(await rulesOf('fedora-04')).toEqual(before);

    const opened = await press('Add these rules', 'ports fedora-04 --apply');
    expect(opened).toContain('fedora-04: the ports are open now, as real packets have shown.');
    const after = await rulesOf('fedora-04');
    // Two more, in front of what stops the packets; not one is gone.
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.filter((rule) => rule.includes('swarmkeeper'))).toHaveLength(2);
    const { stdout: saved } = await lab.exec('fedora-04', ['cat', '/etc/iptables/rules.v4']);
    expect(saved.split('\n').filter((line) => line.includes('swarmkeeper'))).toHaveLength(3);
    // As the program that loads them at boot would.
    expect(
      await lab.exec('fedora-04', ['iptables-restore', '--test', '/etc/iptables/rules.v4']),
    ).toMatchObject({ code: 0 });

    const again = await say('ports fedora-04 --apply');
    expect(again.well, again.shown).toBe(true);
    expect(again.shown).toContain('its rules were so already, and nothing had to be added.');
    expect(await rulesOf('fedora-04')).toEqual(after);
  });

  it('joins it then, and offers to rebalance what could run there', { timeout: 60_000 }, async () => {
    const { lab } = bench;
    await lab.loadImages(['fedora-04'], ['my-apache2:latest']);
    await lab.engine('manager').createService({
      Name: 'api',
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
      Mode: { Replicated: { Replicas: 4 } },
    });
    const settled = await say('scale api 4');
    expect(settled.well, settled.shown).toBe(true);
    const { shown, well } = await say('join fedora-04');
    expect(well, shown).toBe(true);
    expect(shown).toContain('Nothing of api runs there yet');
    expect(shown).toContain('[Rebalance api]');
  });

  it('names the packets that a narrow path loses', async () => {
    const { shown } = await say('check narrow');
    expect(shown).toMatch(
      /MTU: Packets of 1500 bytes, which the interface of narrow sends, do not arrive at manager; those of 1400 do\./,
    );
    expect(shown).toContain('ip link set dev DEVICE mtu 1400');
  });

  it('checks many hosts in one card, worst first, also those that cannot be reached', async () => {
    const { shown, well } = await say('check fedora-[03-04],gone,rekeyed');
    expect(well, shown).toBe(true);
    const places = [
      '❌ gone: ',
      '❌ rekeyed: The host key of rekeyed has changed',
      'fedora-03: ',
      'fedora-04: ',
    ].map((words) => {
      expect(shown).toContain(words);
      return shown.lastIndexOf(words);
    });
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('lists the inventory, what needs attention first', async () => {
    const { shown, well } = await say('hosts');
    expect(well, shown).toBe(true);
    expect(shown).toContain('7 hosts: 3 in the swarm, 2 not in it, 2 not to be reached.');
    expect(shown.indexOf('gone')).toBeLessThan(shown.indexOf('narrow'));
    expect(shown.indexOf('narrow')).toBeLessThan(shown.lastIndexOf('manager'));
    const few = await say('hosts unreachable');
    expect(few.shown).toContain('The host key of rekeyed has changed');
    expect(few.shown).not.toContain('fedora-01');
    expect(await nodesOf(bench.lab)).toHaveLength(3);
  });
});
