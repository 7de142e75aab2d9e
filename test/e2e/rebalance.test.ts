import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type Answer } from '../../demo/people.ts';
import { until } from '../../lab/until.ts';
import { QUICK_DEATH } from './crash-walk.ts';
import { nodesOf, replicasOf, runningByNode } from './engines.ts';
import { leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

const ENDED = /: (done|not everything worked|failed|refused|cancelled|expired)\./;

describe.skipIf(leftOut)(`/swarm rebalance ${leftOut ?? ''}`, { timeout: 90_000 }, () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', 'fedora-01', 'fedora-02', 'bare'],
      swarm: ['manager', 'fedora-01', 'fedora-02', 'bare'],
      bare: ['bare'],
      system: { env: QUICK_DEATH, slack: { tierScale: 100 } },
    });
    // As it is when a node has just joined: the last one is empty.
    await setAvailability('fedora-02', 'drain');
    await setAvailability('bare', 'drain');
    await Promise.all([
      create('websky', 6),
      create('api', 3),
      create('slow', 4),
      create('crash', 4),
      create('theirs', 4),
      create('single', 1),
      create('lacking', 4, { Constraints: ['node.hostname != fedora-02'] }),
      create('everywhere', undefined, { Constraints: ['node.hostname == manager'] }),
      create('pinned', 3, { Constraints: ['node.hostname == manager'] }),
    ]);
    for (const [name, many] of [
      ['websky', 6],
      ['api', 3],
      ['slow', 4],
      ['crash', 4],
      ['theirs', 4],
      ['single', 1],
      ['lacking', 4],
      ['pinned', 3],
    ] as const)
      await comesTrue(
        `${many} tasks of ${name}`,
        async () => sum(await runningByNode(bench.lab, name)) === many,
      );
    await setAvailability('fedora-02', 'active');
  });
  afterAll(() => bench?.stop());

  async function create(name: string, replicas: number | undefined, placement = {}): Promise<void> {
    await bench.lab.engine('manager').createService({
      Name: name,
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' }, Placement: placement },
      Mode: replicas === undefined ? { Global: {} } : { Replicated: { Replicas: replicas } },
      // Tasks that have run for so long count as staying; the engine's own 5 s only take longer.
      UpdateConfig: { Parallelism: 1, Order: 'stop-first', Monitor: 1e9 },
    });
  }
  async function setAvailability(
    hostname: string,
    availability: 'drain' | 'active' | 'pause',
  ): Promise<void> {
    const node = (await nodesOf(bench.lab)).find(({ Description }) => Description.Hostname === hostname);
    const found = bench.lab.engine('manager').getNode(node?.ID ?? '');
    const { Version, Spec } = (await found.inspect()) as { Version: { Index: number }; Spec: object };
    await found.update({
      _query: { version: Version.Index },
      _body: { ...Spec, Availability: availability },
    });
  }
  async function setReplicas(name: string, replicas: number): Promise<void> {
    const found = bench.lab.engine('manager').getService(name);
    const { Version, Spec } = (await found.inspect()) as { Version: { Index: number }; Spec: object };
    await found.update({
      _query: { version: Version.Index },
      _body: { ...Spec, Mode: { Replicated: { Replicas: replicas } } },
    });
  }
  const comesTrue = (what: string, holds: () => Promise<boolean>): Promise<boolean> =>
    until(holds, { what, within: 40_000, every: 50 });
  const sum = (counts: Record<string, number>) =>
    Object.values(counts).reduce((total, one) => total + one, 0);
  const level = (counts: Record<string, number>) => Object.values(counts).toSorted((a, b) => a - b);
  const rebalance = (words = ''): Promise<Answer> =>
    command(bench.system.slack, 'alice', `/swarm rebalance ${words}`, 80_000);
  const newest = () => bench.system.slack.messages('ops').at(-1)?.ts ?? '0';
  const ended = (since: string, title: string) =>
    bench.system.slack.waitFor(({ text }) => text.startsWith(`${title}:`) && ENDED.test(text), {
      channel: 'ops',
      since,
      timeoutMs: 80_000,
    });

  it('shows the plan for all, and a button does it', async () => {
    const { slack } = bench.system;
    const { shown, well, ts } = await rebalance();
    expect(well, shown).toBe(true);
    expect(shown).toContain('Nothing has moved yet.');
    expect(shown).toMatch(/websky: one node has 3 tasks more than another; 2 moves make it\n.*3 → 2/);
    // Level where they may run, global, or of one task.
    for (const name of ['pinned:', 'everywhere:', 'single:', 'lacking:']) expect(shown).not.toContain(name);
    expect(shown).toContain('Rebalance all');
    const since = newest();
    await slack.press('bob', 'Rebalance websky', { channel: 'ops', ts });
    const card = slack.renderText(await ended(since, 'rebalance websky'));
    expect(card).toContain('websky is level: 2 tasks moved.');
    expect(card).toContain('0 → 2');
    expect(await runningByNode(bench.lab, 'websky')).toEqual({ manager: 2, 'fedora-01': 2, 'fedora-02': 2 });
    expect(await replicasOf(bench.lab, 'websky')).toBe(6);
  });

  it('says when it is level already, and changes nothing then', async () => {
    const inspect = () => bench.lab.engine('manager').getService('pinned').inspect();
    const before: unknown = await inspect();
    const { shown, well } = await rebalance('pinned');
    expect(well, shown).toBe(true);
    expect(shown).toContain('pinned is level already.');
    expect(await inspect()).toEqual(before);
  });

  it('levels several, several tasks at a time', async () => {
    const { shown, well } = await rebalance('api websky --at-once 3');
    expect(well, shown).toBe(true);
    expect(shown).toContain('api is level: 1 task moved.');
    expect(shown).toContain('websky is level already.');
    expect(level(await runningByNode(bench.lab, 'api'))).toEqual([1, 1, 1]);
    expect(await replicasOf(bench.lab, 'api')).toBe(3);
  });

  it('cancelled half-way, it leaves as many replicas as there were', async () => {
    const { slack } = bench.system;
    const since = newest();
    await slack.command('alice', 'ops', '/swarm rebalance slow');
    await comesTrue('slow to be raised', async () => (await replicasOf(bench.lab, 'slow')) === 5);
    const running = await slack.waitFor(({ text }) => text.startsWith('rebalance slow: running'), {
      channel: 'ops',
      since,
    });
    await slack.press('alice', 'Cancel', { channel: 'ops', ts: running.ts });
    const card = slack.renderText(await ended(since, 'rebalance slow'));
    expect(card).toContain('alice cancelled it.');
    expect(card).toMatch(/[01] tasks? of slow moved before it was ended; it has 4 replicas as before/);
    expect(await replicasOf(bench.lab, 'slow')).toBe(4);
    await comesTrue('4 tasks of slow', async () => sum(await runningByNode(bench.lab, 'slow')) === 4);
  });

  it('a worker that dies half-way is followed by one that ends with as many replicas as there were', async () => {
    const { slack, workers } = bench.system;
    const since = newest();
    await slack.command('alice', 'ops', '/swarm rebalance crash');
    await comesTrue('crash to be raised', async () => (await replicasOf(bench.lab, 'crash')) === 5);
    await workers.at(-1)?.end('SIGKILL');
    expect(await replicasOf(bench.lab, 'crash')).toBe(5);
    await bench.system.startWorker();
    const card = slack.renderText(await ended(since, 'rebalance crash'));
    expect(card).toContain('crash is level: 1 task moved.');
    expect(await replicasOf(bench.lab, 'crash')).toBe(4);
    expect(level(await runningByNode(bench.lab, 'crash'))).toEqual([1, 1, 2]);
  });

  it('keeps the number that somebody else has set meanwhile', async () => {
    const { slack } = bench.system;
    const since = newest();
    await slack.command('alice', 'ops', '/swarm rebalance theirs');
    await comesTrue('theirs to be raised', async () => (await replicasOf(bench.lab, 'theirs')) === 5);
    await setReplicas('theirs', 9);
    const card = slack.renderText(await ended(since, 'rebalance theirs'));
    expect(card).toContain('then somebody else set its replicas to 9, which stays.');
    expect(await replicasOf(bench.lab, 'theirs')).toBe(9);
  });

  it('takes back what cannot run, and says why', async () => {
    await setAvailability('bare', 'active');
    const { shown, well } = await rebalance('lacking --timeout 2s');
    await setAvailability('bare', 'drain');
    expect(well, shown).toBe(false);
    expect(shown).toMatch(
      /One more task of lacking does not run on bare: No such image: my-apache2:latest\. Its replicas are 4 again/,
    );
    expect(shown).toContain('Restart lacking');
    expect(await replicasOf(bench.lab, 'lacking')).toBe(4);
  });

  it('moves a service of one task only when it is told to', async () => {
    const { slack } = bench.system;
    const shown = await refused(slack, 'rebalance single');
    expect(shown).toContain(
      'single has a single task: it is replaced to be moved, and may be away for a moment.',
    );
    const [before] = Object.keys(await runningByNode(bench.lab, 'single'));
    // So much runs beside it that it would be better off elsewhere.
    await setReplicas('theirs', 4);
    await create('crowd', 8, { Constraints: [`node.hostname == ${before}`] });
    await comesTrue('8 tasks of crowd', async () => sum(await runningByNode(bench.lab, 'crowd')) === 8);
    const done = await rebalance('single --single');
    expect(done.well, done.shown).toBe(true);
    expect(done.shown).toContain('single is level: 1 task moved.');
    const [after] = Object.keys(await runningByNode(bench.lab, 'single'));
    expect(after).not.toBe(before);
    expect(await replicasOf(bench.lab, 'single')).toBe(1);
  });

  it.each([
    ['rebalance nope', 'No service is called nope.', '/swarm services'],
    ['rebalance websky nope', 'No service is called nope.', '/swarm services'],
    ['rebalance everywhere', 'everywhere is a global service', 'Only replicated services'],
    ['rebalance websky --at-once 0', 'is not a number of tasks to move at once', '--at-once 3'],
  ])('refuses: %s', async (line, says, next) => {
    const shown = await refused(bench.system.slack, line);
    expect(shown).toContain(says);
    expect(shown).toContain(next);
  });
});
