/** Rows 7, 8, 17 to 20, 23 and 49: managers, their quorum, and what becomes of a swarm without it. */
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../lab/until.ts';
import { noLab, unlessLeftOut } from '../../lab/able.ts';
import type { JobResult } from '../../../src/jobs/index.ts';
import {
  command,
  lines,
  nodeIn,
  Recorder,
  sideBySide,
  startGround,
  thrownBy,
  expectWhy,
  type Ground,
} from './ground.ts';

const TRIO = ['manager', 'manager-02', 'manager-03'];
/** Two managers of a swarm of their own. */
const PAIR = ['one', 'two'];
/** Each the only manager of a swarm. */
const ALONE = ['locked', 'moved'];

describe.skipIf(noLab)(`managers that are lost${unlessLeftOut}`, { timeout: 90_000 }, () => {
  const recorder = new Recorder('managers');
  const expectRow = recorder.expectRow.bind(recorder);
  let ground: Ground;
  let begun: ReturnType<typeof beginAll>;

  beforeAll(async () => {
    ground = await startGround({ hosts: [...TRIO, 'worker', ...PAIR, ...ALONE], images: false });
    const { lab } = ground;
    await recorder.of(ground, 'manager');
    await Promise.all(['manager', 'one', ...ALONE].map((host) => lab.initSwarm(host)));
    await lab.join('two', 'one', 'manager');
    for (const host of TRIO.slice(1)) await lab.join(host, 'manager', 'manager');
    await lab.join('worker', 'manager');
    begun = beginAll();
  });
  afterAll(async () => {
    await recorder.keep();
    await ground?.stop();
  });

  /** What a manager answers once it knows that it is alone: until then it hangs. */
  const leaderless = async (manager: string): Promise<Error> =>
    await until(
      async () => {
        const error = await thrownBy(ground.swarm(manager).nodes(AbortSignal.timeout(2_000)));
        return error instanceof Error && /no leader/.test(error.message) && error;
      },
      { what: `${manager} to see that it is alone`, within: 90_000, every: 200 },
    );

  const beginAll = () =>
    sideBySide({
      trio: async () => {
        const { lab, hosts } = ground;
        const swarm = ground.swarm('manager');
        const refused = async (host: string) =>
          await thrownBy(swarm.removeNode((await nodeIn(swarm, host, 'ready')).id));
        const [ofWorker, ofManager] = [await refused('worker'), await refused('manager-02')];
        const docker = await hosts.host('manager-03').docker();
        const events = (await docker.getEvents({ filters: { type: ['node'] } })) as Readable;
        let heard = '';
        events.on('data', (chunk: Buffer) => (heard += chunk.toString()));
        // Cut off or come to its end: both are how a stream ends whose engine is gone.
        const ended = finished(events).catch(() => {});
        await Promise.all(['manager-02', 'manager-03'].map((host) => lab.faults.engineDies(host)));
        await ended;
        return { ofWorker, ofManager, heard, ...sideBySide({ alone: () => leaderless('manager') }) };
      },
      pair: async () => {
        const host = ground.hosts.host('two');
        const refused = await thrownBy(host.leaveSwarm({ force: false }));
        await host.leaveSwarm({ force: true });
        return { refused, ...sideBySide({ alone: () => leaderless('one') }) };
      },
      locked: async () => {
        const { lab } = ground;
        const { Version, Spec } = (await lab.engine('locked').swarmInspect()) as {
          Version: { Index: number };
          Spec: object;
        };
        const EncryptionConfig = { AutoLockManagers: true };
        await lab.engine('locked').swarmUpdate({ version: Version.Index, ...Spec, EncryptionConfig });
        // The manager's own key is encrypted a moment after that is decided.
        const key = 'cat "$0"/swarm/certificates/swarm-node.key';
        await until(
          async () =>
            (await lab.exec('locked', ['sh', '-c', key, `${lab.dir}/h/locked/docker`])).stdout.includes(
              'ENCRYPTED',
            ),
          { what: 'the key of the manager to be encrypted', within: 20_000, every: 100 },
        );
        await lab.faults.engineStops('locked');
        await lab.faults.engineStarts('locked');
      },
      moved: async () => {
        const { lab } = ground;
        const { address } = lab.host('moved');
        const next = address.replace(/\d+$/, '200');
        const move = 'ip addr add "$1/24" dev eth0 && ip addr del "$0/24" dev eth0';
        await lab.faults.engineStops('moved');
        await lab.exec('moved', ['sh', '-c', move, address, next]);
        await lab.faults.engineStarts('moved');
        return { from: address, to: next };
      },
    });

  test('row 7: the entry of a node that is not down', async () => {
    const said = expectRow(7, 'node rm', (await begun.trio).ofWorker, { node: 'worker' });
    expect(lines(said)).toEqual(['node rm worker']);
  });

  test('row 8: the entry of a manager', async () => {
    const said = expectRow(8, 'node rm', (await begun.trio).ofManager, { node: 'manager-02' });
    expect(lines(said)).toEqual(['demote manager-02']);
  });

  test('row 49: the events of a manager end without a word of the nodes that went down', async () => {
    expect((await begun.trio).heard).not.toContain('down');
    expectRow(49, 'events', '', { missedEvents: true });
  });

  test('row 20: a manager that waits for its key', async () => {
    await begun.locked;
    const thrown = await thrownBy(ground.swarm('locked').nodes());
    const said = expectRow(20, 'nodes', thrown, { host: 'locked' });
    expect(said.advice).toContain('never put the key into a channel');
    await expectWhy(ground, ['locked'], 'locked', 20);
  });

  test('row 17: a manager whose address has changed, and row 23: the only one', async () => {
    const { from } = await begun.moved;
    const { Swarm } = (await ground.lab.engine('moved').info()) as {
      Swarm: { Error: string; LocalNodeState: 'error' };
    };
    const facts = { host: 'moved', role: 'manager', localState: Swarm.LocalNodeState } as const;
    expectRow(17, 'info', Swarm.Error, { ...facts, managers: 3 });
    expect(Swarm.Error).toContain(from);
    const said = expectRow(23, 'info', Swarm.Error, { ...facts, managers: 1 });
    expect(said.advice).toContain('must not be wiped');
  });

  test('row 19: a manager that leaves, and one that leaves by force', async () => {
    const { refused, alone } = await begun.pair;
    const facts = { host: 'two', doing: 'leave', role: 'manager' } as const;
    const said = expectRow(19, 'swarm leave', refused, facts);
    expect(lines(said)).toContain('demote two');
    // Its partner still counts it, and is no majority alone.
    expectRow(19, 'nodes', await alone, { leftManagers: ['two'] });
    const why = await expectWhy(ground, PAIR, 'two', 19);
    expect(why.cause).toContain('two');
  });

  test('row 18: too few managers are left', async () => {
    const { alone } = await begun.trio;
    const facts = { managers: 3, lostManagers: ['manager-02', 'manager-03'] };
    const said = expectRow(18, 'nodes', await alone, facts);
    expect(said.cause).toContain('of its 3 managers, manager-02 and manager-03 do not answer');
    const why = await expectWhy(ground, TRIO, 'worker', 18);
    expect(why.cause).toContain('manager-02 and manager-03');
  });

  test('hosts lists what each engine says of itself while the managers cannot be asked', async () => {
    await (
      await begun.trio
    ).alone;
    const { hosts, managers } = (await command(ground, TRIO, 'hosts')) as JobResult<'hosts'>;
    expect(managers?.message).toContain('no leader');
    const standing = (name: string) => hosts.find(({ host }) => host === name)?.standing;
    expect(standing('manager')).toMatchObject({ kind: 'member', role: 'manager' });
    expect(standing('worker')).toMatchObject({ kind: 'member', role: 'worker' });
    expect(standing('manager-02')).toMatchObject({ kind: 'unreachable' });
  });
});
