import type { KnownBlock } from '@slack/types';
import { lines, section } from '../cards/blocks.ts';
import type { Body } from '../cards/body.ts';
import { allRun, convergenceBlocks, firstReason, shortOf, spreadLine } from '../cards/convergence.ts';
import { bold, code, escape, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import { duration, flag, replicas } from './args.ts';
import { defineCommand } from './define.ts';

type Outcome = JobResult<'scale'>['services'][number];

export const scale = defineCommand({
  name: 'scale',
  summary: 'Set how many tasks services have, and wait until they run',
  risk: 'change',
  aliases: ['service scale'],
  examples: [
    'scale websky 12',
    'scale websky=12 api=3',
    'scale websky 12 --timeout 5m',
    'scale websky 40 --anyway',
  ],
  args: {
    services: replicas(),
    anyway: flag('also when not all of the tasks fit'),
    timeout: duration('give up waiting after', '2m'),
  },
  job: 'scale',
  targets: ({ services }) =>
    eachOf(
      'service',
      services.map(({ name }) => name),
    ),
  input: ({ services, anyway, timeout }) => ({ services, anyway, deadlineMs: timeout }),
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
    const { convergence, from, to } = outcome.value;
    blocks.push(...lines(noteLines(outcome)));
    const back =
      from !== to && from > 0
        ? [{ label: `Scale back to ${from}`, line: `scale ${outcome.target} ${from}` }]
        : [];
    blocks.push(...convergenceBlocks(outcome.target, convergence, { doing: 'scale', first: back }));
  }
  return { text, blocks };
}

/** A few lines, so that twenty services fit into a card. */
function oneOfSeveral(outcome: Outcome): Body {
  const { text, mark } = sentence(outcome, escape);
  if (!outcome.ok) return { text, blocks: [section(`${mark} ${bold(outcome.target)}: ${text}`)] };
  const { convergence } = outcome.value;
  return {
    text,
    blocks: [
      ...lines(
        [
          `${mark} ${sentence(outcome, bold).text}`,
          ...noteLines(outcome),
          ...firstReason(convergence),
          spreadLine(convergence),
        ].filter(Boolean),
      ),
    ],
  };
}

function sentence(outcome: Outcome, named: (name: string) => string): { text: string; mark: string } {
  if (!outcome.ok) return { text: `${escape(outcome.message)} ${escape(outcome.hint)}`.trim(), mark: ':x:' };
  const { from, to, convergence } = outcome.value;
  const name = named(outcome.target);
  if (convergence.kind === 'short') {
    return {
      text: `${name} is set to ${to}, but ${shortOf(convergence)}. The swarm goes on trying.`,
      mark: ':warning:',
    };
  }
  const change = from === to ? `was at ${to} already` : `went from ${from} to ${to}`;
  return { text: `${name} ${change}; ${allRun(convergence)}.`, mark: ':white_check_mark:' };
}

function noteLines(outcome: Outcome): string[] {
  if (!outcome.ok) return [];
  const { meanwhile, to } = outcome.value;
  return [
    ...(meanwhile === null
      ? []
      : [`:warning: Somebody else had set it to ${meanwhile} just before; ${to} stands now.`]),
    ...lacking(outcome.value),
  ];
}

/** Hosts without the image, as a warning: a registry may have it. */
export function lacking({ image, lacking: nodes }: { image: string; lacking: string[] }): string[] {
  if (nodes.length === 0) return [];
  return [
    `:warning: ${some(nodes, escape)} ${nodes.length === 1 ? 'lacks' : 'lack'} the image ${code(image)}: tasks are rejected there unless a registry has it.`,
  ];
}
