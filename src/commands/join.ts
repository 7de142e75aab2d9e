import type { Body } from '../cards/body.ts';
import { lines, section } from '../cards/blocks.ts';
import { engineInfo } from '../cards/engine-info.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, code, count, escape, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { eachOf, WHOLE_SWARM } from '../target.ts';
import { flag, hosts, pairs } from './args.ts';
import { defineCommand } from './define.ts';

type Outcome = JobResult<'join'>['hosts'][number];

export const join = defineCommand({
  name: 'join',
  summary: 'Check hosts, join them, and wait until both sides agree',
  risk: 'change',
  aliases: ['swarm join'],
  examples: [
    'join fedora-03',
    'join web-[01-40] --label zone=a',
    'join fedora-03 --manager',
    'join fedora-03 --drained',
    'join fedora-03 --again',
  ],
  args: {
    hosts: hosts(),
    manager: flag('join as a manager instead of a worker'),
    drained: flag('give it no tasks yet'),
    label: pairs('a label for the node; may be repeated'),
    again: flag('leave first whatever swarm it is in; its labels are kept'),
    anyway: flag('join although the check finds something in the way'),
  },
  job: 'join',
  targets: ({ hosts: names, role }) => [
    ...eachOf('host', names),
    ...(role === 'manager' ? [WHOLE_SWARM] : []),
  ],
  input: ({ hosts: names, manager, drained, label, again, anyway }) => ({
    hosts: names,
    role: manager ? ('manager' as const) : ('worker' as const),
    drained,
    labels: label,
    again,
    anyway,
  }),
  done: ({ hosts: outcomes }) =>
    outcomes.length === 1 && outcomes[0] ? single(outcomes[0]) : several(outcomes),
});

function single(outcome: Outcome): Body {
  if (!outcome.ok)
    return {
      text: escape(outcome.message),
      blocks: [
        section(`:x: ${escape(outcome.message)} ${escape(outcome.hint)}`),
        ...remedyButtons(outcome.remedies),
      ],
    };
  const { value } = outcome;
  const host = escape(outcome.target);
  const sentence = value.already
    ? `${host} was in this swarm already as a ${roleOf(outcome)}, and both sides agree.`
    : `${host} has joined the swarm as a ${roleOf(outcome)}, and both sides agree.`;
  return {
    text: sentence,
    blocks: [
      section([`:white_check_mark: ${sentence}`, ...notes(outcome)].join('\n')),
      engineInfo(outcome.target, value.info, { open: true }),
      ...remedyButtons(rebalancing(value.couldSpread)),
    ],
  };
}

function several(outcomes: Outcome[]): Body {
  const well = outcomes.filter(({ ok }) => ok);
  const [role, mixed] = new Set(well.map(roleOf));
  const text =
    well.length === outcomes.length
      ? `All ${outcomes.length} hosts are in the swarm${role && !mixed ? ` as ${role}s` : ''}.`
      : `${well.length} of ${count(outcomes.length, 'host')} are in the swarm; ${outcomes.length - well.length} could not join.`;
  const failures = outcomes.flatMap((outcome) =>
    outcome.ok ? [] : [`:x: ${bold(outcome.target)}: ${escape(outcome.message)} ${escape(outcome.hint)}`],
  );
  const remarks = Map.groupBy(
    well.flatMap((outcome) => notes(outcome).map((note) => ({ host: outcome.target, note }))),
    ({ note }) => note,
  );
  const spread = [...new Set(well.flatMap((outcome) => (outcome.ok ? outcome.value.couldSpread : [])))];
  return {
    text,
    blocks: [
      section(`${well.length === outcomes.length ? ':white_check_mark:' : ':warning:'} ${text}`),
      ...lines(
        // What is said of several hosts is said once.
        [
          ...failures,
          ...[...remarks].map(
            ([note, of]) =>
              `${some(
                of.map(({ host }) => host),
                bold,
              )}: ${note}`,
          ),
        ],
        2,
      ),
      ...remedyButtons([
        ...rebalancing(spread),
        ...outcomes.flatMap((outcome) =>
          outcome.ok ? [] : outcome.remedies.map((one) => about(outcome.target, one)),
        ),
      ]),
    ],
  };
}

/** Nothing moves to a new node by itself. */
function rebalancing(services: string[]): Remedy[] {
  const [only, second] = services;
  if (only === undefined) return [];
  return [
    second === undefined
      ? { label: `Rebalance ${only}`, line: `rebalance ${only}` }
      : { label: 'Rebalance', line: 'rebalance' },
  ];
}

function about(host: string, remedy: Remedy): Remedy {
  return remedy.label.includes(host) ? remedy : { ...remedy, label: `${remedy.label}: ${host}` };
}

function roleOf(outcome: Outcome): 'manager' | 'worker' {
  return outcome.ok && outcome.value.info.swarm.isManager ? 'manager' : 'worker';
}

function notes(outcome: Outcome): string[] {
  if (!outcome.ok) return [];
  const { missingImages, ghosts, warnings, drained, labels, couldSpread } = outcome.value;
  const labelled = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const them = missingImages.length === 1 ? 'it' : 'them';
  return [
    ...(missingImages.length > 0
      ? [
          `:warning: It lacks ${some(missingImages, code)}: tasks that need ${them} are rejected there unless a registry has ${them}. Load ${them} on the host before you scale.`,
        ]
      : []),
    ...(drained ? ['It is drained: it gets no tasks until it is made active.'] : []),
    ...(labelled.length > 0
      ? [`It has the ${labelled.length === 1 ? 'label' : 'labels'} ${some(labelled, code)}.`]
      : []),
    ...(ghosts > 0
      ? [
          `${count(ghosts, 'old entry', 'old entries')} of the same host ${ghosts === 1 ? 'was' : 'were'} removed.`,
        ]
      : []),
    ...(couldSpread.length > 0
      ? [
          `Nothing of ${some(couldSpread, bold)} runs there yet: tasks stay where they are until they are rebalanced.`,
        ]
      : []),
    ...warnings.map((warning) => `:warning: ${escape(warning)}`),
  ];
}
