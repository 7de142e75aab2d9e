/** Rows 1 to 5, 9 to 15, 24 and 26: joins that do not come to a good end, caused between real engines. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../lab/until.ts';
import type { JoinOutcome, JoinRequest } from '../../../src/hosts/hosts.ts';
import type { JobResult } from '../../../src/jobs/index.ts';
import { exchange } from '../../../src/probes/exchange.ts';
import { Secret } from '../../../src/secret.ts';
import type { Swarm } from '../../../src/swarm/swarm.ts';
import { noLab, unlessLeftOut } from '../../lab/able.ts';
import {
  command,
  lines,
  Recorder,
  sideBySide,
  startGround,
  thrownBy,
  expectWhy,
  type Ground,
} from './ground.ts';
import { managerOfTomorrow, takeAuthority, wakesTooLate } from './wrong-clock.ts';

const JOINERS = ['dropped', 'rejected', 'narrow', 'half', 'uncalled', 'twice', 'foreign', 'cut', 'outdated'];
const OTHERS = ['several', 'translated', 'restored', 'slow-clock', 'slept', 'original', 'clone'];

/** A connection to a manager as it is opened. */
const TO_MANAGER = ['-p', 'tcp', '--syn', '--dport', '2377'];

describe.skipIf(noLab)(`joins that go wrong${unlessLeftOut}`, { timeout: 90_000 }, () => {
  const recorder = new Recorder('joining');
  const expectRow = recorder.expectRow.bind(recorder);
  let ground: Ground;
  let swarm: Swarm;
  let begun: ReturnType<typeof beginAll>;
  const joining = (host: string) => ({ host, doing: 'join' });

  beforeAll(async () => {
    ground = await startGround({
      hosts: ['manager', 'elsewhere', ...JOINERS, ...OTHERS],
      swarm: ['manager', 'original'],
      images: false,
    });
    swarm = ground.swarm('manager');
    await recorder.of(ground, 'manager');
    await ground.lab.initSwarm('elsewhere');
    begun = beginAll();
  });
  afterAll(async () => {
    await recorder.keep();
    await ground?.stop();
  });

  const join = async (
    host: string,
    change: Partial<JoinRequest> = {},
    role: 'worker' | 'manager' = 'worker',
  ): Promise<JoinOutcome> => {
    const { token, managers } = await swarm.joinTicket(role);
    return await ground.hosts.host(host).joinSwarm({ token, managers, ...change });
  };

  const end = (name: string) => ({
    name,
    host: ground.hosts.host(name),
    address: ground.lab.host(name).address,
    manager: name === 'manager',
  });
  const beginAll = () =>
    sideBySide({
      dropped: async () => {
        await ground.lab.faults.dropPort('dropped', 2377, 'tcp');
        return await join('dropped');
      },
      rejected: async () => {
        const { lab } = ground;
        const rule = ['-s', lab.host('rejected').address, '-p', 'tcp', '--dport', '2377', '-j', 'REJECT'];
        const asFirewalld = ['--reject-with', 'icmp-host-prohibited'];
        await lab.exec('manager', ['iptables', '-I', 'INPUT', ...rule, ...asFirewalld]);
        return await thrownBy(join('rejected'));
      },
      half: async () => {
        // A join opens three connections: for the swarm's authority, for a certificate, and to go to work.
        const third = ['-m', 'recent', '--rcheck', '--hitcount', '2', '-j', 'DROP'];
        for (const what of [third, ['-m', 'recent', '--set']])
          await ground.lab.exec('half', ['iptables', '-A', 'OUTPUT', ...TO_MANAGER, ...what]);
        return await join('half');
      },
      narrow: async () => {
        await ground.lab.faults.narrowPath('narrow', 1000);
        const ends = [end('narrow'), end('manager')] as const;
        const [outcome, { widths }] = await Promise.all([
          join('narrow'),
          exchange(ends[0], [ends[1]], AbortSignal.timeout(30_000)),
        ]);
        return { outcome, width: widths.find(({ carries }) => carries !== undefined) };
      },
      foreign: async () => {
        const { token } = await ground.swarm('elsewhere').joinTicket('worker');
        return await thrownBy(join('foreign', { token }));
      },
      managers: async () => {
        const { token } = await swarm.joinTicket('manager');
        const uncalled = await thrownBy(join('uncalled', { advertiseAddress: '192.0.2.4' }, 'manager'));
        await ground.lab.exec('manager', ['docker', 'swarm', 'join-token', '--rotate', '--quiet', 'manager']);
        return { uncalled, ...sideBySide({ outdated: () => thrownBy(join('outdated', { token })) }) };
      },
      clocks: async () => {
        const { lab } = ground;
        await lab.join('slept', 'elsewhere');
        const authority = await takeAuthority(lab, 'elsewhere');
        const tomorrow = await managerOfTomorrow(lab, 'elsewhere', authority);
        const { token } = await ground.swarm('elsewhere').joinTicket('worker');
        const [refused] = await Promise.all([
          thrownBy(join('slow-clock', { token, managers: [tomorrow.address] })),
          wakesTooLate(lab, 'slept', authority),
        ]);
        await tomorrow.close();
        return refused;
      },
    });

  test('row 4: the managers cannot call a new manager back', async () => {
    const { uncalled } = await begun.managers;
    const said = expectRow(4, 'swarm join as a manager', uncalled, joining('uncalled'));
    expect(lines(said)).toContain('join uncalled --manager --again');
  });

  test('row 24: a host that got its certificate, and never told its name', async () => {
    const half = await until(async () => (await swarm.nodes()).find(({ hostname }) => hostname === ''), {
      what: 'an entry without a name',
      within: 10_000,
      every: 50,
    });
    const { id: node, state, hostname } = half;
    const said = expectRow(24, 'nodes', '', { node, nodeState: state, hostname });
    expect(lines(said)).toEqual([`node rm ${node}`]);
    await expectWhy(ground, ['manager'], node, 24);
  });

  test('row 5: a host that is in a swarm already', async () => {
    expect(await join('twice')).toEqual({ kind: 'joined' });
    const again = await join('twice');
    expect(again.kind).toBe('already');
    expectRow(5, 'swarm join', 'text' in again ? again.text : '', joining('twice'));
    // A join of one that is in another swarm is refused, and says which way out there is.
    const line = 'join elsewhere';
    expectRow(5, line, await thrownBy(command(ground, ['manager'], line)));
    await expectWhy(ground, ['manager'], 'elsewhere', 5);
  });

  test('row 10: a token that was cut short, and one that was rotated', async () => {
    const { token } = await swarm.joinTicket('worker');
    const short = new Secret(token.reveal().slice(0, -10));
    const said = expectRow(
      10,
      'swarm join with a token that was cut short',
      await thrownBy(join('cut', { token: short })),
      joining('cut'),
    );
    expect(lines(said)).toEqual(['join cut']);
    expectRow(
      10,
      'swarm join with a rotated token',
      await (
        await begun.managers
      ).outdated,
      joining('outdated'),
    );
  });

  test('row 13: several addresses, and none named', async () => {
    const { lab } = ground;
    await lab.exec('several', ['ip', 'addr', 'add', '192.0.2.13/24', 'dev', 'eth0']);
    const { stderr } = await lab.exec('several', ['docker', 'swarm', 'init']);
    expectRow(13, 'docker swarm init', stderr.trim(), { host: 'several' });
  });

  test('row 14: an address advertised that nobody reaches', async () => {
    await join('translated', { advertiseAddress: '192.0.2.14' });
    const host = ground.hosts.host('translated');
    const [{ swarm: local }, nodes] = await Promise.all([host.info(), swarm.nodes()]);
    const node = nodes.find(({ id }) => id === local.nodeId);
    const said = expectRow(14, 'info and nodes', '', {
      host: 'translated',
      advertised: local.nodeAddress,
      address: host.address,
      nodeState: node?.state ?? 'unknown',
    });
    expect(said.cause).toContain('192.0.2.14');
    expect(lines(said)).toContain('join translated --again');
    await expectWhy(ground, ['manager'], 'translated', 14);
  });

  test('row 15: an engine with live-restore', async () => {
    await ground.lab.faults.engineSettings('restored', { 'live-restore': true });
    expectRow(15, 'swarm join', await thrownBy(join('restored')), joining('restored'));
    const line = 'join restored';
    const said = expectRow(15, line, await thrownBy(command(ground, ['manager'], line)));
    expect(said.advice).toContain('restored');
  });

  test('row 26: a machine that was cloned from another', async () => {
    const { lab, hosts } = ground;
    const key = (await lab.exec('original', ['cat', '/etc/docker/key.json'])).stdout;
    await lab.faults.engineStops('clone');
    await lab.exec('clone', ['sh', '-c', 'printf %s "$0" >/etc/docker/key.json', key]);
    await lab.faults.engineStarts('clone');
    const ids = await Promise.all(
      ['original', 'clone'].map(async (host) => (await hosts.host(host).info()).engineId),
    );
    expect(ids[0]).toBe(ids[1]);
    expectRow(26, 'info', '', { host: 'clone', sameEngineId: ['original'] });
    const { hosts: checked } = (await command(ground, ['manager'], 'check clone')) as JobResult<'check'>;
    const [of] = checked;
    const findings = of?.ok === true ? of.value.findings : [];
    expect(findings.find(({ probe }) => probe === 'Identity')).toMatchObject({
      verdict: 'fail',
      says: expect.stringContaining('original') as string,
    });
  });

  test('row 2: a firewall that rejects', async () => {
    const said = expectRow(2, 'swarm join', await begun.rejected, {
      ...joining('rejected'),
      inventory: [{ name: 'manager', address: ground.lab.host('manager').address }],
    });
    expect(said.cause).toContain('2377');
    expect(lines(said)).toContain('ports manager');
  });

  test('row 9: the token of another swarm', async () => {
    expectRow(9, 'swarm join', await begun.foreign, joining('foreign'));
  });

  test('row 11: a clock that is behind', async () => {
    expectRow(11, 'swarm join', await begun.clocks, joining('slow-clock'));
  });

  test('row 12: off for longer than a certificate lasts', async () => {
    await begun.clocks;
    const { error, state } = (await ground.hosts.host('slept').info()).swarm;
    expect(state).toBe('error');
    const said = expectRow(12, 'info', error, { host: 'slept', role: 'worker', localState: state });
    expect(lines(said)).toEqual(['join slept --again']);
    await expectWhy(ground, ['elsewhere'], 'slept', 12);
  });

  test('row 1: a port that is blocked in silence', async () => {
    const outcome = await begun.dropped;
    expect(outcome.kind).toBe('pending');
    expectRow(1, 'swarm join', 'text' in outcome ? outcome.text : '', joining('dropped'));
    const said = await expectWhy(ground, ['manager'], 'dropped', 1);
    expect(lines(said)).toContain('join dropped --again');
  });

  test('row 3: a path that loses large packets', async () => {
    // The engine says what it says of a port that is blocked; only the packets themselves tell the difference.
    const { outcome, width } = await begun.narrow;
    expect(outcome.kind).toBe('pending');
    expect(width).toMatchObject({ mtu: 1500, carries: 1000 });
    const mtu = { host: width?.mtu ?? 0, path: width?.carries ?? 0 };
    const said = expectRow(3, 'check', '', { host: 'narrow', mtu });
    expect(said.advice).toContain('mtu 1000');
  });
});
