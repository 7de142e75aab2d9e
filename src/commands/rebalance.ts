import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { context, lines, section } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, count, escape, some } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf, WHOLE_SWARM } from '../target.ts';
import { duration, flag, word, type Arg } from './args.ts';
import { defineCommand } from './define.ts';
import { quoted } from './words.ts';

type Result = JobResult<'rebalance'>;
type Plan = Extract<Result, { kind: 'plan' }>;
type Skewed = Plan['skewed'][number];
type Outcome = Extract<Result, { kind: 'moved' }>['services'][number];
type Rebalanced = Extract<Outcome, { ok: true }>['value'];
type NodeTasks = Skewed['before'][number];

const MOST_SERVICES = 20;
const MOST_AT_ONCE = 50;
/** Of each spread; who wants all of them looks with ps. */
const MOST_NODES = 12;

export const rebalance = defineCommand({
  name: 'rebalance',
  summary: 'Move tasks of replicated services to nodes that have fewer',
  risk: 'change',
  aliases: [],
  examples: [
    'rebalance',
    'rebalance websky',
    'rebalance websky api --at-once 3',
    'rebalance websky --single',
  ],
  args: {
    services: services(),
    atOnce: atOnce(),
    single: flag('also a service of one task, which is replaced and may be away for a moment'),
    timeout: duration('give up a group of tasks after', '2m'),
  },
  job: 'rebalance',
  shows: ({ services }) => services.length === 0,
  targets: ({ services }) => (services.length > 0 ? eachOf('service', services) : [WHOLE_SWARM]),
  input: ({ services, atOnce, single, timeout }) => ({ services, atOnce, single, deadlineMs: timeout }),
  done: (result): Body => (result.kind === 'plan' ? planned(result) : moved(result.services)),
});

function planned({ services, skewed }: Plan): Body {
  if (skewed.length === 0) {
    const says =
      services === 0
        ? 'There is no replicated service to rebalance.'
        : `${services === 1 ? 'The one replicated service is' : `All ${services} replicated services are`} as level as can be. Nothing has to move.`;
    return { text: says, blocks: [section(`:white_check_mark: ${says}`)] };
  }
  const names = skewed.slice(0, MOST_SERVICES).map(({ name }) => name);
  const text = `${count(skewed.length, 'service')} of ${services} could be more level: ${some(names, escape)}. Nothing has moved yet.`;
  const all = { label: 'Rebalance all', line: `rebalance ${names.join(' ')}` };
  return {
    text,
    blocks: [
      section(
        `${count(skewed.length, 'service')} of ${services} could be more level. Nothing has moved yet.`,
      ),
      ...lines(skewed.map(planLine), 2),
      ...remedyButtons([
        ...(names.length > 1 ? [all] : []),
        ...names.map((name) => ({ label: `Rebalance ${name}`, line: `rebalance ${name}` })),
      ]),
    ],
  };
}

function planLine({ name, skew, moves, before, after }: Skewed): string {
  return `${bold(name)}: one node has ${count(skew, 'task')} more than another; ${moves === 1 ? '1 move makes' : `${moves} moves make`} it\n${changes(before, after)}`;
}

function moved(outcomes: Outcome[]): Body {
  const said = outcomes.map((outcome) => sentence(outcome, escape));
  const blocks = outcomes.flatMap((outcome): KnownBlock[] => {
    const { mark, text } = sentence(outcome, bold);
    if (!outcome.ok)
      return [
        section(`${mark} ${bold(outcome.target)}: ${text}`),
        ...remedyButtons(outcome.remedies.slice(0, 1)),
      ];
    const { value } = outcome;
    const where = changes(value.before, value.after);
    return [
      ...lines([`${mark} ${text}`, ...(where ? [where] : [])]),
      ...(outcomes.length === 1 ? advice(outcome.target, value) : []),
    ];
  });
  return { text: said.map(({ text }) => text).join(' '), blocks };
}

function sentence(outcome: Outcome, named: (name: string) => string): { text: string; mark: string } {
  if (!outcome.ok) return { text: `${escape(outcome.message)} ${escape(outcome.hint)}`.trim(), mark: ':x:' };
  const { moved: many, ended, wanted, full } = outcome.value;
  const name = named(outcome.target);
  const went = `${count(many, 'task')} of ${name} moved`;
  switch (ended.kind) {
    case 'level':
      if (many > 0)
        return { text: `${name} is level: ${count(many, 'task')} moved.`, mark: ':white_check_mark:' };
      return {
        text:
          full.length > 0
            ? `${name} is as level as it can be: ${some(full, escape)} can have no more of it.`
            : `${name} is level already.`,
        mark: ':white_check_mark:',
      };
    case 'stuck':
      return { text: `${went}, then the swarm put the next ones back where they were.`, mark: ':warning:' };
    case 'changed':
      return {
        text: `${many === 0 ? `Nothing of ${name} moved` : went}: then somebody else set its replicas to ${ended.replicas}, which stays.`,
        mark: ':warning:',
      };
    case 'cut short':
      return {
        text: `${went} before it was ended; it has ${count(wanted, 'replica')} as before.`,
        mark: ':warning:',
      };
  }
}

function advice(name: string, { ended }: Rebalanced): KnownBlock[] {
  if (ended.kind === 'stuck') {
    return [
      context(`A restart places all tasks of ${escape(name)} anew.`),
      ...remedyButtons([
        {
          label: `Restart ${name}`,
          line: `restart ${name}`,
          confirm: `Every task of ${name} is replaced, one after the other.`,
        },
      ]),
    ];
  }
  return ended.kind === 'changed' ? remedyButtons([{ label: 'Go on', line: `rebalance ${name}` }]) : [];
}

/** Made once: a thousand nodes are compared ten thousand times. */
const inOrder = new Intl.Collator('en', { numeric: true });

/** `fedora-01 6 → 4, fedora-02 6 → 4, fedora-03 0 → 4`: the nodes on which it changes, then the others. */
function changes(before: NodeTasks[], after: NodeTasks[]): string {
  const then = new Map(before.map(({ id, tasks }) => [id, tasks]));
  const rows = after
    .map(({ id, node, tasks }) => ({ node, was: then.get(id) ?? 0, is: tasks }))
    .toSorted(
      (a, b) =>
        Number(a.was === a.is) - Number(b.was === b.is) || b.was - a.was || inOrder.compare(a.node, b.node),
    );
  const shown = rows
    .slice(0, MOST_NODES)
    .map(({ node, was, is }) =>
      was === is ? `${escape(node)} ${is}` : `${escape(node)} ${was} → ${bold(String(is))}`,
    );
  if (rows.length > shown.length) shown.push(`and ${rows.length - shown.length} more nodes`);
  return shown.join(', ');
}

/** `websky api`; none: all of them, only looked at. */
function services(): Arg<string[]> {
  const one = word('SERVICE', 'the name of a service');
  return {
    place: 'rest',
    usage: 'SERVICE...',
    about: 'services to level; without any, what could be more level is shown',
    optional: true,
    parse: (values, facts) => {
      const names = [...new Set(values.map((value) => one.parse([value], facts)))];
      if (names.length <= MOST_SERVICES) return names;
      throw new UserError(`That names more than ${MOST_SERVICES} services.`, {
        hint: `Give them in several commands, at most ${MOST_SERVICES} in each.`,
      });
    },
  };
}

/** `--at-once 3`. */
function atOnce(): Arg<number> {
  return {
    place: 'option',
    usage: 'N',
    about: 'so many tasks move at the same time (1 when left out)',
    optional: true,
    parse: ([value = '1']) => {
      const many = Number(/^\d{1,4}$/.exec(value)?.[0]);
      if (many >= 1 && many <= MOST_AT_ONCE) return many;
      throw new UserError(`${quoted(value)} is not a number of tasks to move at once.`, {
        hint: `Use a whole number from 1 to ${MOST_AT_ONCE}, for example: rebalance websky --at-once 3`,
      });
    },
  };
}
