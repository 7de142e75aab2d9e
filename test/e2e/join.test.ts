import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type Answer } from '../../demo/people.ts';
import { localSwarm, nodesOf, type NodeJson } from './engines.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';
import { watchStates } from './watch-states.ts';

const HOSTS = ['fedora-01', 'fedora-02', 'fedora-03', 'fedora-04', 'fedora-05', 'fedora-06'];

describe.skipIf(leftOut)(`/swarm join ${leftOut ?? ''}`, () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', ...HOSTS],
      swarm: ['manager'],
      bare: ['fedora-04'],
      // Slack's limits on how fast a bot may write are another test's.
      system: { slack: { tierScale: 100 } },
    });
    await createService(bench.lab, 'manager', 'websky', 1);
  });
  afterAll(() => bench?.stop());

  const join = (words: string): Promise<Answer> =>
    command(bench.system.slack, 'alice', `/swarm join ${words}`, 60_000);
  const entries = async (host: string): Promise<NodeJson[]> =>
    (await nodesOf(bench.lab)).filter(({ Description }) => Description.Hostname === host);
  /** The one entry of a host, when the manager calls it ready and the host itself says that this is its own. */
  async function agreed(host: string): Promise<NodeJson> {
    const [entry, ...more] = await entries(host);
    if (!entry) throw new Error(`The manager does not know ${host}.`);
    expect(more).toEqual([]);
    expect(entry.Status.State).toBe('ready');
    expect(await localSwarm(bench.lab, host)).toMatchObject({ LocalNodeState: 'active', NodeID: entry.ID });
    return entry;
  }

  it('joins a host, and ends when both sides agree', async () => {
    const { shown, well } = await join('fedora-01');
    const { ID, Spec } = await agreed('fedora-01');
    expect(well, shown).toBe(true);
    expect(Spec).toMatchObject({ Role: 'worker', Availability: 'active', Labels: {} });
    expect(shown).toContain('fedora-01 has joined the swarm as a worker, and both sides agree.');
    expect(lines(shown)).toEqual(
      expect.arrayContaining([
        'All 6 steps done',
        ...['Check', 'Join', 'Both sides agree', 'Images', 'Old entries', 'docker info'].map(
          (step) => `✔ ${step}`,
        ),
        'every one that a service uses is here',
        // Every field of a worker's docker info.
        'Swarm: active',
        `NodeID: \`${ID}\``,
        'Is Manager: false',
        `Node Address: \`${bench.lab.host('fedora-01').address}\``,
      ]),
    );
    expect(shown).not.toContain('[Cancel]');
  });

  it('leaves a host that is in the swarm as it is, and says so', async () => {
    const before = await agreed('fedora-01');
    const { shown, well } = await join('fedora-01');
    expect(well, shown).toBe(true);
    expect(shown).toContain('fedora-01 was in this swarm already as a worker, and both sides agree.');
    expect(await agreed('fedora-01')).toEqual(before);
    const manager = await refused(bench.system.slack, 'join fedora-01 --manager');
    expect(manager).toContain('fedora-01 is in this swarm already, as a worker.');
    expect(manager).toContain('[Promote]');
    expect(await agreed('fedora-01')).toEqual(before);
  });

  it(
    'joins a range with one card: three at a time, the bad host named, the others joined',
    { timeout: 60_000 },
    async () => {
      const { lab, system } = bench;
      // Time for the manager to call its old entry down, which the last test waits for.
      await lab.exec('fedora-01', ['docker', 'swarm', 'leave']);
      await lab.faults.hostDies('fedora-06');
      const watched = await watchStates(system.redis.url);
      const { shown, well, ts } = await join('fedora-[02-06] --label zone=a --label disk=ssd');
      watched.stop();

      expect(well, shown).toBe(false);
      expect(shown).toContain('join fedora-[02-06] --label zone=a --label disk=ssd (not everything worked)');
      expect(shown).toContain('4 of 5 hosts are in the swarm; 1 could not join.');
      expect(shown).toMatch(/❌ fedora-06: (There is no route to fedora-06|fedora-06 does not answer)/);
      expect(shown).toContain('Check that the host is up');
      expect(shown).toContain('fedora-04: ⚠️ It lacks `my-apache2:latest`');
      expect(shown).not.toMatch(/fedora-0[235][^:]*: ⚠️ It lacks/);
      const others = HOSTS.slice(1, 5);
      for (const host of others) {
        expect(lines(shown)).toContain(`✔ ${host}`);
        const { Spec } = await agreed(host);
        expect(Spec).toEqual({ Role: 'worker', Availability: 'active', Labels: { zone: 'a', disk: 'ssd' } });
      }
      expect(lines(shown).filter((line) => line === 'has joined')).toHaveLength(4);
      expect(await entries('fedora-06')).toEqual([]);
      const cards = system.slack.messages('ops').filter(({ text }) => text.startsWith('join fedora-[02-06]'));
      expect(cards.map((card) => card.ts)).toEqual([ts]);

      const underway = watched.states.map(({ steps }) =>
        steps.filter(({ status }) => status === 'in_progress'),
      );
      expect(Math.max(...underway.map((steps) => steps.length))).toBe(3);
      const joining = underway.map((steps) =>
        steps.filter(({ line }) => /^(Join|Both sides agree)/.test(line)),
      );
      expect(Math.max(...joining.map((steps) => steps.length))).toBeGreaterThan(1);
    },
  );

  it('joins a host as a manager once it is back', { timeout: 60_000 }, async () => {
    await bench.lab.faults.hostComesBack('fedora-06');
    const { shown, well } = await join('fedora-06 --manager');
    expect(well, shown).toBe(true);
    expect(shown).toContain('fedora-06 has joined the swarm as a manager, and both sides agree.');
    expect(lines(shown)).toEqual(expect.arrayContaining(['Is Manager: true', 'Managers: 2', 'Nodes: 7']));
    expect((await agreed('fedora-06')).Spec.Role).toBe('manager');
  });

  it(
    'joins a host drained that left before, and clears its old entry away',
    { timeout: 60_000 },
    async () => {
      const { lab } = bench;
      const [old] = await entries('fedora-01');
      await lab.engine('manager').createService({
        Name: 'everywhere',
        TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
        Mode: { Global: {} },
      });
      const { shown, well } = await join('fedora-01 --drained --label zone=b');
      expect(well, shown).toBe(true);
      const { ID, Spec } = await agreed('fedora-01');
      expect(ID).not.toBe(old?.ID);
      expect(Spec).toEqual({ Role: 'worker', Availability: 'drain', Labels: { zone: 'b' } });
      expect(lines(shown)).toEqual(
        expect.arrayContaining([
          'fedora-01 is ready and drained at the manager',
          'removed 1 of this host',
          'It is drained: it gets no tasks until it is made active.',
          'It has the label `zone=b`.',
          '1 old entry of the same host was removed.',
        ]),
      );
      // Drained from its first moment: not even a global service has tried to run there.
      expect(await lab.engine('manager').listTasks({ filters: { node: [ID] } })).toEqual([]);
    },
  );

  it('counts those that were in the swarm before as joined', async () => {
    const { shown, well } = await join('fedora-[02-03],fedora-05');
    expect(well, shown).toBe(true);
    expect(shown).toContain('All 3 hosts are in the swarm as workers.');
    expect(lines(shown).filter((line) => line === 'was in the swarm already')).toHaveLength(3);
  });
});

function lines(shown: string): string[] {
  return shown.split('\n').map((line) => line.trim());
}
