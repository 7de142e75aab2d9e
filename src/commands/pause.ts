import { meanwhileNote, targets, type TargetStory } from '../cards/targets.ts';
import { bold, clamp, count } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import { defineCommand } from './define.ts';
import { nodes } from './node-args.ts';

type Outcome = JobResult<'availability'>['nodes'][number];
type Paused = Extract<Outcome, { ok: true }>['value'];

export const pause = defineCommand({
  name: 'pause',
  summary: 'Give a node no new tasks, and leave those it has',
  risk: 'change',
  aliases: ['node pause', 'node update --availability pause'],
  examples: ['pause fedora-03', 'pause web-[01-03]'],
  args: { nodes: nodes() },
  job: 'availability',
  targets: ({ nodes: names }) => eachOf('node', names),
  input: ({ nodes: names }) => ({ nodes: names, availability: 'pause' as const }),
  done: ({ nodes: outcomes }) => targets(outcomes, story, { unit: 'node' }),
});

function story({ node, from, tasks, meanwhile }: Paused): TargetStory {
  const stays =
    tasks === 0 ? 'nothing runs on it' : `${count(tasks, 'task')} on it ${tasks === 1 ? 'runs' : 'run'} on`;
  return {
    sentence:
      from === 'pause'
        ? `${bold(node)} is paused already; ${stays}.`
        : `${bold(node)} is paused${from === 'drain' ? ', no longer drained' : ''}: it gets no new tasks, and ${stays}.`,
    well: true,
    notes: meanwhileNote(meanwhile),
    remedies: [{ label: `Activate ${clamp(node, 40)}`, line: `activate ${node}` }],
  };
}
