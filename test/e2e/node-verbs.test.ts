import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type Answer } from '../../demo/people.ts';
import { until } from '../../lab/until.ts';
import { localSwarm, nodesOf, replicasOf, runningByNode, type NodeJson } from './engines.ts';
import { leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

const SWARM = ['manager', 'fedora-01', 'fedora-02', 'fedora-03'];
/** Without the marks around names and values. */
const plain = (shown: string): string => shown.replaceAll('`', '');
const ENDED = /: (done|not everything worked|failed|refused|cancelled|expired)\./;

describe.skipIf(leftOut)(`the verbs for nodes ${leftOut ?? ''}`, { timeout: 90_000 }, () => {
  let bench: Bench;
  /** What takes long, begun at once and looked at later. */
  let slow: Record<'stuck' | 'noRoom', Promise<string>>;
  /** The entry that fedora-01 left behind when it joined again. */
  let ghost: string;
  let endless: Promise<unknown>;

  beforeAll(async () => {
    bench = await startBench({
      hosts: [...SWARM, 'spare'],
      swarm: SWARM,
      // Slack's limits on how fast a bot may write are another test's.
      system: { slack: { tierScale: 100 } },
    });
    const { lab } = bench;
    ghost = (await nodeOf('fedora-01')).ID;
    await lab.exec('fedora-01', ['docker', 'swarm', 'leave']);
    await lab.join('fedora-01', 'manager');
    const only = (node: string) => ({ Placement: { Constraints: [`node.hostname==${node}`] } });
    await create('websky', { replicas: 6 });
    await create('everywhere', {});
    await create('pinned-02', { replicas: 1, ...only('fedora-02') });
    await create('pinned-03', { replicas: 1, ...only('fedora-03') });
    await until(async () => (await total('websky')) === 6, { what: 'websky to run', within: 30_000 });
    for (const name of ['pinned-02', 'pinned-03'])
      await until(async () => (await total(name)) === 1, { what: `${name} to run`, within: 30_000 });
    // Its join goes on in the background: nobody answers there.
    const { JoinTokens } = (await lab.engine('manager').swarmInspect()) as { JoinTokens: { Worker: string } };
    await lab.faults.dropPort('spare', 2377, 'tcp', 'out');
    endless = lab.exec('spare', [
      'docker',
      'swarm',
      'join',
      '--token',
      JoinTokens.Worker,
      `${lab.host('manager').address}:2377`,
    ]);
    slow = { stuck: begin('drain fedora-03'), noRoom: begin('drain fedora-02 --keep-capacity') };
    // Later cards are told from these by their place in the channel.
    await bench.system.slack.until(() => bench.system.slack.messages('ops').length === 2 || undefined);
  }, 120_000);
  afterAll(() => bench?.stop());

  async function create(
    name: string,
    { replicas, ...template }: { replicas?: number; Placement?: { Constraints: string[] } },
  ): Promise<void> {
    await bench.lab.engine('manager').createService({
      Name: name,
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest', Init: true }, ...template },
      Mode: replicas === undefined ? { Global: {} } : { Replicated: { Replicas: replicas } },
      // Tasks that have run for so long count as staying; the engine's own 5 s only take longer.
      UpdateConfig: { Parallelism: 1, Monitor: 1e9 },
    } as never);
  }
  /** Gives a command whose card may stand between those of others. */
  async function begin(line: string): Promise<string> {
    const { slack } = bench.system;
    await slack.command('alice', 'ops', `/swarm ${line}`);
    const card = await slack.waitFor(({ text }) => text.startsWith(`${line}:`) && ENDED.test(text), {
      channel: 'ops',
      timeoutMs: 80_000,
    });
    return plain(slack.renderText(card));
  }
  const swarm = (line: string): Promise<Answer> =>
    command(bench.system.slack, 'alice', `/swarm ${line}`, 60_000);
  const no = async (line: string): Promise<string> => plain(await refused(bench.system.slack, line));
  async function done(line: string): Promise<string> {
    const { shown, well } = await swarm(line);
    expect(well, shown).toBe(true);
    return plain(shown);
  }
  const total = async (service: string): Promise<number> =>
    Object.values(await runningByNode(bench.lab, service)).reduce((sum, count) => sum + count, 0);
  /** The living one. */
  async function nodeOf(name: string): Promise<NodeJson> {
    const nodes = await nodesOf(bench.lab);
    const found = nodes.filter(({ Description, ID }) => Description.Hostname === name && ID !== ghost);
    expect(found).toHaveLength(1);
    return found[0] as NodeJson;
  }

  it('refuses what is no node, before it touches the others', async () => {
    const before = await nodeOf('manager');
    expect(await no('pause manager fedora-9')).toMatch(/No node is called fedora-9\. Did you mean fedora-0/);
    expect(await no('drain nobody')).toContain('No node is called nobody. /swarm nodes lists them.');
    expect(await nodeOf('manager')).toEqual(before);
  });

  it('label adds, changes and removes, and leaves alone what is so already', async () => {
    const shown = await done('label manager zone=a disk=ssd');
    expect(shown).toContain('• zone is a now, it was not there.');
    const again = await done('node update --label-add zone=b --label-rm disk --label-add rack=7 manager');
    expect(again).toContain('• zone is b now, it was a.');
    expect(again).toContain('• disk is removed, it was ssd.');
    const { Version, Spec } = await nodeOf('manager');
    expect(Spec.Labels).toEqual({ zone: 'b', rack: '7' });
    const so = await done('label manager rack=7 disk-');
    expect(so).toContain('The labels of manager are so already.');
    expect((await nodeOf('manager')).Version).toEqual(Version);
  });

  it('keeps the node as it was when there is no room for as many tasks more', async () => {
    const shown = await slow.noRoom;
    expect(shown).toContain('drain fedora-02 --keep-capacity (failed)');
    expect(shown).toContain('fedora-02 was not drained: there is no room elsewhere for as many tasks more.');
    expect(shown).toMatch(/pinned-02: pending \(no suitable node/);
    expect(shown).toContain('pinned-02 is back at 1');
    expect(shown).toContain('fedora-02 is active again');
    expect(shown).toContain('[Drain all the same]');
    expect((await nodeOf('fedora-02')).Spec.Availability).toBe('active');
    expect([await replicasOf(bench.lab, 'websky'), await replicasOf(bench.lab, 'pinned-02')]).toEqual([6, 1]);
  });

  it('puts everything back when it is cancelled half-way, and says so', async () => {
    const { slack } = bench.system;
    const ended = begin('drain fedora-02 --keep-capacity --timeout 2m');
    await until(async () => (await replicasOf(bench.lab, 'pinned-02')) === 2, {
      what: 'raised',
      within: 20_000,
    });
    await slack.press('alice', 'Cancel', { channel: 'ops' });
    const shown = await ended;
    expect(shown).toContain('(cancelled)');
    expect(shown).toContain('Put back: ');
    expect(shown).toContain('pinned-02 is back at 1');
    expect((await nodeOf('fedora-02')).Spec.Availability).toBe('active');
    expect([await replicasOf(bench.lab, 'websky'), await replicasOf(bench.lab, 'pinned-02')]).toEqual([6, 1]);
  });

  it('node shows every entry of that name, and node rm takes only the one that is down', async () => {
    const { ID } = await nodeOf('fedora-01');
    const isDown = async () =>
      (await nodesOf(bench.lab)).find((node) => node.ID === ghost)?.Status.State === 'down';
    await until(isDown, { what: 'the old entry to be down', within: 30_000 });
    const shown = await done('node fedora-01');
    expect(shown).toContain('2 nodes are called fedora-01: ready, down.');
    expect(shown).toContain(`[Remove ${ghost.slice(0, 11)}…]`);
    const removed = await done('node rm fedora-01');
    expect(removed).toContain('The entry of fedora-01 is removed.');
    expect(removed).toContain(`${ID} (ready, worker)`);
    expect((await nodesOf(bench.lab)).map((node) => node.ID)).not.toContain(ghost);
    expect(await no('node rm fedora-01')).toContain(
      'fedora-01 is alive and in the swarm, so its entry stays.',
    );
    expect(await no('node rm manager')).toContain('manager is a manager: it still counts for the quorum.');
  });

  it('drain --keep-capacity never lets fewer run, and restores the number', async () => {
    await until(async () => (await total('websky')) === 6, { what: 'websky to run', within: 30_000 });
    const here = (await runningByNode(bench.lab, 'websky'))['fedora-02'] ?? 0;
    await bench.lab.engine('manager').getService('pinned-02').remove();
    let least = Infinity;
    const watching = new AbortController();
    const watch = (async () => {
      while (!watching.signal.aborted) least = Math.min(least, await total('websky'));
    })();
    const shown = await done('drain fedora-02 --keep-capacity');
    watching.abort();
    await watch;
    expect(here).toBeGreaterThan(0);
    expect(shown).toContain(`websky from 6 to ${6 + here}`);
    expect(shown).toContain('websky was raised while the tasks moved, and is back at 6.');
    expect(least).toBe(6);
    expect(await replicasOf(bench.lab, 'websky')).toBe(6);
    expect((await runningByNode(bench.lab, 'websky'))['fedora-02']).toBeUndefined();
    expect(await done('drain fedora-02')).toContain('fedora-02 is drained already, and nothing runs on it.');
  });

  it('activate offers to rebalance; pause lets run what runs', async () => {
    const shown = await done('node update --availability active fedora-02');
    expect(shown).toContain('fedora-02 is active and may have tasks again.');
    expect(shown).toContain('Nothing of websky runs on it');
    expect(shown).toContain('[Rebalance websky]');
    expect(await done('activate fedora-02')).toContain('fedora-02 is active already.');
    const before = (await runningByNode(bench.lab, 'websky'))['fedora-01'] ?? 0;
    expect(await done('pause fedora-01')).toMatch(
      /fedora-01 is paused: it gets no new tasks, and \d tasks on it run on/,
    );
    expect((await runningByNode(bench.lab, 'websky'))['fedora-01']).toBe(before);
    expect((await nodeOf('fedora-01')).Spec.Availability).toBe('pause');
    await done('activate fedora-01');
  });

  it('drains several so that no task moves twice', async () => {
    const since = new Date().toISOString();
    const shown = await done('drain fedora-01 fedora-02');
    expect(shown).toContain('It went well for both nodes.');
    expect(await runningByNode(bench.lab, 'websky')).toEqual({ manager: 6 });
    const { ID } = await nodeOf('fedora-02');
    const tasks = (await bench.lab
      .engine('manager')
      .listTasks({ filters: { node: [ID], service: ['websky'] } })) as { CreatedAt: string }[];
    expect(tasks.filter(({ CreatedAt }) => CreatedAt > since)).toEqual([]);
    await done('activate fedora-01 fedora-02');
  });

  it('drain says which task found no place, and why', async () => {
    const shown = await slow.stuck;
    expect(shown).toContain('drain fedora-03 (not everything worked)');
    expect(shown).toContain('fedora-03 is drained, but not every task of pinned-03 runs elsewhere.');
    expect(shown).toMatch(/pinned-03: 0 of 1 run\. 1 task pending: no suitable node/);
    expect(shown).toMatch(/Now running: websky \d+ of \d+/);
    expect(shown).toContain('[Activate fedora-03]');
    expect((await runningByNode(bench.lab, 'websky'))['fedora-03']).toBeUndefined();
    expect((await runningByNode(bench.lab, 'everywhere'))['fedora-03']).toBeUndefined();
  });

  it('promote shows the quorum before and after, and waits until the engine itself is a manager', async () => {
    const shown = await done('promote fedora-01');
    expect(shown).toContain('Quorum: 1 manager, may lose none → 2 managers, may lose none.');
    expect(shown).toContain('With 2 managers no more may be lost than with 1: 3 would be better.');
    expect((await localSwarm(bench.lab, 'fedora-01')).ControlAvailable).toBe(true);
    expect(await done('node update --role manager fedora-02')).toContain('→ 3 managers, may lose 1.');
    expect(await done('promote fedora-02')).toContain('fedora-02 is a manager already');
  });

  it('demote refuses to lock the bot out', async () => {
    expect(await no('demote manager')).toContain('No manager of swarm.yaml would be left');
    expect(await no('demote manager fedora-01 fedora-02')).toContain('are all the managers');
    expect(await no('leave manager')).toContain('No manager of swarm.yaml would be left');
  });

  it('refuses what would lose the quorum, also before the others have noticed who is away', async () => {
    const { lab } = bench;
    await lab.faults.engineDies('fedora-02');
    const shown = await no('demote fedora-01');
    expect(shown).toContain(
      'Without fedora-01 the swarm would lose its quorum: of the 2 managers that stay, 2 must be',
    );
    expect(shown).toContain('Bring fedora-02 back or demote it first');
    expect((await nodeOf('fedora-01')).Spec.Role).toBe('manager');
    expect(await no('leave fedora-01')).toContain('the swarm would lose its quorum');
    // Waits for the managers to call it down.
    expect(await no('node rm fedora-02')).toContain('fedora-02 is a manager');
    expect(await no('leave fedora-02')).toMatch(/it cannot leave by itself|has stopped answering/);
    expect(await done('demote fedora-02')).toContain(
      'Quorum: 3 managers (1 unreachable), may lose none → 2 managers, may lose none.',
    );
  });

  it('demote makes a worker of a manager, and its engine knows it', async () => {
    expect(await done('demote fedora-01')).toContain('fedora-01 is a worker now, and its own engine agrees.');
    expect((await localSwarm(bench.lab, 'fedora-01')).ControlAvailable).toBe(false);
    expect(await no('demote manager')).toContain('manager is the only manager, and a swarm needs one.');
  });

  it('leave takes a host and its entry out; what left already is fine', async () => {
    const { lab } = bench;
    const { ID } = await nodeOf('fedora-03');
    const [left, removed] = await Promise.all([
      begin('leave fedora-03'),
      // Its engine was killed some seconds ago: the entry may go once it is down.
      begin('node rm fedora-02'),
    ]);
    expect(removed).toContain('The entry of fedora-02 is removed.');
    expect(left).toContain('fedora-03 has left the swarm, and its entry is removed.');
    expect((await localSwarm(lab, 'fedora-03')).LocalNodeState).toBe('inactive');
    expect((await nodesOf(lab)).map((node) => node.ID)).not.toContain(ID);
    expect(await done('swarm leave fedora-03')).toContain(
      'fedora-03 is in no swarm already, and the swarm has no entry of it.',
    );
  });

  it('makes a host forget what it is in only when told to', async () => {
    const { lab } = bench;
    await endless;
    expect(['pending', 'error']).toContain((await localSwarm(lab, 'spare')).LocalNodeState);
    const shown = await no('leave spare');
    expect(shown).toMatch(/spare is not in the swarm: a join is in the state (pending|error)/);
    expect(shown).toContain('[Forget the join]');
    expect(await done('leave spare --force')).toContain('The engine of spare has forgotten its join.');
    expect((await localSwarm(lab, 'spare')).LocalNodeState).toBe('inactive');
    await lab.initSwarm('spare');
    expect(await no('leave spare --force')).toContain('spare is a manager of another swarm.');
  });
});
