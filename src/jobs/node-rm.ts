import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Node } from '../swarm/swarm.ts';
import { defineJob, type JobContext } from './define.ts';
import { nodesCalled } from './node-find.ts';
import { entriesToGo, leaving } from './node-rm-look.ts';
import { previewNodeRm } from './node-rm-preview.ts';
import { nodeById, patiently } from './node-wait.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

/** A dead node is Down 13.5 to 16.5 s after its last heartbeat; only then may its entry be removed. */
const DOWN_DEADLINE_MS = 20_000;

interface EntriesRemoved {
  /** IDs of the entries that were removed. */
  removed: string[];
  /** Other entries of the same name that stay, with their state. */
  stay: { id: string; state: Node['state']; role: Node['role'] }[];
}

const STAGES = ['Look at its entry', 'Wait until it is down', 'Remove the entry'] as const;

/** Removes the entries of nodes that are gone. Never forced: what lives stays. */
export const nodeRm = defineJob({
  input: z.object({ nodes: z.array(z.string()).min(1) }),
  lock: ({ nodes }) => nodes.map((name) => `node:${name.toLowerCase()}`),
  steps: ({ nodes }) => stepsFor(nodes, [...STAGES]),
  preview: previewNodeRm,
  async run({ nodes: names }, context): Promise<{ nodes: Outcome<EntriesRemoved>[] }> {
    const { swarm, signal, recall } = context;
    const all = await swarm.nodes(signal);
    // Remembered across a crash: an entry that was removed by then is not there to be found.
    const called = await recall('called', () =>
      Promise.resolve(
        Object.fromEntries(names.map((name) => [name, nodesCalled(all, name).map(({ id }) => id)])),
      ),
    );
    const outcomes = await forEachTarget(
      names,
      context,
      4,
      (name, stage) => removeOne(name, called[name] ?? [], context, stage),
      ({ removed }) => `removed ${removed.length}`,
    );
    return { nodes: outcomes };
  },
});

async function removeOne(
  name: string,
  ids: readonly string[],
  context: JobContext,
  stage: Stage,
): Promise<EntriesRemoved> {
  const { swarm, signal, recall, hosts } = context;
  const [look, wait, remove] = STAGES;

  const chosen = await stage(look, async (step) => {
    const ours = (await swarm.nodes(signal)).filter(({ id }) => ids.includes(id));
    const chosen = await recall(`chosen:${name}`, () => entriesToGo(name, ours, hosts, signal));
    step.say(chosen.join(', '));
    return chosen;
  });

  await stage(wait, async (step) => {
    const away = async () => {
      const left = (await swarm.nodes(signal)).filter(
        ({ id, state }) => chosen.includes(id) && state !== 'down',
      );
      if (left.length === 0) return true;
      step.say(`the managers say ${left.map(({ state }) => state).join(', ')}`);
      return undefined;
    };
    if (await patiently(away, DOWN_DEADLINE_MS, signal)) return step.say('it is down');
    throw new UserError(`${name} is not down after ${DOWN_DEADLINE_MS / 1000} s: it is alive.`, {
      hint: 'A node that lives leaves the swarm first: then its entry goes as well.',
      remedies: [leaving(name)],
    });
  });

  return await stage(remove, async (step) => {
    for (const id of chosen) {
      if ((await nodeById(swarm, id, signal)) === undefined) continue;
      await step.act(`remove the entry ${id} of ${name}`, () => swarm.removeNode(id, signal));
    }
    const stay = (await swarm.nodes(signal)).filter(({ id }) => ids.includes(id));
    step.say(chosen.length === 1 ? 'it is gone' : `${chosen.length} are gone`);
    return { removed: chosen, stay: stay.map(({ id, state, role }) => ({ id, state, role })) };
  });
}
