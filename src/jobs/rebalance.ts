import { z } from 'zod';
import type { Balance } from '../swarm/rebalance-facts.ts';
import { defineJob, type JobContext } from './define.ts';
import { movable } from './rebalance-look.ts';
import { previewRebalance } from './rebalance-preview.ts';
import { balanceOf, moveSingle, moveTasks, planOf, replicasBefore, type Ended } from './rebalance-move.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

/** Each needs room for one task more while it is levelled: not everything at once. */
const SERVICES_AT_ONCE = 2;

const LOOK = 'Look where the tasks run';
const MOVE = 'Move tasks';
const WAIT = 'See that all of them run';

const input = z.object({
  /** None: only the plan for all is shown. */
  services: z.array(z.string()).max(20),
  atOnce: z.int().min(1),
  single: z.boolean(),
  /** For each group of tasks that moves at the same time. */
  deadlineMs: z.int().positive(),
});

type Input = z.infer<typeof input>;

/** Tasks of a service on one node. */
interface NodeTasks {
  id: string;
  node: string;
  tasks: number;
}

/** A service that could be more level. */
interface Skewed {
  name: string;
  skew: number;
  moves: number;
  before: NodeTasks[];
  after: NodeTasks[];
}

export interface Rebalanced {
  wanted: number;
  /** Tasks that run on another node than before. */
  moved: number;
  before: NodeTasks[];
  after: NodeTasks[];
  ended: Ended;
  /** Nodes that could not take more of it, with the reason: `fedora-02 (memory)`. */
  full: string[];
}

export type Rebalancing =
  { kind: 'plan'; services: number; skewed: Skewed[] } | { kind: 'moved'; services: Outcome<Rebalanced>[] };

export const rebalance = defineJob({
  input,
  // The plan alone changes nothing, but a command that changes has a lock of its own.
  lock: ({ services }) => (services.length > 0 ? services.map((name) => `service:${name}`) : ['rebalance']),
  steps: ({ services }) => (services.length > 0 ? stepsFor(services, [LOOK, MOVE, WAIT]) : [LOOK]),
  preview: previewRebalance,
  async run(asked, context): Promise<Rebalancing> {
    const { services } = asked;
    if (services.length === 0) return await context.step(LOOK, () => overview(asked, context));
    // All are looked at before the first is moved: a typing error in the third must not leave two half done.
    for (const name of services) await movable(name, asked, context);
    const soFar = new Map<string, Rebalanced>();
    const outcomes = await forEachTarget(
      services,
      context,
      SERVICES_AT_ONCE,
      (name, stage) =>
        level(name, asked, context, stage, (value) => {
          soFar.set(name, value);
          const parts = [...soFar].map(([target, done]) => ({ target, ok: true as const, value: done }));
          context.keep({ kind: 'moved', services: parts } satisfies Rebalancing);
        }),
      ({ moved }) => (moved === 1 ? '1 task moved' : `${moved} tasks moved`),
    );
    return { kind: 'moved', services: outcomes };
  },
});

async function overview({ single }: Input, { swarm, signal }: JobContext): Promise<Rebalancing> {
  const balances = await swarm.balances(signal);
  const skewed = balances.flatMap((balance): Skewed[] => {
    const plan = planOf(balance, single);
    if (plan.moves.length === 0) return [];
    return [
      {
        name: balance.name,
        skew: plan.skew,
        moves: plan.moves.length,
        before: spreadOf(balance),
        after: spreadOf(balance).map((one) => ({ ...one, tasks: plan.after.get(one.id) ?? one.tasks })),
      },
    ];
  });
  return {
    kind: 'plan',
    services: balances.length,
    skewed: skewed.toSorted((a, b) => b.skew - a.skew || a.name.localeCompare(b.name)),
  };
}

async function level(
  name: string,
  { atOnce, single, deadlineMs }: Input,
  context: JobContext,
  stage: Stage,
  soFar: (value: Rebalanced) => void,
): Promise<Rebalanced> {
  const { swarm, signal, recall } = context;
  const { wanted, before } = await stage(LOOK, async (step) => {
    const balance = await movable(name, { single }, context);
    // Remembered across a crash: the next look would find the tasks half moved, and perhaps one more of them.
    const first = await recall(`before:${name}`, () =>
      Promise.resolve({ wanted: balance.wanted, before: spreadOf(balance) }),
    );
    step.say(first.before.map(({ node, tasks }) => `${node} ${tasks}`).join(', ') || 'no task runs');
    return first;
  });
  const describe = (balance: Balance, ended: Ended): Rebalanced => {
    const after = spreadOf(balance);
    return {
      wanted: balance.wanted,
      moved: movedBetween(before, after),
      before,
      after,
      ended,
      full: fullNodes(balance),
    };
  };

  const ended = await stage(MOVE, async (step) => {
    const balance = await replicasBefore(
      await balanceOf(name, swarm, signal),
      { wanted, atOnce },
      context,
      step,
    );
    if (balance.wanted === 1 && single)
      return await moveSingle(balance, { atOnce, deadlineMs }, context, step);
    return await moveTasks(balance, { atOnce, deadlineMs }, context, step, (now) =>
      soFar(describe(now, { kind: 'cut short' })),
    );
  });

  return await stage(WAIT, async (step) => {
    const outcome = await swarm.converge(name, { deadlineMs, stuckMs: 30_000, signal });
    const line = `${outcome.running} of ${outcome.wanted} running`;
    if (outcome.kind === 'converged') step.say(line);
    else step.fail(line);
    return describe(await balanceOf(name, swarm, signal), ended);
  });
}

function spreadOf({ nodes }: Balance): NodeTasks[] {
  return nodes.map(({ id, hostname, has }) => ({ id, node: hostname, tasks: has }));
}

function movedBetween(before: NodeTasks[], after: NodeTasks[]): number {
  const now = new Map(after.map(({ id, tasks }) => [id, tasks]));
  return before.reduce((sum, { id, tasks }) => sum + Math.max(0, tasks - (now.get(id) ?? 0)), 0);
}

/** Where more of it would have to go, and cannot. */
function fullNodes({ nodes }: Balance): string[] {
  const most = Math.max(0, ...nodes.map(({ has }) => has));
  return nodes
    .filter(({ has, room, limit }) => limit !== '' && room !== null && has >= room && has < most - 1)
    .map(({ hostname, limit }) => `${hostname} (${limit})`);
}
