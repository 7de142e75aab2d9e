import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge, observe, waitBegins } from '../../src/swarm/converge-rule.ts';
import type { Observation, Verdict, Wait, WaitRule } from '../../src/swarm/converge-rule.ts';
import type { TaskJson } from '../../src/swarm/engine-json.ts';
import { replicated, service, task } from './engine-facts.ts';

const see = (replicas: number, tasks: TaskJson[], down: string[] = []) =>
  observe({ service: replicated(replicas), tasks, down: new Set(down) });

describe('what is seen', () => {
  test('all run', () => {
    expect(see(2, [task({ slot: 1 }), task({ slot: 2 })])).toEqual({
      running: 2,
      wanted: 2,
      states: { running: 2 },
      settled: true,
      surplus: 0,
      old: 0,
      explained: false,
      paused: '',
      update: { state: '', message: '' },
    });
  });

  test('slots that have no task yet are new', () => {
    expect(see(3, [task({ slot: 1 })])).toMatchObject({
      running: 1,
      states: { running: 1, new: 2 },
      settled: false,
    });
    expect(see(0, [])).toMatchObject({ running: 0, wanted: 0, settled: true });
  });

  test('a task on a node that is down does not count; its replacement does', () => {
    const lost = task({ slot: 1, node: 'gone', desired: 'shutdown' });
    const coming = task({ slot: 1, node: 'n2', state: 'preparing' });
    expect(see(1, [task({ slot: 1, node: 'gone' })], ['gone'])).toMatchObject({ running: 0, settled: false });
    expect(see(1, [lost, coming], ['gone'])).toMatchObject({ running: 0, states: { preparing: 1 } });
  });

  test('during a restart the new task speaks for the slot, not the old one that still runs', () => {
    const old = task({ slot: 1, desired: 'shutdown' });
    const next = task({ slot: 1, state: 'starting', desired: 'running' });
    expect(see(1, [old, next])).toMatchObject({ running: 0, states: { starting: 1 } });
    expect(see(1, [next, old])).toMatchObject({ running: 0 });
    // Waiting for its restart delay: wanted ready, not running.
    const delayed = task({ slot: 1, state: 'ready', desired: 'ready' });
    expect(see(1, [old, delayed])).toMatchObject({ running: 0, states: { ready: 1 } });
  });

  test('a slot of which only stopped tasks are left does not run', () => {
    expect(see(1, [task({ slot: 1, state: 'failed', desired: 'shutdown' })])).toMatchObject({
      running: 0,
      states: { new: 1 },
    });
    // Wanted shut down and still running: not what is wanted either.
    expect(see(1, [task({ slot: 1, desired: 'shutdown' })])).toMatchObject({ running: 0, settled: false });
  });

  test('scaling down waits until the surplus tasks are gone, except on a node that is down', () => {
    const stay = task({ slot: 1 });
    const leaving = task({ slot: 2, desired: 'remove' });
    expect(see(1, [stay, leaving])).toMatchObject({ running: 1, surplus: 1, settled: false });
    expect(see(1, [stay, task({ slot: 2, desired: 'remove', state: 'shutdown' })])).toMatchObject({
      settled: true,
    });
    expect(see(1, [stay, task({ slot: 2, desired: 'remove', node: 'gone' })], ['gone'])).toMatchObject({
      settled: true,
    });
  });

  test('a global service wants one task on each node that has one', () => {
    const tasks = [task({ node: 'a' }), task({ node: 'b', state: 'preparing' }), task({ node: 'gone' })];
    const seen = observe({ service: service({ Global: {} }), tasks, down: new Set(['gone']) });
    expect(seen).toMatchObject({ running: 1, wanted: 2, states: { running: 1, preparing: 1 } });
  });

  test('a shortfall is explained when every missing task, or the one before it, says why', () => {
    const rejected = task({ slot: 1, state: 'rejected', desired: 'shutdown', err: 'No such image: x' });
    const again = task({ slot: 1, state: 'preparing' });
    expect(see(1, [rejected, again]).explained).toBe(true);
    expect(see(1, [again]).explained).toBe(false);
    expect(see(2, [rejected, again]).explained).toBe(false);
    expect(see(1, [task({ slot: 1, node: '', state: 'pending', err: 'no suitable node' })]).explained).toBe(
      true,
    );
  });

  test('during an update the old tasks that still run are no shortfall, and need no reason', () => {
    const updating = replicated(3, { UpdateStatus: { State: 'updating', Message: 'update in progress' } });
    const watch = (tasks: TaskJson[], others: TaskJson[]) =>
      observe({ service: updating, tasks, others, down: new Set() });
    const old = [2, 3].map((slot) => task({ slot }));
    expect(watch([task({ slot: 1 })], old)).toMatchObject({
      running: 1,
      wanted: 3,
      old: 2,
      states: { running: 1 },
      settled: false,
      explained: false,
      update: { state: 'updating' },
    });
    // The old one of the place is stopped first: its place is missing until the new one runs.
    const stopping = task({ slot: 1, desired: 'shutdown' });
    const coming = task({ slot: 1, state: 'preparing' });
    expect(watch([coming], [stopping, ...old])).toMatchObject({ running: 0, old: 2, explained: false });
    const rejected = task({ slot: 1, state: 'rejected', desired: 'shutdown', err: 'No such image: x' });
    expect(watch([rejected, coming], [stopping, ...old])).toMatchObject({ old: 2, explained: true });
    // Start-first: the new one speaks for the place as soon as it is there.
    expect(watch([coming], [task({ slot: 1 }), ...old])).toMatchObject({ old: 2, states: { preparing: 1 } });
  });

  test('an update of a global service is not over while nodes have the old task', () => {
    const tasks = [task({ node: 'a' })];
    const others = [task({ node: 'b' }), task({ node: 'gone' })];
    const seen = observe({ service: service({ Global: {} }), tasks, others, down: new Set(['gone']) });
    expect(seen).toMatchObject({ running: 1, wanted: 2, old: 1, settled: false });
  });

  test('a paused update is seen', () => {
    const paused = replicated(1, {
      UpdateStatus: { State: 'paused', Message: 'update paused due to failure' },
    });
    expect(observe({ service: paused, tasks: [], down: new Set() }).paused).toBe(
      'update paused due to failure',
    );
    const going = replicated(1, { UpdateStatus: { State: 'updating', Message: 'update in progress' } });
    expect(observe({ service: going, tasks: [], down: new Set() }).paused).toBe('');
  });
});

const seen = (change: Partial<Observation> = {}): Observation => ({
  running: 3,
  wanted: 3,
  states: {},
  settled: (change.running ?? 3) === (change.wanted ?? 3),
  surplus: 0,
  old: 0,
  explained: false,
  paused: '',
  update: { state: '', message: '' },
  ...change,
});
const RULE: WaitRule = { stableMs: 5_000, deadlineMs: 60_000, stuckMs: 10_000 };

/** Runs the wait over what is seen at which moment; the first verdict that ends it, and when. */
function run(story: [at: number, seen: Observation][], rule = RULE): { verdict: Verdict; at: number } {
  let wait: Wait = waitBegins;
  for (const [at, observation] of story) {
    const step = judge(wait, observation, at, rule);
    if (step.verdict !== 'wait') return { verdict: step.verdict, at };
    wait = step.wait;
  }
  return { verdict: 'wait', at: story.at(-1)?.[0] ?? 0 };
}

describe('how long to wait', () => {
  test('converged once all have run for the whole time', () => {
    expect(run([0, 200, 4_999].map((at) => [at, seen()]))).toMatchObject({ verdict: 'wait' });
    expect(run([0, 200, 4_999, 5_000].map((at) => [at, seen()]))).toEqual({
      verdict: 'converged',
      at: 5_000,
    });
  });

  test('a task that fails in between starts the time again', () => {
    const story: [number, Observation][] = [
      [0, seen()],
      [4_000, seen({ running: 2 })],
      [4_200, seen()],
      [9_000, seen()],
      [9_200, seen()],
    ];
    expect(run(story)).toEqual({ verdict: 'converged', at: 9_200 });
  });

  test('short at the deadline, even while still getting better', () => {
    expect(run([[60_000, seen({ running: 2 })]])).toEqual({ verdict: 'short', at: 60_000 });
  });

  test('short when nothing gets better and the tasks say why; a silent wait goes on', () => {
    const stuck = seen({ running: 1, explained: true });
    expect(run([0, 5_000, 9_999].map((at) => [at, stuck]))).toMatchObject({ verdict: 'wait' });
    expect(run([0, 5_000, 10_000].map((at) => [at, stuck]))).toEqual({ verdict: 'short', at: 10_000 });
    const pulling = seen({ running: 1 });
    expect(run([0, 10_000, 30_000].map((at) => [at, pulling]))).toMatchObject({ verdict: 'wait' });
    expect(
      run(
        [0, 59_000].map((at) => [at, stuck]),
        { ...RULE, stuckMs: undefined },
      ).verdict,
    ).toBe('wait');
  });

  test('tasks that come and go without getting further are stuck all the same', () => {
    const story = Array.from({ length: 60 }, (_, index): [number, Observation] => [
      index * 200,
      seen({ running: index % 3, explained: true }),
    ]);
    expect(run(story)).toMatchObject({ verdict: 'short', at: 10_400 });
  });

  test('a paused update ends the wait at once', () => {
    expect(run([[200, seen({ running: 1, paused: 'update paused' })]])).toEqual({
      verdict: 'short',
      at: 200,
    });
  });

  test('the end of an update that was watched is the swarm’s own word that the tasks stay', () => {
    const at = (state: Observation['update']['state']) => ({ update: { state, message: '' } });
    expect(
      run([
        [0, seen({ running: 2, ...at('updating') })],
        [200, seen(at('updating'))],
        [400, seen(at('completed'))],
      ]),
    ).toEqual({ verdict: 'converged', at: 400 });
    expect(
      run([
        [0, seen({ running: 2, ...at('rollback_started') })],
        [400, seen(at('rollback_completed'))],
      ]),
    ).toEqual({ verdict: 'converged', at: 400 });
    // Tasks of the old version that still run when the swarm begins to go back are not its end.
    expect(run([0, 5_000, 14_999].map((moment) => [moment, seen(at('rollback_started'))]))).toMatchObject({
      verdict: 'wait',
    });
    expect(run([0, 15_000].map((moment) => [moment, seen(at('updating'))])).verdict).toBe('converged');
    // One that ended long ago says nothing about now.
    expect(run([0, 400].map((moment) => [moment, seen(at('completed'))]))).toMatchObject({ verdict: 'wait' });
    expect(
      run([
        [0, seen({ running: 2, ...at('updating') })],
        [400, seen({ running: 2, ...at('completed') })],
      ]),
    ).toMatchObject({ verdict: 'wait' });
  });

  const moments = fc
    .array(
      fc.record({
        gap: fc.integer({ min: 1, max: 4_000 }),
        running: fc.integer({ min: 0, max: 4 }),
        explained: fc.boolean(),
      }),
      {
        minLength: 1,
        maxLength: 40,
      },
    )
    .map((parts) => {
      let at = 0;
      return parts.map(({ gap, running, explained }): [number, Observation] => [
        (at += gap),
        seen({ running, explained: explained && running < 3 }),
      ]);
    });

  test('converged exactly when all that was seen in the last stable time was settled, and never sooner', () => {
    fc.assert(
      fc.property(moments, (story) => {
        const { verdict, at } = run(story);
        const until = story.filter(([moment]) => moment <= at);
        // The unbroken settled run that ends with the last look.
        const broken = until.findLastIndex(([, { settled }]) => !settled);
        const since = until[broken + 1]?.[0];
        const stable = since !== undefined && at - since >= RULE.stableMs;
        expect(verdict === 'converged').toBe(stable);
      }),
    );
  });

  test('no wait goes past the deadline', () => {
    fc.assert(
      fc.property(moments, (story) => {
        const rule = { ...RULE, deadlineMs: 10_000 };
        const { verdict, at } = run([...story, [200_000, seen({ running: 0 })]], rule);
        expect(verdict).not.toBe('wait');
        const later = story.find(([moment]) => moment >= rule.deadlineMs)?.[0] ?? 200_000;
        expect(at).toBeLessThanOrEqual(later);
      }),
    );
  });

  test('short before the deadline only when stuck and explained', () => {
    fc.assert(
      fc.property(moments, (story) => {
        const { verdict, at } = run(story, { ...RULE, deadlineMs: Infinity });
        if (verdict !== 'short') return;
        const last = story.find(([moment]) => moment === at);
        expect(last?.[1].explained).toBe(true);
        // Within the last stuckMs nothing was better than the best before.
        const strengthAt = (from: number, to: number) =>
          Math.max(
            ...story
              .filter(([moment]) => moment > from && moment <= to)
              .map(([, { running }]) => -Math.abs(3 - running)),
          );
        expect(strengthAt(at - RULE.stuckMs!, at)).toBeLessThanOrEqual(strengthAt(-1, at - RULE.stuckMs!));
      }),
    );
  });
});
