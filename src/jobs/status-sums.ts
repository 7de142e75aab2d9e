/** The swarm in a few numbers and names, from all its nodes and services. Pure. */
import type { Node, Service } from '../swarm/swarm.ts';
import { worstNodeFirst } from './nodes-filter.ts';
import { isPaused, isShort, worstServiceFirst } from './services-filter.ts';

/** So many names of each kind are told, the worst first; the numbers count all. */
const NAMED = 5;

export interface NodeSums {
  all: number;
  byState: Record<string, number>;
  byAvailability: Record<string, number>;
  /** How many are not ready, left-over entries not counted, and the worst of them. */
  notReady: number;
  away: { name: string; state: Node['state']; message: string; role: Node['role'] }[];
  leader: string | null;
  /** Managers that the others cannot reach. */
  unreachable: string[];
  /** Nodes by engine version, the most common first. */
  versions: { version: string; nodes: number; some: string[] }[];
  /** Entries that a host has left behind: another node of the same name and address is ready. */
  ghosts: number;
  someGhosts: { id: string; name: string }[];
}

export function sumNodes(nodes: Node[]): NodeSums {
  const byVersion = Map.groupBy(nodes, ({ version }) => version);
  const ghosts = nodes.filter((node) => isGhost(node, nodes));
  const away = nodes
    .filter((node) => node.state !== 'ready' && !ghosts.includes(node))
    .toSorted(worstNodeFirst)
    .map(({ hostname, id, state, message, role }) => ({ name: hostname || id, state, message, role }));
  return {
    all: nodes.length,
    byState: countBy(nodes, ({ state }) => state),
    byAvailability: countBy(nodes, ({ availability }) => availability),
    notReady: away.length,
    away: away.slice(0, NAMED),
    leader: nodes.find(({ manager }) => manager?.leader)?.hostname ?? null,
    unreachable: nodes
      .filter(({ manager }) => manager && manager.reachability !== 'reachable')
      .map(({ hostname }) => hostname)
      .slice(0, NAMED),
    versions: [...byVersion]
      .map(([version, of]) => ({
        version,
        nodes: of.length,
        some: of.map(({ hostname }) => hostname).slice(0, NAMED),
      }))
      .toSorted((a, b) => b.nodes - a.nodes)
      .slice(0, NAMED),
    ghosts: ghosts.length,
    someGhosts: ghosts.map(({ id, hostname }) => ({ id, name: hostname })).slice(0, NAMED),
  };
}

function isGhost(node: Node, nodes: Node[]): boolean {
  return (
    node.state === 'down' &&
    node.role === 'worker' &&
    node.hostname !== '' &&
    nodes.some((other) => other.id !== node.id && other.hostname === node.hostname && other.state === 'ready')
  );
}

export interface ServiceSums {
  all: number;
  /** How many are under strength, and the worst of them. */
  short: number;
  worst: { name: string; running: number; wanted: number }[];
  updating: string[];
  /** Updates that a failure has paused: how many, and some of them. */
  paused: number;
  somePaused: { name: string; message: string; rollback: boolean }[];
}

export function sumServices(services: Service[]): ServiceSums {
  const sorted = services.toSorted(worstServiceFirst);
  const short = sorted.filter(isShort);
  const paused = sorted.filter(({ updateState }) => isPaused(updateState));
  return {
    all: services.length,
    short: short.length,
    worst: short.slice(0, NAMED).map(({ name, running, wanted }) => ({ name, running, wanted })),
    updating: sorted
      .filter(({ updateState }) => updateState === 'updating' || updateState === 'rollback_started')
      .map(({ name }) => name)
      .slice(0, NAMED),
    paused: paused.length,
    somePaused: paused.slice(0, NAMED).map(({ name, updateMessage, updateState }) => ({
      name,
      message: updateMessage,
      rollback: updateState === 'rollback_paused',
    })),
  };
}

function countBy<T>(items: T[], of: (item: T) => string): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(items, of)].map(([key, group]) => [key, group.length]));
}
