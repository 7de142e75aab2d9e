import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { section } from '../cards/blocks.ts';
import { bold, code, count, escape } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { duration, replicas } from './args.ts';
import { defineCommand } from './define.ts';

type Outcome = JobResult<'scale'>['services'][number];

export const scale = defineCommand({
  name: 'scale',
  summary: 'Set how many tasks services have, and wait until they run',
  risk: 'change',
  aliases: ['service scale'],
  examples: ['scale websky 12', 'scale websky=12 api=3', 'scale websky 12 --timeout 5m'],
  args: { services: replicas(), timeout: duration('give up waiting after', '2m') },
  job: 'scale',
  input: ({ services, timeout }) => ({ services, deadlineMs: timeout }),
  done: ({ services }): Body => {
    const bodies = services.map(one);
    return { text: bodies.map(({ text }) => text).join(' '), blocks: bodies.flatMap(({ blocks }) => blocks) };
  },
});

function one(outcome: Outcome): Body {
  if (!outcome.ok)
    return {
      text: outcome.message,
      blocks: [section(`:x: ${bold(outcome.target)}: ${escape(outcome.message)} ${escape(outcome.hint)}`)],
    };
  const { from, to, convergence } = outcome.value;
  const change = from === to ? `was at ${to} already` : `went from ${from} to ${to}`;
  if (convergence.kind === 'converged') {
    const text = `${outcome.target} ${change}; ${convergence.running === 1 ? '1 task runs' : `all ${convergence.running} tasks run`}.`;
    return {
      text,
      blocks: [
        section(
          `:white_check_mark: ${bold(outcome.target)} ${change}; ${convergence.running} of ${convergence.wanted} run and stay.`,
        ),
        ...spread(convergence.spread),
      ],
    };
  }
  const { running, wanted, reasons } = convergence;
  const text = `${outcome.target} is set to ${to}, but only ${running} of ${wanted} tasks run.`;
  const why = reasons.map(({ state, error, tasks, nodes }) => {
    const where = nodes.length > 0 ? ` on ${nodes.map(escape).join(', ')}` : '';
    return `• ${count(tasks, 'task')} ${escape(state)}${where}: ${code(error || 'no reason given yet')}`;
  });
  return {
    text,
    blocks: [
      section(`:warning: ${escape(text)} The swarm goes on trying.`),
      section(
        why.length > 0
          ? `The tasks say why:\n${why.join('\n')}`
          : 'The tasks give no reason yet: look again with `ps`, or scale back.',
      ),
      ...spread(convergence.spread),
    ],
  };
}

/** Where the tasks run, busiest node first. */
function spread(rows: { node: string; running: number }[]): KnownBlock[] {
  if (rows.length === 0) return [];
  const sorted = rows.toSorted((a, b) => b.running - a.running || a.node.localeCompare(b.node));
  const lines = sorted
    .slice(0, 40)
    .map(({ node, running }) => `${bold(node)}  ${'▇'.repeat(Math.min(running, 30))} ${running}`);
  if (sorted.length > 40) lines.push(`and ${sorted.length - 40} more nodes`);
  return [section(lines.join('\n'))];
}
