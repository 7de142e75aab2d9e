import { targets, type TargetStory } from '../cards/targets.ts';
import { bold, escape } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf, WHOLE_SWARM } from '../target.ts';
import { defineCommand } from './define.ts';
import { nodes } from './node-args.ts';

type Result = JobResult<'promote'>;
type RoleSet = Extract<Result['nodes'][number], { ok: true }>['value'];

export const promote = defineCommand({
  name: 'promote',
  summary: 'Make managers of nodes, and show the quorum before and after',
  risk: 'change',
  aliases: ['node promote', 'node update --role manager'],
  examples: ['promote fedora-03', 'promote fedora-03 fedora-04'],
  args: { nodes: nodes() },
  job: 'promote',
  swarmWide: true,
  targets: ({ nodes: names }) => [...eachOf('node', names), WHOLE_SWARM],
  input: ({ nodes: names }) => ({ nodes: names, role: 'manager' as const }),
  done: rolesSet,
});

/** Also what a demotion shows. */
export function rolesSet({ role, nodes: outcomes, managers, advice }: Result) {
  const beside = [`Quorum: ${escape(managers)}.`, ...advice.map(escape)];
  return targets(outcomes, (value) => story(role, value), { unit: 'node', beside });
}

function story(role: Result['role'], { node, already, asked }: RoleSet): TargetStory {
  const agree = asked ? 'and its own engine agrees' : 'as the managers list it';
  return {
    sentence: already
      ? `${bold(node)} is a ${role} already, ${agree}.`
      : `${bold(node)} is a ${role} now, ${agree}.`,
    well: true,
    notes: asked ? [] : ['Its own engine could not be asked.'],
    remedies: [],
  };
}
