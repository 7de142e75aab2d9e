import type { KnownBlock } from '@slack/types';
import { fields, lines, section } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, clamp, code, count, escape, list, mention, some } from '../cards/text.ts';
import type { JobResult } from '../jobs/index.ts';
import type { Remedy } from '../remedy.ts';
import { WHOLE_SWARM } from '../target.ts';
import { defineCommand } from './define.ts';

type Status = JobResult<'status'>;

export const status = defineCommand({
  name: 'status',
  summary: 'Show the whole swarm in one card, and what needs attention',
  risk: 'read',
  aliases: ['swarm status', 'swarm info'],
  examples: ['status'],
  args: {},
  job: 'status',
  swarmWide: true,
  targets: () => [WHOLE_SWARM],
  input: () => ({}),
  done: (found) => {
    const troubles = troublesOf(found);
    const head =
      troubles.length === 0
        ? ':large_green_circle: All is well.'
        : `:warning: ${troubles.length === 1 ? 'One thing needs' : `${troubles.length} things need`} attention.`;
    const text = [head, ...troubles.map(({ short }) => short)].join(' ');
    const details = troubles.flatMap(({ long }) => long);
    const blocks: KnownBlock[] = [
      section(head),
      ...(details.length > 0 ? lines(details, 2) : []),
      ...fields(factsOf(found)),
      ...remedyButtons(remediesOf(found)),
    ];
    return { text, blocks };
  },
});

const isLost = ({ reachable, needed }: Status['quorum']): boolean => reachable < needed;

interface Trouble {
  /** For a notification. */
  short: string;
  /** Lines of mrkdwn. */
  long: string[];
}

function troublesOf({ quorum, nodes, services }: Status): Trouble[] {
  const troubles: Trouble[] = [];
  const add = (short: string, ...more: string[]): void => {
    troubles.push({ short, long: [short, ...more.map((line) => `      • ${line}`)] });
  };
  if (nodes.leader === null) add(':red_circle: The managers have no leader: nothing can be changed.');
  const unreachable = quorum.managers - quorum.reachable;
  if (unreachable > 0) {
    const rest = isLost(quorum)
      ? `${quorum.needed} are needed, so nothing can be changed in the swarm`
      : quorum.mayLose === 0
        ? 'no more may be lost'
        : `${quorum.mayLose} more may be lost`;
    add(
      `:red_circle: ${count(unreachable, 'manager')} cannot be reached (${some(nodes.unreachable, escape)}): ${rest}.`,
    );
  }
  if (nodes.notReady > 0) {
    add(
      `:red_circle: ${count(nodes.notReady, 'node is', 'nodes are')} not ready.`,
      ...nodes.away.map(
        ({ name, state, message, role }) =>
          `${bold(name)} ${state}${role === 'manager' ? ', a manager' : ''}${message ? `: ${escape(clamp(message, 150))}` : ''}`,
      ),
      ...andMore(nodes.notReady - nodes.away.length),
    );
  }
  if (services.short > 0) {
    add(
      `:red_circle: ${count(services.short, 'service is', 'services are')} under strength.`,
      ...services.worst.map(({ name, running, wanted }) => `${bold(name)} ${running} of ${wanted} running`),
      ...andMore(services.short - services.worst.length),
    );
  }
  if (services.paused > 0) {
    add(
      `:large_yellow_circle: ${count(services.paused, 'update is', 'updates are')} paused.`,
      ...services.somePaused.map(
        ({ name, message, rollback }) =>
          `${bold(name)}${rollback ? ', a rollback' : ''}${message ? `: ${escape(clamp(message, 200))}` : ''}`,
      ),
      ...andMore(services.paused - services.somePaused.length),
    );
  }
  const [first, ...others] = nodes.versions;
  if (first && others.length > 0) {
    add(
      `:large_yellow_circle: The engines differ: ${count(first.nodes, 'node')} with ${escape(first.version)}.`,
      ...others.map(({ version, nodes: many, some: names }) => {
        const more = many - names.length;
        return `${escape(version || 'unknown')} on ${list([...names.map(escape), ...(more > 0 ? [`${more} more`] : [])])}`;
      }),
    );
  }
  if (nodes.ghosts > 0) {
    const names = nodes.someGhosts.map(({ id, name }) => `${escape(name)} (${code(id.slice(0, 12))})`);
    add(
      `:large_yellow_circle: ${count(nodes.ghosts, 'old entry', 'old entries')} of hosts that have joined again: ${names.join(', ')}${nodes.ghosts > names.length ? ' and more' : ''}.`,
    );
  }
  return troubles;
}

function andMore(left: number): string[] {
  return left > 0 ? [`and ${left} more`] : [];
}

function factsOf({ quorum, nodes, services, jobs, newestJobs }: Status): [string, string][] {
  const mayLose =
    quorum.managers === 1
      ? 'the only one: without it nothing can be changed'
      : isLost(quorum)
        ? `the quorum is lost: ${quorum.needed} must be reachable`
        : `${quorum.mayLose === 0 ? 'none' : quorum.mayLose} may be lost, ${quorum.needed} must be reachable`;
  const atStrength = services.all - services.short;
  const updates = [
    ...(services.updating.length > 0 ? [`running: ${some(services.updating, bold)}`] : []),
    ...(services.paused > 0 ? [`${services.paused} paused`] : []),
  ];
  const work = newestJobs.map(
    ({ id, title, waits, requester }) =>
      `${code(id)} ${bold(title)} of ${mention(requester)}${waits ? ', waiting' : ''}`,
  );
  return [
    ['Managers', `${quorum.reachable} of ${quorum.managers} reachable\n${mayLose}`],
    ['Leader', nodes.leader === null ? 'none' : bold(nodes.leader)],
    ['Nodes', [tally(nodes.byState), tally(nodes.byAvailability)].join('\n')],
    ['Services', services.all === 0 ? 'none yet' : `${atStrength} of ${services.all} at full strength`],
    ['Updates', updates.join('\n') || 'none under way'],
    [
      'Engine',
      nodes.versions
        .map(({ version, nodes: many }) => `${escape(version || 'unknown')} on ${many}`)
        .join('\n'),
    ],
    ['Jobs', jobs === 0 ? 'none under way' : [...work, ...andMore(jobs - newestJobs.length)].join('\n')],
  ];
}

/** As nodes are called that are so. */
const AVAILABILITY: Record<string, string> = { drain: 'drained', pause: 'paused' };

/** `12 ready, 1 down`. */
function tally(counts: Record<string, number>): string {
  return Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([what, many]) => `${many} ${escape(AVAILABILITY[what] ?? what)}`)
    .join(', ');
}

/** At most six, of which a row shows five: why services are under strength, why a node or a manager is away, a paused update back, an old entry away. */
function remediesOf({ nodes, services }: Status): Remedy[] {
  const why = (name: string): Remedy => ({ label: `Why ${name}?`, line: `why ${name}` });
  return [
    ...services.worst.slice(0, 3).map(({ name }) => why(name)),
    ...nodes.away.slice(0, 1).map(({ name }) => why(name)),
    ...nodes.unreachable.slice(0, 1).map(why),
    ...services.somePaused.slice(0, 1).map(({ name, rollback }) =>
      rollback
        ? why(name)
        : {
            label: `Roll ${name} back`,
            line: `rollback ${name}`,
            confirm: `${name} goes back to what it was before its last update.`,
          },
    ),
    ...nodes.someGhosts.slice(0, 1).map(({ id, name }) => ({
      label: `Remove the old entry of ${name}`,
      line: `node rm ${id}`,
    })),
  ];
}
