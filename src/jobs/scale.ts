import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Convergence, Swarm } from '../swarm/swarm.ts';
import { defineJob, type JobContext } from './define.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

/**
 * So long may nothing get better while every missing task says why. Tasks that fail are tried again after 5 s, and a
 * node is avoided only after five failures: with less patience a service would be given up that one node without its
 * image holds up for 25 s.
 */
const STUCK_MS = 30_000;

const input = z.object({
  services: z.array(z.object({ name: z.string(), replicas: z.int().min(0) })).min(1),
  deadlineMs: z.int().positive(),
});

export interface Scaled {
  from: number;
  to: number;
  convergence: Convergence;
}

export const scale = defineJob({
  input,
  lock: ({ services }) => services.map(({ name }) => `service:${name}`),
  steps: ({ services }) =>
    stepsFor(
      services.map(({ name }) => name),
      stagesOf(services[0]?.replicas ?? 0),
    ),
  async run({ services, deadlineMs }, context): Promise<{ services: Outcome<Scaled>[] }> {
    // All are looked at before the first is changed: a typing error in the third must not leave two scaled.
    for (const { name } of services) await scalable(name, context.swarm, context.signal);
    const wanted = new Map(services.map(({ name, replicas }) => [name, replicas]));
    const outcomes = await forEachTarget(
      [...wanted.keys()],
      context,
      services.length,
      (name, stage) => scaleOne(name, wanted.get(name) ?? 0, deadlineMs, context, stage),
      ({ convergence }) => strength(convergence),
    );
    return { services: outcomes };
  },
});

function stagesOf(replicas: number): string[] {
  return [
    'Look at the service',
    `Set ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`,
    'Wait until the tasks run and stay',
  ];
}

async function scaleOne(
  name: string,
  replicas: number,
  deadlineMs: number,
  context: JobContext,
  stage: Stage,
): Promise<Scaled> {
  const { swarm, signal, recall } = context;
  const [look, set, wait] = stagesOf(replicas) as [string, string, string];

  const from = await stage(look, async (step) => {
    const service = await scalable(name, swarm, signal);
    // Remembered across a crash: a second look after the change would find the new number.
    const before = await recall(`from:${name}`, () => Promise.resolve(service.wanted));
    step.say(`${service.image}, ${service.running} of ${service.wanted} running`);
    return before;
  });

  await stage(set, async (step) => {
    const { wanted } = await swarm.service(name, signal);
    if (wanted === replicas)
      return step.say(from === replicas ? `it is ${replicas} already` : `changed from ${from}`);
    await step.act(`scale ${name} from ${wanted} to ${replicas}`, () => swarm.scale(name, replicas, signal));
    step.say(`changed from ${from}`);
  });

  const convergence = await stage(wait, async (step) => {
    const outcome = await swarm.converge(name, {
      deadlineMs,
      stuckMs: STUCK_MS,
      signal,
      onProgress: ({ running, wanted, states }) => {
        const others = Object.entries(states).filter(([state, count]) => state !== 'running' && count > 0);
        step.say(
          [`${running} of ${wanted} running`, ...others.map(([state, count]) => `${count} ${state}`)].join(
            ', ',
          ),
        );
      },
    });
    if (outcome.kind === 'converged') step.say(strength(outcome));
    else step.fail(strength(outcome));
    return outcome;
  });
  return { from, to: replicas, convergence };
}

function strength({ running, wanted }: Convergence): string {
  return `${running} of ${wanted} running`;
}

async function scalable(name: string, swarm: Swarm, signal: AbortSignal) {
  const service = await swarm.service(name, signal);
  if (service.mode !== 'replicated') {
    throw new UserError(`${service.name} is a ${service.mode} service, so it has no number of replicas.`, {
      hint: 'A global service runs one task on every node; add or drain nodes instead.',
    });
  }
  return service;
}
