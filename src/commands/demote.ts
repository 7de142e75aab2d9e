import { eachOf, WHOLE_SWARM } from '../target.ts';
import { defineCommand } from './define.ts';
import { nodes } from './node-args.ts';
import { rolesSet } from './promote.ts';

export const demote = defineCommand({
  name: 'demote',
  summary: 'Make workers of managers, unless the quorum would be lost',
  risk: 'change',
  aliases: ['node demote', 'node update --role worker'],
  examples: ['demote fedora-03', 'demote fedora-03 fedora-04'],
  args: { nodes: nodes() },
  job: 'promote',
  swarmWide: true,
  targets: ({ nodes: names }) => [...eachOf('node', names), WHOLE_SWARM],
  input: ({ nodes: names }) => ({ nodes: names, role: 'worker' as const }),
  done: rolesSet,
});
