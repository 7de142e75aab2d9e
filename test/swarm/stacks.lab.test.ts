import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, type Lab } from '../../lab/lab.ts';
import { openHosts, type OpenHosts } from '../../src/hosts/inventory.ts';
import type { JobContext } from '../../src/jobs/define.ts';
import { stackApply } from '../../src/jobs/stack-apply.ts';
import { stack as stackShow, stacks as stackList } from '../../src/jobs/stack-list.ts';
import { stackPlan, type StackPlan } from '../../src/jobs/stack-plan.ts';
import { stackRemove } from '../../src/jobs/stack-remove.ts';
import { openSwarm } from '../../src/swarm/open-swarm.ts';
import type { Swarm } from '../../src/swarm/swarm.ts';
import { RICH } from '../compose/rich.ts';
import { noLab, settingsOf } from '../hosts/lab-settings.ts';

const SMALL = (more = ''): string => `
services:
  web:
    image: my-apache2:latest
    environment: {SECRET_WORD: swordfish}
    deploy: {replicas: 2, update_config: {monitor: 1s}}
  cache:
    image: my-redis:latest
    deploy: {replicas: 1, update_config: {monitor: 1s}}
${more}`;

describe.skipIf(noLab !== '')(`stacks on a real swarm ${noLab}`, { timeout: 60_000 }, () => {
  let lab: Lab;
  let hosts: OpenHosts;
  let swarm: Swarm;

  beforeAll(async () => {
    lab = await startLab({ hosts: ['manager'], swarm: ['manager'] });
    hosts = openHosts(settingsOf(lab));
    swarm = openSwarm({ managers: ['manager'], hosts });
  }, 120_000);
  afterAll(async () => {
    await hosts?.close();
    await lab?.down();
  }, 60_000);

  /** A run of a job as a worker makes it. `dieAt`: the change, counted from 1, after which the worker is killed. */
  function run({ recalled = new Map<string, unknown>(), dieAt = 0 } = {}): JobContext & {
    acts: string[];
    failed: string[];
  } {
    const acts: string[] = [];
    const failed: string[] = [];
    return {
      acts,
      failed,
      swarm,
      hosts,
      signal: new AbortController().signal,
      limits: { joinsAtOnce: 1, replicas: 1000 },
      keep: () => {},
      undo: (_what, change) => change(),
      openJobs: () => Promise.resolve([]),
      recall: async (key, find) => {
        if (!recalled.has(key)) recalled.set(key, JSON.parse(JSON.stringify(await find())));
        return recalled.get(key) as never;
      },
      step: (_title, work) =>
        work({
          say: () => {},
          show: () => {},
          fail: (line) => void failed.push(line),
          act: async (what, change) => {
            acts.push(what);
            const value = await change();
            if (acts.length === dieAt) throw new Error('killed');
            return value;
          },
        }),
    };
  }
  const asked = (stack: string, text: string, prune = false) => ({
    stack,
    source: { kind: 'pasted' as const, text },
    prune,
    deadlineMs: 30_000,
  });
  const plan = (stack: string, text: string, prune = false) =>
    stackPlan.run(asked(stack, text, prune), run());
  const planned = (stack: string, text: string, { digest, basis, services }: StackPlan, prune = false) => ({
    plan: 'ab12cd34',
    planned: { ...asked(stack, text, prune), digest, basis, services: services.map(({ name }) => name) },
  });
  async function deploy(stack: string, text: string, prune = false) {
    return await stackApply.run(planned(stack, text, await plan(stack, text, prune), prune), run());
  }
  const inspect = async (name: string) =>
    (await lab.engine('manager').getService(name).inspect()) as {
      Version: { Index: number };
      Spec: {
        Labels: Record<string, string>;
        Mode: { Replicated: { Replicas: number } };
        TaskTemplate: { ForceUpdate: number };
      };
    };

  test('what a file asks for in every way is taken by the engine, and looks the same when it is read back', async () => {
    const first = await plan('rich', RICH);
    expect(first).toMatchObject({ same: false, ignored: [], problems: [], warnings: [] });
    expect(first.services.map(({ name, action }) => [name, action])).toEqual([
      ['rich_everywhere', 'create'],
      ['rich_once', 'create'],
      ['rich_plain', 'create'],
      ['rich_web', 'create'],
    ]);
    const { services, networks, configs } = await deploy('rich', RICH);
    expect(services.map(({ failed, note }) => [failed, note])).toEqual([
      [false, ''],
      [false, 'a job: it runs to its end by itself'],
      [false, ''],
      [false, ''],
    ]);
    expect([networks, configs]).toEqual([['rich_default', 'rich_front'], ['rich_site']]);
    const versions = await Promise.all(services.map(async ({ name }) => (await inspect(name)).Version.Index));

    const second = await plan('rich', RICH);
    expect(
      second.services.flatMap(({ name, changes }) => changes.map((change) => `${name} ${change}`)),
    ).toEqual([]);
    expect(second.same).toBe(true);
    const again = run();
    await stackApply.run(planned('rich', RICH, second), again);
    expect(again.acts).toEqual([]);
    expect(await Promise.all(services.map(async ({ name }) => (await inspect(name)).Version.Index))).toEqual(
      versions,
    );
    expect((await stackRemove.run({ stack: 'rich', deadlineMs: 30_000 }, run())).left).toEqual([]);
    expect((await swarm.stackState('rich')).networks.filter(({ stack }) => stack === 'rich')).toEqual([]);
  });

  test('a worker that dies after any change is followed by one that ends in the same place', async () => {
    const file = SMALL('configs: {motd: {content: hello}}');
    const before = planned('crash', file, await plan('crash', file));
    const recalled = new Map<string, unknown>();
    for (const dieAt of [1, 1, 1]) {
      const dying = run({ recalled, dieAt });
      await expect(stackApply.run(before, dying)).rejects.toThrow('killed');
    }
    const last = run({ recalled });
    const done = await stackApply.run(before, last);
    expect(last.acts.filter((what) => what.includes('service'))).toHaveLength(1);
    expect(
      done.services.map(({ name, action, reached }) => [name, action, reached?.running, reached?.whole]),
    ).toEqual([
      ['crash_cache', 'create', 1, true],
      ['crash_web', 'create', 2, true],
    ]);
    expect(done).toMatchObject({ networks: ['crash_default'], configs: ['crash_motd'] });
    expect((await stackList.run({}, run())).stacks).toEqual([
      { name: 'crash', services: 2, running: 3, wanted: 3, short: [] },
    ]);
    expect(await stackShow.run({ stack: 'crash' }, run())).toMatchObject({
      services: [{ name: 'crash_cache' }, { name: 'crash_web' }],
      networks: ['crash_default'],
      configs: ['crash_motd'],
    });
  });

  test('says what has changed since the plan, and changes nothing then', async () => {
    const file = SMALL('configs: {motd: {content: hello}}').replace('swordfish', 'sardine');
    const shown = await plan('crash', file);
    expect(shown.services.find(({ name }) => name === 'crash_web')?.changes).toEqual([
      'environment: SECRET_WORD changed',
    ]);
    await swarm.scale('crash_web', 3);
    await expect(stackApply.run(planned('crash', file, shown), run())).rejects.toMatchObject({
      message:
        'The stack is not as it was when the plan was shown. crash_web was changed: its replicas from 2 to 3.',
      remedies: [{ label: 'Show the plan again', line: 'retry ab12cd34' }],
    });
    expect((await inspect('crash_web')).Spec.Mode.Replicated.Replicas).toBe(3);
  });

  test('warns before it undoes a number of replicas that was set from chat, and keeps one that the file leaves open', async () => {
    await swarm.scale('crash_web', 4, undefined, { fromChat: true });
    const undoing = await plan('crash', SMALL());
    expect(undoing.warnings).toEqual([
      'crash_web was scaled to 4 from chat; the file says 2. Deploying undoes that.',
    ]);
    expect(undoing.services.find(({ name }) => name === 'crash_web')?.changes).toEqual(['replicas: 4 → 2']);
    const open = await plan('crash', SMALL().replace('replicas: 2, ', ''));
    expect(open).toMatchObject({
      same: true,
      warnings: ['crash_web keeps its 4 replicas: the file names no number.'],
    });
    const { warnings } = await deploy('crash', SMALL());
    expect(warnings).toEqual(undoing.warnings);
    const { Spec } = await inspect('crash_web');
    expect(Spec.Mode.Replicated.Replicas).toBe(2);
    expect(Object.keys(Spec.Labels)).not.toContain('swarmkeeper.replicas');
  });

  test('keeps what a compose file does not speak of: forced restarts', async () => {
    const { Version, Spec } = await inspect('crash_cache');
    Spec.TaskTemplate.ForceUpdate = 7;
    await lab
      .engine('manager')
      .getService('crash_cache')
      .update({ version: Version.Index, ...Spec });
    const file = SMALL().replace('replicas: 1', 'labels: {a: b}, replicas: 1');
    const { services } = await deploy('crash', file);
    expect(services.find(({ name }) => name === 'crash_cache')).toMatchObject({
      action: 'update',
      changes: ['labels: a added'],
      reached: { whole: true },
    });
    expect((await inspect('crash_cache')).Spec.TaskTemplate.ForceUpdate).toBe(7);
  });

  test('removes what the file does not have, only when told to', async () => {
    const file = SMALL().replace(/ {2}cache:.*/s, '');
    const left = await plan('crash', file);
    expect(left.services.map(({ name, action }) => [name, action])).toEqual([
      ['crash_web', 'keep'],
      ['crash_cache', 'left'],
    ]);
    const { services } = await deploy('crash', file, true);
    expect(services.map(({ name, action }) => [name, action])).toEqual([
      ['crash_web', 'keep'],
      ['crash_cache', 'remove'],
    ]);
    expect((await swarm.stackState('crash')).services.map(({ name }) => name)).toEqual(['crash_web']);
  });

  test.each([
    [SMALL('configs: {motd: {content: other}}'), 'The config crash_motd is there with another content'],
    [
      SMALL('networks: {default: {external: true, name: nowhere}}'),
      'The network nowhere is declared external and is not there',
    ],
    [
      SMALL('secrets: {key: {external: true}}').replace(
        'image: my-redis:latest',
        'image: my-redis:latest\n    secrets: [key]',
      ),
      'The secret key is declared external and is not there',
    ],
    [SMALL().replace('replicas: 2', 'mode: global'), 'crash_web is replicated and would become global'],
    [
      SMALL().replace('replicas: 2', 'replicas: 1001'),
      'crash_web asks for 1001 replicas, and the limit is 1000',
    ],
  ])('refuses what no engine would do: %#', async (file, says) => {
    await expect(plan('crash', file)).rejects.toThrow(says);
  });

  test('is removed with all that is its own, once its tasks have ended, and again after a crash', async () => {
    const engine = lab.engine('manager');
    const tasksOf = async () =>
      (
        (await engine.listTasks({ filters: { label: ['com.docker.stack.namespace=crash'] } })) as {
          Status: { State: string };
        }[]
      ).map(({ Status }) => Status.State);
    expect(await tasksOf()).toContain('running');
    const recalled = new Map<string, unknown>();
    await expect(
      stackRemove.run({ stack: 'crash', deadlineMs: 30_000 }, run({ recalled, dieAt: 1 })),
    ).rejects.toThrow('killed');
    const removed = await stackRemove.run({ stack: 'crash', deadlineMs: 30_000 }, run({ recalled }));
    expect(removed).toEqual({
      stack: 'crash',
      removed: [
        { kind: 'service', name: 'crash_web' },
        { kind: 'config', name: 'crash_motd' },
        { kind: 'network', name: 'crash_default' },
      ],
      left: [],
      live: 0,
      lost: 0,
      volumes: [],
    });
    expect(await tasksOf()).not.toContain('running');
    const { services, networks, configs } = await swarm.stackState('crash');
    expect([services, networks.filter(({ stack }) => stack === 'crash'), configs]).toEqual([[], [], []]);
    await expect(stackRemove.run({ stack: 'crahs', deadlineMs: 1000 }, run())).rejects.toThrow(
      'No stack is called crahs.',
    );
  });
});
