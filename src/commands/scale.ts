import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { lines, section } from '../cards/blocks.ts';
import { bold, clamp, code, count, escape, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { duration, replicas } from './args.ts';
import { defineCommand } from './define.ts';

type Outcome = JobResult<'scale'>['services'][number];
type Convergence = Extract<Outcome, { ok: true }>['value']['convergence'];
type Spread = Convergence['spread'][number];
type Shortfall = Extract<Convergence, { kind: 'short' }>['reasons'][number];

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
    const bodies = services.length === 1 ? services.map(single) : services.map(oneOfSeveral);
    return {
      text: bodies.map(({ text }) => text).join(' '),
      blocks: bodies.flatMap(({ blocks }) => blocks),
    };
  },
});

/** The whole story: what runs where, and what the tasks say that do not run. */
function single(outcome: Outcome): Body {
  const { text, mark } = sentence(outcome, escape);
  const blocks: KnownBlock[] = [section(`${mark} ${sentence(outcome, bold).text}`)];
  if (outcome.ok) {
    const { convergence } = outcome.value;
    if (convergence.kind === 'short') blocks.push(...shortfall(convergence.reasons));
    blocks.push(...spread(convergence.spread));
  }
  return { text, blocks };
}

/** A few lines, so that twenty services fit into a card. */
function oneOfSeveral(outcome: Outcome): Body {
  const { text, mark } = sentence(outcome, escape);
  if (!outcome.ok) return { text, blocks: [section(`${mark} ${bold(outcome.target)}: ${text}`)] };
  const { convergence } = outcome.value;
  const [reason] = convergence.kind === 'short' ? convergence.reasons : [];
  const where = convergence.spread
    .toSorted(busiest)
    .slice(0, 6)
    .map(({ node, running }) => `${escape(node)} ${running}`);
  if (convergence.spread.length > where.length)
    where.push(`and ${convergence.spread.length - where.length} more nodes`);
  return {
    text,
    blocks: [
      ...lines(
        [
          `${mark} ${sentence(outcome, bold).text}`,
          ...(reason ? [why(reason)] : []),
          where.join(', '),
        ].filter(Boolean),
      ),
    ],
  };
}

function sentence(outcome: Outcome, named: (name: string) => string): { text: string; mark: string } {
  if (!outcome.ok) return { text: `${escape(outcome.message)} ${escape(outcome.hint)}`.trim(), mark: ':x:' };
  const { from, to, convergence } = outcome.value;
  const { running, wanted } = convergence;
  const name = named(outcome.target);
  if (convergence.kind === 'short') {
    return {
      text: `${name} is set to ${to}, but ${shortOf(running, wanted)}. The swarm goes on trying.`,
      mark: ':warning:',
    };
  }
  const change = from === to ? `was at ${to} already` : `went from ${from} to ${to}`;
  const tasks = running === 0 ? 'no task runs' : running === 1 ? 'its task runs' : `all ${running} tasks run`;
  return { text: `${name} ${change}; ${tasks}.`, mark: ':white_check_mark:' };
}

function shortOf(running: number, wanted: number): string {
  if (running >= wanted) return 'tasks that are not wanted any more still run';
  if (running > 0) return `only ${running} of ${wanted} tasks run`;
  return wanted === 1 ? 'its task does not run' : `none of its ${wanted} tasks runs`;
}

function shortfall(reasons: Shortfall[]): KnownBlock[] {
  if (reasons.length === 0)
    return [section('The tasks give no reason yet: look again with `ps`, or scale back.')];
  return lines(['The tasks say why:', ...reasons.map(why)]);
}

function why({ state, error, tasks, nodes }: Shortfall): string {
  const where = nodes.length > 0 ? ` on ${some(nodes, escape)}` : '';
  return `• ${count(tasks, 'task')} ${escape(state)}${where}: ${code(clamp(error, 500) || 'no reason given yet')}`;
}

/** Where the tasks run, busiest node first. */
function spread(rows: Spread[]): KnownBlock[] {
  const bars = rows
    .toSorted(busiest)
    .map(({ node, running }) => `${bold(node)}  ${'▇'.repeat(Math.min(running, 30))} ${running}`);
  return lines(bars);
}

function busiest(a: Spread, b: Spread): number {
  return b.running - a.running || a.node.localeCompare(b.node, 'en', { numeric: true });
}
