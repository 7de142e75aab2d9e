import { z } from 'zod';
import { defineJob, type JobContext } from './define.ts';
import { poll } from './poll.ts';
import { previewRm } from './rm-preview.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

const STAGES = ['Look at the service', 'Remove it', 'Wait until its tasks are gone'] as const;

export interface Removed {
  /** Tasks that it had. */
  had: number;
  /** Tasks that had not ended in time, and where. */
  left: number;
  nodes: string[];
  /** Tasks on nodes that are down: nobody can tell what became of them. */
  lost: number;
}

export const rm = defineJob({
  input: z.object({ services: z.array(z.string()).min(1), deadlineMs: z.int().positive() }),
  lock: ({ services }) => services.map((name) => `service:${name}`),
  steps: ({ services }) => stepsFor(services, [...STAGES]),
  preview: previewRm,
  async run({ services, deadlineMs }, context): Promise<{ services: Outcome<Removed>[] }> {
    // All are looked at before the first is removed: a typing error in the third must not leave two gone.
    for (const name of services) await known(name, context);
    const outcomes = await forEachTarget(
      services,
      context,
      services.length,
      (name, stage) => removeOne(name, deadlineMs, context, stage),
      ({ left }) => (left === 0 ? 'removed' : 'removed, some tasks still run'),
    );
    return { services: outcomes };
  },
});

/** Kept across a crash: once it is removed, its name says nothing any more. */
function known(name: string, { swarm, signal, recall }: JobContext) {
  return recall(`was:${name}`, async () => {
    const { id, name: ownName, running } = await swarm.service(name, signal);
    return { id, name: ownName, running };
  });
}

async function removeOne(
  name: string,
  deadlineMs: number,
  context: JobContext,
  stage: Stage,
): Promise<Removed> {
  const { swarm, signal } = context;
  const service = await stage(STAGES[0], async (step) => {
    const was = await known(name, context);
    step.say(was.running === 1 ? '1 task running' : `${was.running} tasks running`);
    return was;
  });
  await stage(STAGES[1], async (step) => {
    await step.act(`remove the service ${service.name}`, () => swarm.removeService(service.id, signal));
    step.say('removed');
  });
  return await stage(STAGES[2], async (step) => {
    let seen = { tasks: service.running, lost: 0, nodes: [] as string[] };
    const gone = await poll(
      async () => {
        seen = await swarm.tasksLeft(service, signal);
        step.say(seen.tasks === 0 ? 'all gone' : `${seen.tasks} still stopping`);
        return seen.tasks === 0 ? true : undefined;
      },
      { everyMs: 500, deadlineMs, signal },
    );
    if (!gone) step.fail(`${seen.tasks} still run`);
    return { had: service.running, left: seen.tasks, nodes: seen.nodes, lost: seen.lost };
  });
}
