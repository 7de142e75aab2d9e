import { z } from 'zod';
import type { Node } from '../swarm/swarm.ts';
import { defineJob, type JobContext } from './define.ts';
import { nodeCalled } from './node-find.ts';
import { roleAgreed } from './promote-agree.ts';
import { mayBePromoted, mayDemote } from './promote-check.ts';
import { previewPromote } from './promote-preview.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

const input = z.object({ nodes: z.array(z.string()).min(1), role: z.enum(['manager', 'worker']) });
type Role = z.infer<typeof input>['role'];

export interface RoleSet {
  node: string;
  /** It was so before. */
  already: boolean;
  /** Its own engine says so too; false: no host of the inventory is this node, or it cannot be asked. */
  asked: boolean;
}

interface RolesSet {
  role: Role;
  nodes: Outcome<RoleSet>[];
  /** `3 managers, may lose 1 → 4 managers, may lose 1`. */
  managers: string;
  /** Whole sentences on the number of managers that it has come to. */
  advice: string[];
}

/** Makes managers of workers, or workers of managers, one after the other. */
export const promote = defineJob({
  input,
  lock: ({ nodes }) => ['managers', ...nodes.map((name) => `node:${name.toLowerCase()}`)],
  steps: ({ nodes, role }) => stepsFor(nodes, stagesOf(role)),
  preview: previewPromote,
  async run({ nodes: names, role }, context): Promise<RolesSet> {
    const { swarm, signal, recall } = context;
    const all = await swarm.nodes(signal);
    const targets = names.map((name) => ({ name, node: nodeCalled(all, name) }));
    const ids = targets.map(({ node }) => node.id);
    // All are looked at before the first is changed: half of a change of managers is worse than none.
    if (role === 'worker') await mayDemote(ids, all, context);
    for (const { node } of targets) if (role === 'manager') mayBePromoted(node);
    // Remembered across a crash: a second look after the change would find the new ones.
    const before = await recall('before', async () => ({
      managers: (await swarm.planManagers({}, signal)).text,
      already: targets.filter(({ node }) => node.role === role).map(({ node }) => node.id),
    }));
    const outcomes = await forEachTarget(
      inOrder(targets, role),
      context,
      1,
      async (name, stage) => {
        const id = targets.find((target) => target.name === name)?.node.id ?? name;
        return await setOne(id, before.already.includes(id), role, context, stage);
      },
      ({ already }) => (already ? `was a ${role} already` : `is a ${role} now`),
    );
    const now = await swarm.planManagers({}, signal);
    const managers = before.managers === now.text ? now.text : `${before.managers} → ${now.text}`;
    return { role, nodes: outcomes, managers, advice: now.advice };
  },
});

function stagesOf(role: Role): [look: string, set: string, agree: string] {
  return ['Look at the managers', role === 'manager' ? 'Promote' : 'Demote', 'Both sides agree'];
}

/** Unreachable ones are demoted first: each then makes room for the next. The leader last: it forces an election. */
function inOrder(targets: { name: string; node: Node }[], role: Role): string[] {
  const rank = ({ manager }: Node): number =>
    manager?.leader ? 2 : manager && manager.reachability !== 'reachable' ? 0 : 1;
  const sorted = role === 'manager' ? targets : targets.toSorted((a, b) => rank(a.node) - rank(b.node));
  return sorted.map(({ name }) => name);
}

async function setOne(
  id: string,
  already: boolean,
  role: Role,
  context: JobContext,
  stage: Stage,
): Promise<RoleSet> {
  const { swarm, signal } = context;
  const [look, set, agree] = stagesOf(role);
  const node = await stage(look, async (step) => {
    const nodes = await swarm.nodes(signal);
    const plan =
      role === 'manager' || already
        ? await swarm.planManagers({ promote: role === 'manager' ? [id] : [] }, signal)
        : await mayDemote([id], nodes, context);
    step.say(plan.text);
    return nodeCalled(nodes, id);
  });

  await stage(set, async (step) => {
    if (node.role === role) return step.say(already ? `it is a ${role} already` : 'done');
    const what = role === 'manager' ? 'promote' : 'demote';
    const { meanwhile } = await step.act(`${what} ${node.hostname}`, () => swarm.setRole(id, role, signal));
    step.say(meanwhile === null ? 'done' : `somebody else had made it a ${meanwhile.value} meanwhile`);
  });

  const asked = await stage(agree, async (step) => {
    const agreed = await roleAgreed(node, role, context, step);
    step.say(agreed ? 'the managers and its own engine' : 'the managers; its own engine could not be asked');
    return agreed;
  });
  return { node: node.hostname, already, asked };
}
