/** How the tasks of a service would have to move so that its nodes are level, in as few moves as possible. Pure. */

export interface BalanceNode {
  id: string;
  hostname: string;
  /** Tasks of the service that are to run here. */
  has: number;
  /** Most tasks of the service that this node can have; null: as many as come. */
  room: number | null;
  /** Tasks of all services. */
  tasks: number;
  /** What keeps it from having more: `memory`, `max`, `availability`; empty: nothing. */
  limit: string;
}

interface Move {
  /** IDs of nodes. */
  from: string;
  to: string;
}

export interface Plan {
  moves: Move[];
  /** How many tasks more the fullest node has than the emptiest that could take one. */
  skew: number;
  /** Tasks by node ID when all moves are done. */
  after: Map<string, number>;
}

/**
 * One task after the other goes from the fullest node to the emptiest that has room, as swarmkit's scheduler and its
 * replicated orchestrator would do it, until no move would help. A node that cannot take tasks is left out: what runs on
 * a paused node stays there as far as the swarm lets it.
 */
export function planMoves(nodes: BalanceNode[]): Plan {
  const counts = new Map(nodes.map(({ id, has }) => [id, has]));
  const countOf = ({ id }: BalanceNode) => counts.get(id) ?? 0;
  // In the order of their names: among equals the first one takes, the last one gives.
  const open = nodes.filter(isOpen).toSorted(byName);
  const reversed = open.toReversed();
  const pair = () => {
    const takers = open.filter((node) => node.room === null || countOf(node) < node.room);
    const from = first(reversed, (a, b) => countOf(b) - countOf(a));
    const to = first(takers, (a, b) => countOf(a) - countOf(b) || a.tasks - b.tasks);
    return from && to ? { from, to, skew: countOf(from) - countOf(to) } : undefined;
  };
  const moves: Move[] = [];
  const skew = Math.max(0, pair()?.skew ?? 0);
  for (let next = pair(); next && next.skew > 1; next = pair()) {
    const { from, to } = next;
    counts.set(from.id, countOf(from) - 1);
    counts.set(to.id, countOf(to) + 1);
    moves.push({ from: from.id, to: to.id });
  }
  return { moves, skew, after: counts };
}

/**
 * The same for a service of one task: by the tasks of all services, since its own are always level.
 */
export function planSingle(nodes: BalanceNode[]): Plan {
  const counts = new Map(nodes.map(({ id, has }) => [id, has]));
  const from = nodes.find(({ has }) => has > 0);
  const to = first(
    nodes.filter((node) => isOpen(node) && node.has === 0).toSorted(byName),
    (a, b) => a.tasks - b.tasks,
  );
  const skew = from && to ? Math.max(0, from.tasks - to.tasks) : 0;
  if (!from || !to || skew < 2 || !isOpen(from)) return { moves: [], skew, after: counts };
  counts.set(from.id, from.has - 1);
  counts.set(to.id, 1);
  return { moves: [{ from: from.id, to: to.id }], skew, after: counts };
}

/** It takes part: it is active and may have tasks of this service. */
function isOpen({ room, limit }: BalanceNode): boolean {
  return limit !== 'state' && limit !== 'availability' && room !== 0;
}

/** What a sort would put first; a large swarm has a thousand nodes, and each move asks again. */
function first<T>(all: T[], compare: (a: T, b: T) => number): T | undefined {
  return all.reduce<T | undefined>(
    (best, one) => (best === undefined || compare(one, best) < 0 ? one : best),
    undefined,
  );
}

/** Made once: that takes longer than a comparison. */
const inOrder = new Intl.Collator('en', { numeric: true });

function byName(a: BalanceNode, b: BalanceNode): number {
  return inOrder.compare(a.hostname, b.hostname) || inOrder.compare(a.id, b.id);
}
