import { targets, type TargetStory } from '../cards/targets.ts';
import { bold, code, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import { defineCommand } from './define.ts';
import { nodes } from './node-args.ts';

type Outcome = JobResult<'nodeRm'>['nodes'][number];
type Removed = Extract<Outcome, { ok: true }>['value'];

export const nodeRm = defineCommand({
  name: 'node rm',
  summary: 'Remove the entry of a node that is down for good',
  risk: 'destroy',
  aliases: ['node remove'],
  examples: ['node rm fedora-03', 'node rm k5bpi6ih0jbhmd3xq9rzvfo1e'],
  args: { nodes: nodes() },
  job: 'nodeRm',
  targets: ({ nodes: names }) => eachOf('node', names),
  input: ({ nodes: names }) => ({ nodes: names }),
  done: ({ nodes: outcomes }) => targets(outcomes, story, { unit: 'node' }),
});

function story({ removed, stay }: Removed, target: string): TargetStory {
  const many = removed.length > 1;
  return {
    sentence: many
      ? `${removed.length} entries of ${bold(target)} are removed: ${some(removed, code)}.`
      : `The entry of ${bold(target)} is removed.`,
    well: true,
    notes:
      stay.length > 0
        ? [
            `These of the same name stay: ${some(
              stay.map(({ id, state, role }) => `${id} (${state}, ${role})`),
              code,
            )}.`,
          ]
        : [],
    remedies: [],
  };
}
