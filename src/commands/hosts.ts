import { context, paragraph, section, table } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { count, escape } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { WHOLE_SWARM } from '../target.ts';
import { words } from './args.ts';
import { defineCommand } from './define.ts';

type Line = JobResult<'hosts'>['hosts'][number];

export const hosts = defineCommand({
  name: 'hosts',
  summary: 'List the inventory: in the swarm, not in it, or not to be reached',
  risk: 'read',
  aliases: ['host ls', 'inventory'],
  examples: ['hosts', 'hosts unreachable', 'hosts out fedora'],
  args: {
    words: words(
      'WORD...',
      'only hosts with these words in their line: in, out, unreachable, a name, a label',
    ),
  },
  job: 'hosts',
  swarmWide: true,
  targets: () => [WHOLE_SWARM],
  input: ({ words: given }) => ({ words: given }),
  done: ({ words: given, hosts: all, managers }) => {
    const text = summary(all, managers);
    const found = all
      .filter((line) => given.every((word) => describes(line).includes(word.toLowerCase())))
      .toSorted(worstFirst);
    if (found.length === 0)
      return paragraph(given.length > 0 ? `No host fits "${escape(given.join(' '))}". ${text}` : text);
    const { block, left } = table(
      given.length > 0 ? `Hosts: ${given.join(' ')}` : 'Hosts',
      ['Host', 'Swarm', 'What is wrong', 'Address', 'Engine'],
      found.map((line) => [line.host, placeOf(line), trouble(line), line.address, line.version]),
    );
    return {
      text,
      blocks: [
        section(text),
        block,
        ...(left > 0
          ? [context(`${left} more are not shown. Narrow it down, for example with \`hosts unreachable\`.`)]
          : []),
        ...remedyButtons(waysOut(found)),
      ],
    };
  },
});

function summary(all: Line[], managers: JobResult<'hosts'>['managers']): string {
  const number = (kind: Line['standing']['kind']): number =>
    all.filter(({ standing }) => standing.kind === kind).length;
  const parts = [
    managers ? `${number('member')} in a swarm` : `${number('in')} in the swarm`,
    `${number('out')} not in ${managers ? 'one' : 'it'}`,
    ...(number('elsewhere') > 0 ? [`${number('elsewhere')} in another swarm`] : []),
    ...(number('unreachable') > 0 ? [`${number('unreachable')} not to be reached`] : []),
  ];
  const sums = `${count(all.length, 'host')}: ${parts.join(', ')}.`;
  return managers
    ? `${sums} The managers cannot be asked, so each host speaks for itself. ${escape(managers.message)} ${escape(managers.hint)}`
    : sums;
}

function placeOf({ standing }: Line): string {
  switch (standing.kind) {
    case 'in':
      return `${standing.role}${standing.nodeState === 'ready' ? '' : `, ${standing.nodeState}`}`;
    case 'member':
      return `${standing.role}, by its own word`;
    case 'out':
      return standing.state === 'inactive' ? 'not in it' : `not in it (${standing.state})`;
    case 'elsewhere':
      return 'in another swarm';
    case 'unreachable':
      return 'unreachable';
  }
}

function trouble({ host, standing }: Line): string {
  switch (standing.kind) {
    case 'in':
      return [
        ...(standing.nodeState === 'ready' ? [] : [`The managers call it ${standing.nodeState}.`]),
        ...(standing.node === host ? [] : [`Its node is called ${standing.node}.`]),
      ].join(' ');
    case 'member':
      return standing.error;
    case 'out':
      return standing.state === 'inactive' ? '' : standing.error || `Its join is ${standing.state}.`;
    case 'elsewhere':
      return 'Its engine is a node of another swarm.';
    case 'unreachable':
      return standing.why;
  }
}

function describes(line: Line): string {
  const { host, address, version, labels, standing } = line;
  const kind =
    standing.kind === 'unreachable' ? 'unreachable down' : standing.kind === 'member' ? 'in' : standing.kind;
  return [
    host,
    address,
    version,
    kind,
    placeOf(line),
    ...(standing.kind === 'in' ? [standing.node] : []),
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
  ]
    .join(' ')
    .toLowerCase();
}

function worstFirst(a: Line, b: Line): number {
  return rank(a) - rank(b) || a.host.localeCompare(b.host, 'en', { numeric: true });
}

function rank({ standing }: Line): number {
  if (standing.kind === 'unreachable') return 0;
  if (standing.kind === 'in')
    return standing.nodeState === 'ready' ? (standing.role === 'manager' ? 5 : 6) : 1;
  if (standing.kind === 'member') return standing.error === '' ? (standing.role === 'manager' ? 5 : 6) : 1;
  if (standing.kind === 'elsewhere') return 2;
  return standing.state === 'inactive' ? 4 : 3;
}

/** Hosts that only wait to be joined, and one that needs a look. */
function waysOut(found: Line[]): Remedy[] {
  const free = found.filter(({ standing }) => standing.kind === 'out' && standing.state === 'inactive');
  const bad = found.find((line) => rank(line) < 4);
  return [
    ...(bad ? [{ label: `Check ${bad.host}`, line: `check ${bad.host}` }] : []),
    ...(free.length > 0 && free.length <= 20
      ? [
          {
            label: free.length === 1 ? `Check ${free[0]?.host}` : `Check the ${free.length} that could join`,
            line: `check ${free.map(({ host }) => host).join(',')}`,
          },
        ]
      : []),
  ];
}
