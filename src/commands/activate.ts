import { meanwhileNote, targets, type TargetStory } from '../cards/targets.ts';
import { bold, clamp, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { eachOf } from '../target.ts';
import { defineCommand } from './define.ts';
import { nodes } from './node-args.ts';

type Outcome = JobResult<'availability'>['nodes'][number];
type Active = Extract<Outcome, { ok: true }>['value'];

export const activate = defineCommand({
  name: 'activate',
  summary: 'Let a drained or paused node have tasks again',
  risk: 'change',
  aliases: ['node activate', 'node update --availability active'],
  examples: ['activate fedora-03', 'activate web-[01-03]'],
  args: { nodes: nodes() },
  job: 'availability',
  targets: ({ nodes: names }) => eachOf('node', names),
  input: ({ nodes: names }) => ({ nodes: names, availability: 'active' as const }),
  done: ({ nodes: outcomes }) => {
    const missing = [...new Set(outcomes.flatMap((one) => (one.ok ? one.value.missing : [])))];
    return targets(outcomes, story, { unit: 'node', remedies: rebalance(missing) });
  },
});

function story({ node, from, state, missing, meanwhile }: Active): TargetStory {
  const notReady =
    state === 'ready' ? [] : [`:warning: It is ${state}, so it gets no tasks before it is ready.`];
  const empty =
    missing.length > 0
      ? [`Nothing of ${some(missing, bold)} runs on it: the swarm moves no task by itself, a rebalance does.`]
      : [];
  return {
    sentence:
      from === 'active'
        ? `${bold(node)} is active already.`
        : `${bold(node)} is active and may have tasks again.`,
    well: state === 'ready',
    notes: [...meanwhileNote(meanwhile), ...notReady, ...empty],
    remedies: state === 'ready' ? [] : [{ label: `Why ${clamp(node, 40)}?`, line: `why ${node}` }],
  };
}

function rebalance(services: string[]): Remedy[] {
  const [only, second] = services;
  if (only === undefined) return [];
  if (second === undefined) return [{ label: `Rebalance ${clamp(only, 40)}`, line: `rebalance ${only}` }];
  return [{ label: 'Rebalance', line: 'rebalance' }];
}
