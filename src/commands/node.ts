import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { context, fields, paragraph, section, table } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, bytes, clamp, code, count, escape, some, span } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { eachOf } from '../target.ts';
import { defineCommand } from './define.ts';
import { node as oneNode } from './node-args.ts';

type Detail = JobResult<'node'>['nodes'][number];

/** Beyond this the card would be about nothing else; the table of tasks still names all. */
const MOST_SHOWN = 4;

export const node = defineCommand({
  name: 'node',
  summary: 'Show one node: state, labels, what is reserved, its tasks with errors',
  risk: 'read',
  aliases: ['node inspect', 'node show'],
  examples: ['node fedora-03', 'node k5bpi6ih0jbhmd3xq9rzvfo1e'],
  args: { node: oneNode() },
  job: 'node',
  targets: ({ node: name }) => eachOf('node', [name]),
  input: ({ node: name }) => ({ node: name }),
  done: ({ name, nodes: details }, { endedAt, createdAt }): Body => {
    const now = endedAt ?? createdAt;
    const [first] = details;
    if (first === undefined)
      return paragraph(`${bold(name)} has no entry any more: it was removed in this very moment.`);
    const several = details.length > 1;
    const text = several
      ? `${details.length} nodes are called ${escape(name)}: ${details.map(({ node: one }) => one.state).join(', ')}.`
      : headline(first);
    return {
      text,
      blocks: [
        ...(several ? [section(text)] : []),
        ...details.slice(0, MOST_SHOWN).flatMap((detail) => about(detail, several, now)),
        ...tasks(details, several),
        ...remedyButtons(details.flatMap((detail) => remedies(detail, several))),
      ],
    };
  },
});

function headline({
  node: { hostname, state, message, availability, role, manager },
  tasks: all,
}: Detail): string {
  const running = all.filter(isUp).length;
  const as = manager?.leader ? 'the leader' : manager ? `a manager, ${manager.reachability}` : `a ${role}`;
  const why = state !== 'ready' && message ? ` (${escape(clamp(message, 300))})` : '';
  const set = availability === 'active' ? '' : availability === 'drain' ? ', drained' : ', paused';
  return `${bold(hostname)} is ${state}${why}${set}; it is ${as} and runs ${count(running, 'task')}.`;
}

const isUp = ({ state, desiredState }: Detail['tasks'][number]): boolean =>
  state === 'running' && desiredState === 'running';

function about(detail: Detail, several: boolean, now: number): KnownBlock[] {
  const { node: one, platform, reserved, changedAt } = detail;
  const labels = Object.entries(one.labels).map(([key, value]) =>
    value === '' ? key : `${key}=${clamp(value, 60)}`,
  );
  const mark =
    one.state !== 'ready'
      ? ':red_circle:'
      : one.availability === 'active'
        ? ':large_green_circle:'
        : ':large_yellow_circle:';
  const changed = Date.parse(changedAt);
  return [
    section(`${mark} ${headline(detail)}`),
    ...fields([
      ['ID', one.id && code(one.id)],
      ['Address', one.address && code(one.address)],
      ['Engine', escape([one.version, platform].filter(Boolean).join(', '))],
      [
        'Reserved',
        `${one.cpus > 0 ? `${round(reserved.cpus)} of ${round(one.cpus)} CPUs` : '-'}\n${bytes(reserved.memoryBytes)} of ${bytes(one.memoryBytes)}`,
      ],
      ['Labels', some(labels, code, 10)],
      ['Entry changed', Number.isFinite(changed) ? `${span(Math.max(1000, now - changed))} ago` : ''],
      ...(one.manager && !several
        ? [['Manager address', code(one.manager.address)] as [string, string]]
        : []),
    ]),
  ];
}

const round = (number: number): number => Number(number.toFixed(2));

function tasks(details: Detail[], several: boolean): KnownBlock[] {
  const rows = details
    .flatMap(({ node: one, tasks: all }) => all.map((task) => ({ id: one.id, task })))
    .toSorted(
      (a, b) =>
        rank(a.task) - rank(b.task) ||
        a.task.service.localeCompare(b.task.service) ||
        a.task.slot - b.task.slot,
    );
  if (rows.length === 0) return [context('No tasks.')];
  const { block, left } = table(
    'Tasks',
    ['Service', 'Slot', 'State', 'Image', 'Error', ...(several ? ['Node ID'] : [])],
    rows.map(({ id, task }) => [
      task.service,
      task.slot > 0 ? task.slot : '-',
      task.state === task.desiredState ? task.state : `${task.state} (wanted ${task.desiredState})`,
      task.image,
      task.error,
      ...(several ? [id] : []),
    ]),
  );
  return [block, ...(left > 0 ? [context(`${left} more are not shown.`)] : [])];
}

/** What went wrong first. */
const rank = (task: Detail['tasks'][number]): number => (task.error !== '' ? 0 : isUp(task) ? 2 : 1);

function remedies({ node: one }: Detail, several: boolean): Remedy[] {
  const name = several ? one.id : one.hostname;
  if (name === '') return [];
  if (one.state === 'down' && one.role === 'worker') {
    return [
      { label: 'Why?', line: `why ${name}` },
      {
        label: several ? `Remove ${clamp(one.id, 12)}` : 'Remove its entry',
        line: `node rm ${one.id}`,
        confirm: `The entry ${clamp(one.id, 60)} is removed. Its labels go with it.`,
      },
    ];
  }
  const ready = one.state === 'ready';
  return [
    ...(ready ? [] : [{ label: 'Why?', line: `why ${name}` }]),
    ...(one.availability === 'active'
      ? [{ label: 'Drain', line: `drain ${name}`, confirm: 'Every task on it moves to another node.' }]
      : [{ label: 'Activate', line: `activate ${name}` }]),
  ];
}
