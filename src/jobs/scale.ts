import { z } from 'zod';
import type { Convergence } from '../swarm/swarm.ts';
import { defineJob, type JobContext } from './define.ts';
import { foresee, scalable } from './scale-look.ts';
import { previewScale } from './scale-preview.ts';
import { strength, waitForTasks } from './service-wait.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

const input = z.object({
  services: z.array(z.object({ name: z.string(), replicas: z.int().min(0) })).min(1),
  /** Also when the forecast says that not all of them fit. */
  anyway: z.boolean(),
  deadlineMs: z.int().positive(),
});

export interface Scaled {
  from: number;
  to: number;
  /** What somebody else had set in between; null: nobody did. */
  meanwhile: number | null;
  convergence: Convergence;
  /** Image, and the nodes whose hosts lack it. */
  image: string;
  lacking: string[];
}

export const scale = defineJob({
  input,
  lock: ({ services }) => services.map(({ name }) => `service:${name}`),
  steps: ({ services }) =>
    stepsFor(
      services.map(({ name }) => name),
      stagesOf(services[0]?.replicas ?? 0),
    ),
  preview: previewScale,
  async run({ services, anyway, deadlineMs }, context): Promise<{ services: Outcome<Scaled>[] }> {
    // All are looked at before the first is changed: a typing error in the third must not leave two scaled.
    const names = new Map<string, string>();
    for (const { name } of services)
      names.set(name, (await scalable(name, context.swarm, context.signal)).name);
    const lacking = await context.recall('lacking', () => foresee(services, names, anyway, context));
    const wanted = new Map(services.map(({ name, replicas }) => [name, replicas]));
    const outcomes = await forEachTarget(
      [...wanted.keys()],
      context,
      services.length,
      async (name, stage) => ({
        ...(await scaleOne(name, wanted.get(name) ?? 0, deadlineMs, context, stage)),
        lacking: lacking[name] ?? [],
      }),
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
): Promise<Omit<Scaled, 'lacking'>> {
  const { swarm, signal, recall } = context;
  const [look, set, wait] = stagesOf(replicas) as [string, string, string];

  const { from, image } = await stage(look, async (step) => {
    const service = await scalable(name, swarm, signal);
    // Remembered across a crash: a second look after the change would find the new number.
    const before = await recall(`from:${name}`, () => Promise.resolve(service.wanted));
    step.say(`${service.image}, ${service.running} of ${service.wanted} running`);
    return { from: before, image: service.image };
  });

  const meanwhile = await stage(set, async (step) => {
    const { wanted } = await swarm.service(name, signal);
    if (wanted === replicas) {
      step.say(from === replicas ? `it is ${replicas} already` : `changed from ${from}`);
      return null;
    }
    const { from: before } = await step.act(`scale ${name} from ${wanted} to ${replicas}`, () =>
      swarm.scale(name, replicas, signal, { fromChat: true }),
    );
    step.say(`changed from ${before}`);
    return before === from ? null : before;
  });

  const convergence = await waitForTasks(name, wait, { deadlineMs, swarm, signal, stage });
  return { from, to: replicas, meanwhile, convergence, image };
}
