import type { KnownBlock } from '@slack/types';
import { context, fields, lines, section } from '../cards/blocks.ts';
import type { Body } from '../cards/body.ts';
import { shortfallLines, spread } from '../cards/convergence.ts';
import { plainChanges } from '../cards/field-changes.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, bytes, clamp, code, count, escape, some, span } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { eachOf } from '../target.ts';
import { word } from './args.ts';
import { defineCommand } from './define.ts';

type Detail = JobResult<'service'>;

export const service = defineCommand({
  name: 'service',
  summary: 'Show one service: where it runs, and how it is set up',
  risk: 'read',
  aliases: ['service inspect'],
  examples: ['service websky'],
  args: { service: word('SERVICE', 'the name of a service') },
  job: 'service',
  targets: ({ name }) => eachOf('service', [name]),
  input: ({ service: name }) => ({ name }),
  done: (detail): Body => {
    const tell = (named: (name: string) => string) => sentence(detail, named);
    return {
      text: tell(escape),
      blocks: [
        section(`${isWell(detail) ? ':white_check_mark:' : ':warning:'} ${tell(bold)}`),
        ...trouble(detail),
        ...spread(detail.spread),
        ...fields(settings(detail)),
        context(
          `Created ${time(detail.createdAt)} • last change ${time(detail.updatedAt)} • ${code(detail.id)}`,
        ),
        ...remedyButtons(remedies(detail)),
      ],
    };
  },
});

const isWell = ({ running, wanted, update }: Detail) =>
  running >= wanted && !update.state.endsWith('paused') && update.state !== 'rollback_started';

function sentence({ name, mode, running, wanted, image }: Detail, named: (name: string) => string): string {
  const runs =
    wanted === 0
      ? 'no task is wanted'
      : `${running} of ${wanted} ${wanted === 1 ? 'task runs' : 'tasks run'}`;
  return `${named(name)} (${mode}): ${runs}, image ${escape(image)}.`;
}

/** What is not as it should be, in the swarm's and the tasks' own words. */
function trouble({ update, reasons }: Detail): KnownBlock[] {
  const states: Partial<Record<Detail['update']['state'], string>> = {
    updating: 'An update is under way.',
    paused: 'Its update is paused: the swarm goes no further by itself.',
    rollback_started: 'The swarm is going back to what was before.',
    rollback_paused: 'Going back to what was before is paused: the swarm goes no further by itself.',
    rollback_completed: 'The swarm went back to what was before the last update.',
  };
  const now = states[update.state];
  const ofTasks = reasons.filter(({ state }) => state !== 'update paused');
  return lines([
    ...(now ? [`${now}${telling(update.message)}`] : []),
    ...(ofTasks.length > 0 ? shortfallLines(ofTasks) : []),
  ]);
}

/** The swarm's own words, where they say more than the state. */
function telling(message: string): string {
  return message === '' || message === 'update in progress' ? '' : ` ${code(clamp(message, 500))}`;
}

function settings(detail: Detail): [string, string][] {
  const { reserve, limit, restart, updateRule: rule } = detail;
  const cpus = (amount: number) => (amount > 0 ? [count(amount, 'processor')] : []);
  const memory = (amount: number) => (amount > 0 ? [bytes(amount)] : []);
  const all = (names: string[]) => (names.length > 0 ? some(names, short, 10) : '');
  const pairs: [string, string][] = [
    ['Ports', detail.ports.slice(0, 20).map(short).join('\n')],
    ['Constraints', all(detail.constraints)],
    ['Spread over', all(detail.preferences)],
    ['Most per node', detail.maxPerNode > 0 ? String(detail.maxPerNode) : ''],
    ['Platforms', all(detail.platforms)],
    ['Reserved', [...cpus(reserve.cpus), ...memory(reserve.memoryBytes)].join(', ')],
    ['Limit', [...cpus(limit.cpus), ...memory(limit.memoryBytes)].join(', ')],
    [
      'Mounts',
      detail.mounts
        .slice(0, 10)
        .map(({ type, source, target, readOnly }) =>
          short(`${source || type} -> ${target}${readOnly ? ' (read-only)' : ''}`),
        )
        .join('\n'),
    ],
    ['Networks', all(detail.networks)],
    ['Environment (names only)', all(detail.env)],
    ['Secrets', all(detail.secrets)],
    ['Configs', all(detail.configs)],
    ['Labels', all(Object.entries(detail.labels).map(([key, value]) => `${key}=${value}`))],
    [
      'Restart',
      [
        restart.condition,
        ...(restart.delayMs > 0 ? [`after ${span(restart.delayMs)}`] : []),
        ...(restart.maxAttempts > 0 ? [`at most ${restart.maxAttempts} times`] : []),
      ]
        .map(escape)
        .join(', '),
    ],
    [
      'Updates',
      [
        rule.parallelism === 0 ? 'all at once' : `${rule.parallelism} at a time`,
        ...(rule.delayMs > 0 ? [`${span(rule.delayMs)} apart`] : []),
        rule.order,
        `${rule.failureAction} on failure`,
      ].join(', '),
    ],
  ];
  // What is not set is not worth a line.
  return pairs.filter(([, value]) => value !== '');
}

const short = (text: string) => code(clamp(text, 150));

function remedies(detail: Detail): Remedy[] {
  const { name, running, wanted, update, previous, mode } = detail;
  const counts = detail.spread.map(({ running }) => running);
  const isSkewed =
    mode === 'replicated' && counts.length > 1 && Math.max(...counts) - Math.min(...counts) > 1;
  const halfWay = update.state === 'paused' || update.state === 'rollback_paused';
  return [
    ...(halfWay && previous !== null
      ? [
          {
            label: 'Roll back',
            line: `rollback ${name}`,
            ...(previous.length > 0 ? { confirm: `It changes ${plainChanges(previous)}.` } : {}),
          },
        ]
      : []),
    ...(running < wanted || halfWay ? [{ label: 'Why?', line: `why ${name}` }] : []),
    ...(isSkewed ? [{ label: 'Rebalance', line: `rebalance ${name}` }] : []),
    { label: 'Tasks', line: `ps ${name}` },
  ];
}

function time(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isFinite(ms)
    ? `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'at an unknown time';
}
