import { cpus as allCpus } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type Answer } from '../../demo/people.ts';
import { chatScale } from '../../src/swarm/chat-scale.ts';
import { replicasOf, runningByNode } from './engines.ts';
import { leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

/** The engines of the lab all see the machine's own processors. */
const cpus = (): number => allCpus().length;

const ENDED = /: (done|not everything worked|failed|refused|cancelled|expired)\./;

describe.skipIf(leftOut)(`/swarm scale ${leftOut ?? ''}`, { timeout: 90_000 }, () => {
  let bench: Bench;
  /** What takes long, begun at once and looked at last: each ends after many tries of its tasks. */
  let slow: Record<'nowhere' | 'picky' | 'late', Promise<{ shown: string; ms: number }>>;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', 'fedora-01', 'fedora-02', 'bare'],
      swarm: ['manager', 'fedora-01', 'fedora-02', 'bare'],
      bare: ['bare'],
      // Slack's limits on how fast a bot may write are another test's.
      system: { slack: { tierScale: 100 } },
    });
    const elsewhere = { Placement: { Constraints: ['node.hostname != bare'] } };
    await createService('websky', { replicas: 1, ...elsewhere });
    await createService('api', { replicas: 1, ...elsewhere });
    await createService('everywhere', elsewhere);
    await createService('stubborn', { replicas: 2, image: 'stubborn:latest', ...elsewhere });
    await createService('late', { replicas: 0 });
    await createService('nowhere', { replicas: 0, image: 'nobody-has:1' });
    const gpu = { replicas: 0, Placement: { Constraints: ['node.labels.gpu == yes'] } };
    await createService('picky', gpu);
    await createService('choosy', gpu);
    await createService('front', {
      replicas: 0,
      ...elsewhere,
      ports: [{ TargetPort: 80, PublishedPort: 18_080, PublishMode: 'host' }],
    });
    await createService('paired', { replicas: 0, Placement: { ...elsewhere.Placement, MaxReplicas: 2 } });
    await createService('greedy', {
      replicas: 1,
      ...elsewhere,
      Resources: { Reservations: { MemoryBytes: 2 ** 50 } },
    });
    await createService('half', {
      replicas: 0,
      ...elsewhere,
      Resources: { Reservations: { NanoCPUs: (cpus() / 2) * 1e9 } },
    });
    slow = {
      nowhere: begin('scale nowhere 2'),
      picky: begin('scale picky 2 --anyway'),
      late: begin('scale late 4'),
    };
    // Later cards are told from these by their place in the channel.
    await bench.system.slack.until(() => bench.system.slack.messages('ops').length === 3 || undefined);
  });
  afterAll(() => bench?.stop());

  async function createService(
    name: string,
    {
      replicas,
      image = 'my-apache2:latest',
      ports,
      ...template
    }: {
      replicas?: number;
      image?: string;
      ports?: object[];
      Placement?: { Constraints: string[]; MaxReplicas?: number };
      Resources?: object;
    },
  ): Promise<void> {
    await bench.lab.engine('manager').createService({
      Name: name,
      TaskTemplate: { ContainerSpec: { Image: image }, ...template },
      Mode: replicas === undefined ? { Global: {} } : { Replicated: { Replicas: replicas } },
      ...(ports ? { EndpointSpec: { Ports: ports } } : {}),
      // Tasks that have run for so long count as staying; the engine's own 5 s only take longer.
      UpdateConfig: { Parallelism: 1, Order: 'stop-first', Monitor: 1e9 },
    });
  }
  /** Gives a command whose card may stand between those of others. */
  async function begin(line: string): Promise<{ shown: string; ms: number }> {
    const { slack } = bench.system;
    const began = performance.now();
    await slack.command('alice', 'ops', `/swarm ${line}`);
    const card = await slack.waitFor(({ text }) => text.startsWith(`${line}:`) && ENDED.test(text), {
      channel: 'ops',
      timeoutMs: 80_000,
    });
    return { shown: slack.renderText(card), ms: performance.now() - began };
  }
  const scale = (words: string, verb = 'scale'): Promise<Answer> =>
    command(bench.system.slack, 'alice', `/swarm ${verb} ${words}`, 60_000);
  const total = async (service: string): Promise<number> =>
    Object.values(await runningByNode(bench.lab, service)).reduce((sum, count) => sum + count, 0);

  it('ends when all 12 run, and shows on which nodes', async () => {
    const { shown, well } = await scale('websky 12');
    const there = await runningByNode(bench.lab, 'websky');
    expect(well, shown).toBe(true);
    expect(there).toEqual({ manager: 4, 'fedora-01': 4, 'fedora-02': 4 });
    expect(shown).toContain('websky went from 1 to 12; all 12 tasks run.');
    for (const [node, count] of Object.entries(there)) expect(shown).toContain(`${node}  ▇▇▇▇ ${count}`);
    expect(lines(shown)).toEqual(
      expect.arrayContaining([
        '✔ Look at the service',
        expect.stringMatching(/^my-apache2:latest, [01] of 1 running$/),
        '✔ Set 12 replicas',
        '✔ Wait until the tasks run and stay',
        '12 of 12 running',
      ]),
    );
  });

  it('scales several services with one card, in either spelling', async () => {
    const { shown, well } = await scale('websky=3 api 2');
    expect(well, shown).toBe(true);
    expect([await total('websky'), await total('api')]).toEqual([3, 2]);
    expect(shown).toContain('websky went from 12 to 3; all 3 tasks run.');
    expect(shown).toContain('api went from 1 to 2; all 2 tasks run.');
    expect(lines(shown)).toEqual(
      expect.arrayContaining(['✔ websky', '3 of 3 running', '✔ api', '2 of 2 running']),
    );
  });

  it("understands Docker's own spelling", async () => {
    const { shown, well } = await scale('api=1', 'service scale');
    expect(well, shown).toBe(true);
    expect(shown).toContain('api went from 2 to 1; its task runs.');
    expect(await total('api')).toBe(1);
  });

  it('scales to nothing, and says when it is so already', async () => {
    const { shown, well } = await scale('api 0');
    expect(well, shown).toBe(true);
    expect(shown).toContain('api went from 1 to 0; no task runs.');
    expect(await total('api')).toBe(0);
    const { Version: before } = await inspect('api');
    const again = await scale('api 0');
    expect(again.well, again.shown).toBe(true);
    expect(again.shown).toContain('api was at 0 already; no task runs.');
    expect((await inspect('api')).Version).toEqual(before);
  });

  it('stays honest about tasks that do not stop in the time that was given', async () => {
    const { shown, well } = await scale('stubborn 1 --timeout 1s');
    expect(well, shown).toBe(false);
    expect(shown).toContain('stubborn is set to 1, but tasks that are not wanted any more still run.');
    expect(shown).toMatch(/• 1 task stopping on [\w-]+: `the task is to be removed and still runs`/);
  });

  it.each([
    ['websky=5 nope=2', 'No service is called nope.', '/swarm services'],
    ['nope 2 websky 5', 'No service is called nope.', '/swarm services'],
    ['websky=5 everywhere=2', 'everywhere is a global service', 'add or drain nodes'],
  ])('changes nothing where one of several cannot be: scale %s', async (words, says, next) => {
    const before = await inspect('websky');
    const shown = await refused(bench.system.slack, `scale ${words}`);
    expect(shown).toContain(says);
    expect(shown).toContain(next);
    expect(await inspect('websky')).toEqual(before);
    expect(await replicasOf(bench.lab, 'everywhere')).toBeUndefined();
  });

  it.each([
    [
      'choosy 2',
      'choosy cannot have 2 tasks: no node can take one. 4 nodes do not meet the constraint node.labels.gpu == yes',
      ['[Label bare gpu=yes]', '[Scale anyway]'],
    ],
    [
      'front 5',
      'front cannot have 5 tasks: only 3 fit. The port 18080/tcp is published on the host itself, so 3 nodes take one task each',
      ['[Scale to 3]', '[Scale anyway]'],
    ],
    [
      'paired 7',
      'paired cannot have 7 tasks: only 6 fit. 3 nodes take at most 2 each by the service',
      ['[Scale to 6]', '[Scale anyway]'],
    ],
    [
      'half 7',
      'half cannot have 7 tasks: only 6 fit. 3 nodes have free processors for 2 tasks each',
      ['[Scale to 6]'],
    ],
    [
      'greedy 2',
      'greedy cannot have 2 tasks: no node can take one. 3 nodes have not enough free memory',
      ['[Scale anyway]'],
    ],
    ['websky=4 half=20 paired=9', 'half cannot have 20 tasks: only 6 fit.', ['[Scale to what fits]']],
  ])('foresees what cannot fit, and changes nothing: scale %s', async (words, says, buttons) => {
    const names = words.split(' ').map((word) => word.split('=')[0] ?? '');
    const before = await inspect(names[0] ?? '');
    const shown = await refused(bench.system.slack, `scale ${words}`);
    expect(shown).toContain(says);
    expect(shown).toContain('--anyway');
    for (const button of buttons) expect(shown).toContain(button);
    expect(await inspect(names[0] ?? '')).toEqual(before);
  });

  it('offers the largest number as a button, which is an ordinary scale', async () => {
    await refused(bench.system.slack, 'scale front 5');
    const since = bench.system.slack.messages('ops').at(-1)?.ts ?? '0';
    await bench.system.slack.press('alice', 'Scale to 3');
    const card = await bench.system.slack.waitFor(({ text }) => text.startsWith('scale front 3: done'), {
      channel: 'ops',
      since,
      timeoutMs: 60_000,
    });
    expect(card.text).toContain('front went from 0 to 3; all 3 tasks run.');
    expect(await runningByNode(bench.lab, 'front')).toEqual({ manager: 1, 'fedora-01': 1, 'fedora-02': 1 });
    // A deploy that would undo this can say so.
    const { Spec } = (await inspect('front')) as { Spec: { Labels: Record<string, string> } };
    expect(chatScale(Spec.Labels, 3)).toBe(3);
  });

  it('says in the tasks’ own words why none of them runs, long before the time is up', async () => {
    const { shown, ms } = await slow.nowhere;
    expect(ms).toBeLessThan(60_000);
    expect(shown).toContain('scale nowhere 2 (not everything worked)');
    expect(shown).toContain('✖ Wait until the tasks run and stay: 0 of 2 running');
    expect(shown).toContain('nowhere is set to 2, but none of its 2 tasks runs. The swarm goes on trying.');
    expect(shown).toMatch(/• 2 tasks \w+ on [\w, -]+: `No such image: nobody-has:1`/);
    expect(await replicasOf(bench.lab, 'nowhere')).toBe(2);
  });

  it('says it where no node meets a constraint', async () => {
    const { shown, ms } = await slow.picky;
    expect(ms).toBeLessThan(60_000);
    expect(shown).toContain('picky is set to 2, but none of its 2 tasks runs.');
    expect(shown).toContain(
      '• 2 tasks pending: `no suitable node (scheduling constraints not satisfied on 4 nodes)`',
    );
  });

  it('has the patience for a node without the image, which the swarm gives up in the end', async () => {
    const { shown } = await slow.late;
    expect(shown).toContain('late went from 0 to 4; all 4 tasks run.');
    expect(shown).toContain('bare lacks the image `my-apache2:latest`');
    expect(shown).toMatch(/On the way \d+ tasks? did not start or did not stay:/);
    expect(shown).toMatch(/• \d+ tasks? rejected on bare: `?No such image: my-apache2:latest/);
    const there = await runningByNode(bench.lab, 'late');
    expect(there['bare']).toBeUndefined();
    expect(await total('late')).toBe(4);
  });

  async function inspect(service: string): Promise<{ Version: unknown; Spec: unknown }> {
    const { Version, Spec } = (await bench.lab.engine('manager').getService(service).inspect()) as {
      Version: unknown;
      Spec: unknown;
    };
    return { Version, Spec };
  }
});

function lines(shown: string): string[] {
  return shown.split('\n').map((line) => line.trim());
}
