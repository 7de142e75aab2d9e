/** What became of a service's tasks after a change: how many run and where, what those say that do not, and the ways out. */
import type { KnownBlock } from '@slack/types';
import { explainShortfall } from '../diagnosis/tasks.ts';
import type { Remedy } from '../remedy.ts';
import type { Convergence, Shortfall, Spread } from '../swarm/swarm.ts';
import { lines } from './blocks.ts';
import { remedyButtons } from './remedies.ts';
import { bold, clamp, code, count, escape, some } from './text.ts';

/** The row that stands for the whole service (src/swarm/shortfall.ts). */
const PAUSED = 'update paused';

/** Reasons that are explained beyond quoting them, and characters of each: what it is stands at its beginning. */
const MOST_EXPLAINED = 5;
const MOST_WORDS = 600;

/** `all 12 tasks run`. */
export function allRun({ running }: Pick<Convergence, 'running'>): string {
  if (running === 0) return 'no task runs';
  return running === 1 ? 'its task runs' : `all ${running} tasks run`;
}

/** `only 3 of 12 tasks run`. */
export function shortOf({ running, wanted, old }: Pick<Convergence, 'running' | 'wanted' | 'old'>): string {
  if (running >= wanted) return 'tasks that are not wanted any more still run';
  if (old > 0) return `${running} of ${wanted} tasks run the new version, ${old} the old one`;
  if (running > 0) return `only ${running} of ${wanted} tasks run`;
  return wanted === 1 ? 'its task does not run' : `none of its ${wanted} tasks runs`;
}

/** The swarm undid what was asked, by itself. */
export function wentBack({ update }: Convergence): boolean {
  return update.state === 'rollback_started' || update.state === 'rollback_completed';
}

/** What happened on the way, where it is worth a line although all is well now. */
function troubleLines({ troubles }: Convergence): string[] {
  if (troubles.length === 0) return [];
  const tasks = troubles.reduce((sum, { tasks }) => sum + tasks, 0);
  return [
    `:warning: On the way ${count(tasks, 'task')} did not start or did not stay:`,
    ...troubles.map(inTheirWords),
  ];
}

/**
 * Everything below the sentence: why tasks are missing, what that means, where the others run, and buttons. `first`: ways
 * out that come before those of the diagnosis.
 */
export function convergenceBlocks(
  service: string,
  convergence: Convergence,
  { doing, first = [] }: { doing: string; first?: Remedy[] },
): KnownBlock[] {
  const short = convergence.kind === 'short';
  const failed = short || convergence.update.state.endsWith('paused') || wentBack(convergence);
  const reasons = short ? convergence.reasons : [];
  if (!failed) return [...lines(troubleLines(convergence)), ...spread(convergence.spread)];
  // Of a change that was taken back only what happened on the way tells why.
  const telling = reasons.some(({ error, state }) => error !== '' && state !== PAUSED)
    ? reasons
    : [...reasons, ...convergence.troubles];
  const main = telling.slice(0, MOST_EXPLAINED).map((reason) => ({
    ...reason,
    error: clamp(reason.error, MOST_WORDS),
    nodes: reason.nodes.slice(0, 10),
  }));
  const { sentences, remedies } = explainShortfall(main, {
    service,
    doing,
    wanted: convergence.wanted,
  });
  return [
    ...lines(shortfallLines(telling)),
    ...lines(sentences.map((sentence) => `:bulb: ${escape(sentence)}`)),
    ...spread(convergence.spread),
    ...remedyButtons([...first, ...remedies, { label: 'Why?', line: `why ${service}` }]),
  ];
}

/** The first reason, for a card of several services. */
export function firstReason(convergence: Convergence): string[] {
  const [reason] = convergence.kind === 'short' ? convergence.reasons : [];
  return reason ? [inTheirWords(reason)] : [];
}

/** `fedora-01 4, fedora-02 3 and 2 more nodes`, busiest first. */
export function spreadLine({ spread }: Convergence): string {
  const where = spread
    .toSorted(busiest)
    .slice(0, 6)
    .map(({ node, running }) => `${escape(node)} ${running}`);
  if (spread.length > where.length) where.push(`and ${spread.length - where.length} more nodes`);
  return where.join(', ');
}

/** Where the tasks run, busiest node first, as bars. */
export function spread(rows: Spread[]): KnownBlock[] {
  return lines(
    rows
      .toSorted(busiest)
      .map(({ node, running }) => `${bold(node)}  ${'▇'.repeat(Math.min(running, 30))} ${running}`),
  );
}

function busiest(a: Spread, b: Spread): number {
  return b.running - a.running || a.node.localeCompare(b.node, 'en', { numeric: true });
}

/** What the tasks say that do not run, and before it what the swarm says of the update. */
export function shortfallLines(reasons: Shortfall[]): string[] {
  const paused = reasons.filter(({ state }) => state === PAUSED);
  const tasks = reasons.filter(({ state }) => state !== PAUSED);
  if (reasons.length === 0) return ['The tasks give no reason yet: look again with `ps`, or scale back.'];
  return [
    ...paused.map(({ error }) => `The swarm says: ${code(clamp(error, 500) || PAUSED)}`),
    ...(tasks.length > 0 ? [headOf(tasks), ...tasks.map(inTheirWords)] : []),
  ];
}

/** States before `running`, in the engine's words; `new` also stands for those that have no task yet. */
const ON_THE_WAY = new Set([
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
]);

function headOf(tasks: Shortfall[]): string {
  if (tasks.some(({ error }) => error !== '')) return 'The tasks say why:';
  if (!tasks.every(({ state }) => ON_THE_WAY.has(state))) return 'The tasks give no reason:';
  const one = tasks.length === 1 && tasks[0]?.tasks === 1;
  return one ? 'Its task is still starting:' : 'Its tasks are still starting:';
}

function inTheirWords({ state, error, tasks, nodes }: Shortfall): string {
  const where = nodes.length > 0 ? ` on ${some(nodes, escape)}` : '';
  return `• ${count(tasks, 'task')} ${escape(state)}${where}${error === '' ? '' : `: ${code(clamp(error, 500))}`}`;
}
