import { z } from 'zod';
import type { Node, Service, Task } from '../swarm/swarm.ts';
import { previewAvailability } from './availability-preview.ts';
import { defineJob, type JobContext } from './define.ts';
import { nodeCalled } from './node-find.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

const input = z.object({
  nodes: z.array(z.string()).min(1),
  availability: z.enum(['active', 'pause']),
});
type Wish = z.infer<typeof input>['availability'];

export interface Available {
  node: string;
  /** What it was when the job began. */
  from: Node['availability'];
  to: Wish;
  /** What somebody else had set it to while it was being changed; null: nobody had. */
  meanwhile: Node['availability'] | null;
  state: Node['state'];
  /** Tasks that run on it. */
  tasks: number;
  /** Replicated services that stand two and more on another node and have nothing here. */
  missing: string[];
}

/** Lets a node have new tasks, or not: what runs there stays in both cases. */
export const availability = defineJob({
  input,
  lock: ({ nodes }) => nodes.map((name) => `node:${name.toLowerCase()}`),
  steps: ({ nodes, availability: to }) => stepsFor(nodes, stagesOf(to)),
  preview: previewAvailability,
  async run({ nodes: names, availability: to }, context): Promise<{ nodes: Outcome<Available>[] }> {
    const { swarm, signal, recall } = context;
    const all = await swarm.nodes(signal);
    // A name that is none is refused before anything happens to the others.
    const ids = new Map(names.map((name) => [name, nodeCalled(all, name).id]));
    // Remembered across a crash: a second look after the change would find the new one.
    const before = await recall('before', () =>
      Promise.resolve(
        Object.fromEntries([...ids.values()].map((id) => [id, nodeCalled(all, id).availability])),
      ),
    );
    const outcomes = await forEachTarget(
      names,
      context,
      1,
      (name, stage) => {
        const id = ids.get(name) ?? name;
        return setOne(id, before[id], to, context, stage);
      },
      ({ from }) => (from === to ? `was so already` : `was ${IN_WORDS[from]}`),
    );
    return { nodes: outcomes };
  },
});

const IN_WORDS = { active: 'active', pause: 'paused', drain: 'drained' };

function stagesOf(to: Wish): string[] {
  return [to === 'active' ? 'Activate' : 'Pause', 'Look at its tasks'];
}

async function setOne(
  id: string,
  before: Node['availability'] | undefined,
  to: Wish,
  { swarm, signal }: JobContext,
  stage: Stage,
): Promise<Available> {
  const [set, look] = stagesOf(to) as [string, string];
  const changed = await stage(set, async (step) => {
    const now = nodeCalled(await swarm.nodes(signal), id);
    const from = before ?? now.availability;
    const said = from === to ? 'it is so already' : `it was ${IN_WORDS[from]}`;
    if (now.availability === to) {
      step.say(said);
      return { from, meanwhile: null };
    }
    const change = await step.act(`set ${now.hostname} to ${to}`, () =>
      swarm.setAvailability(id, to, signal),
    );
    step.say(said);
    return { from, meanwhile: change.meanwhile?.value ?? null };
  });
  return await stage(look, async (step) => {
    const [nodes, tasks, services] = await Promise.all([
      swarm.nodes(signal),
      swarm.tasks({}, signal),
      swarm.services(signal),
    ]);
    const node = nodeCalled(nodes, id);
    const running = tasks.filter(
      ({ state, desiredState }) => state === 'running' && desiredState === 'running',
    );
    const here = running.filter((task) => task.node === node.hostname);
    step.say(`${here.length} running`);
    return {
      node: node.hostname,
      ...changed,
      to,
      state: node.state,
      tasks: here.length,
      missing: to === 'active' && node.state === 'ready' ? missingOn(node, services, running) : [],
    };
  });
}

/** A service with one task on each of some nodes is as even as it can be: moving one would gain nothing. */
function missingOn(node: Node, services: Service[], running: Task[]): string[] {
  return services
    .filter(({ mode }) => mode === 'replicated')
    .map(({ name }) => name)
    .filter((name) => {
      const byNode = Map.groupBy(
        running.filter(({ service }) => service === name),
        (task) => task.node,
      );
      return !byNode.has(node.hostname) && [...byNode.values()].some((tasks) => tasks.length > 1);
    });
}
