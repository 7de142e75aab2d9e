import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { context, lines, section } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, escape, span } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Request } from '../queue/request.ts';
import { eachOf } from '../target.ts';
import { word } from './args.ts';
import { defineCommand } from './define.ts';

type Answer = JobResult<'why'>['answers'][number];
type Reason = Answer['reasons'][number];

const MARKS: Record<Answer['state'], string> = {
  well: ':white_check_mark:',
  partly: ':warning:',
  broken: ':x:',
};

/** Reasons behind the first, and sentences of evidence, that a card has room for. */
const MOST_REASONS = 3;
const MOST_EVIDENCE = 6;

export const why = defineCommand({
  name: 'why',
  summary: 'Say why a service, a node or a host is as it is, and what to do',
  risk: 'read',
  aliases: [],
  examples: ['why websky', 'why fedora-03'],
  args: { name: word('NAME', 'the name of a service, a node or a host') },
  job: 'why',
  targets: ({ name }) => eachOf('service', [name]),
  input: ({ name }) => ({ name }),
  done: ({ answers }, request): Body => {
    const sorted = answers.toSorted((a, b) => rank(b) - rank(a));
    return {
      text: sorted.map(inShort).join(' ') || 'Nothing is known of it.',
      blocks: [
        ...sorted.flatMap((answer) => one(answer, request)),
        ...remedyButtons(sorted.flatMap(({ reasons }) => reasons.flatMap(({ remedies }) => remedies))),
      ],
    };
  },
});

const rank = ({ state }: Answer): number => ['well', 'partly', 'broken'].indexOf(state);

function inShort({ is, reasons: [first] }: Answer): string {
  return escape([is, first?.cause, first?.advice].filter(Boolean).join(' '));
}

function one({ state, is, name, since, reasons, evidence }: Answer, request: Request): KnownBlock[] {
  const [first, ...others] = reasons;
  const head = named(is, name) + lasting(since, request);
  const shown = others.slice(0, MOST_REASONS);
  return [
    section(`${MARKS[state]} ${head}`),
    ...(first ? lines(told(first)) : []),
    ...(shown.length > 0
      ? lines(['*Besides:*', ...shown.map(({ cause, advice }) => `• ${escape(cause)} ${escape(advice)}`)])
      : []),
    ...(evidence.length > 0 ? [context(evidence.slice(0, MOST_EVIDENCE).map(escape).join('  •  '))] : []),
  ];
}

function told({ cause, explanation, advice }: Reason): string[] {
  return [`*Why:* ${escape(cause)} ${escape(explanation)}`, `*Next:* ${escape(advice)}`];
}

/** The sentence with the name in it set off, where it begins with the name. */
function named(is: string, name: string): string {
  return is.startsWith(name) && name !== '' ? `${bold(name)}${escape(is.slice(name.length))}` : escape(is);
}

/** ` It has been so for at least 12 minutes.`, at the moment of the answer: the swarm forgets its oldest tasks, and any change
 * of a node's entry sets its time anew. Clocks may differ a little. */
function lasting(since: string, { endedAt, createdAt }: Request): string {
  const ms = (endedAt ?? createdAt) - Date.parse(since);
  return Number.isFinite(ms) ? ` It has been so for at least ${span(Math.max(1000, ms))}.` : '';
}
