/** What a picture of the swarm shows: nodes, their tasks, and the services that these belong to. Small enough for Redis. */
import type { Node, Service, Task } from '../swarm/swarm.ts';

/** How a task fares: as it should, on its way, or not. */
export type Fare = 'running' | 'starting' | 'failed';

/** So many tasks of one service that fare alike: index into the services, how they fare, how many. */
export type Group = [service: number, fare: Fare, tasks: number];

export interface MapNode {
  name: string;
  role: 'leader' | 'manager' | 'worker';
  state: Node['state'];
  availability: Node['availability'];
  groups: Group[];
}

export interface SwarmMap {
  /** The one service that stands out, if one was asked for. */
  highlight: string | null;
  services: { name: string; wanted: number; running: number }[];
  /** Those that need attention first. */
  nodes: MapNode[];
  /** Tasks that no node has taken. */
  unplaced: Group[];
}

const ORDER: Record<Fare, number> = { failed: 0, starting: 1, running: 2 };

/**
 * `tasks`: those that are wanted running. `services`: those of the tasks, and others.
 * `highlight`: a service of that name stands out, and what has none of it is left in grey.
 */
export function mapOf(
  nodes: readonly Node[],
  tasks: readonly Task[],
  services: readonly Service[],
  highlight: string | null,
): SwarmMap {
  const meant = meantIn({ highlight, services });
  const index = new Map(services.map(({ name }, at) => [name, at]));
  const placed = Map.groupBy(tasks, ({ node }) => node);
  // Tasks know their node by its hostname, which several entries may share: those of a host are with the one that is up.
  const first = new Map(
    nodes.toSorted((a, b) => weight(a) - weight(b)).map(({ hostname, id }) => [hostname || id, id]),
  );
  const mapped = nodes.map((node): MapNode => {
    const name = node.hostname || node.id;
    const own = [
      ...(placed.get(node.id) ?? []),
      ...(first.get(name) === node.id && name !== node.id ? (placed.get(name) ?? []) : []),
    ];
    return {
      name,
      role: node.manager?.leader ? 'leader' : node.role,
      state: node.state,
      availability: node.availability,
      groups: groupsOf(own, index),
    };
  });
  return {
    highlight,
    services: services.map(({ name, wanted, running }) => ({ name, wanted, running })),
    nodes: mapped.toSorted(
      (a, b) =>
        trouble(b, meant) - trouble(a, meant) ||
        Number(b.groups.some(meant)) - Number(a.groups.some(meant)) ||
        managing(b) - managing(a) ||
        byName.compare(a.name, b.name),
    ),
    unplaced: groupsOf(placed.get('') ?? [], index),
  };
}

const byName = new Intl.Collator('en', { numeric: true });
const weight = ({ state }: Node): number => (state === 'ready' ? 1 : 0);
const managing = ({ role }: MapNode): number => (role === 'worker' ? 0 : 1);

/** Whether a group is of the service that stands out, or of any where none does. */
export function meantIn({
  highlight,
  services,
}: {
  highlight: string | null;
  services: readonly { name: string }[];
}): (group: Group) => boolean {
  return ([service]) => highlight === null || services[service]?.name === highlight;
}

/** How much a node needs somebody's attention; 0 for one that is ready, takes tasks and runs all that are meant. */
export function trouble(
  { state, availability, groups: all }: MapNode,
  meant: (group: Group) => boolean,
): number {
  const groups = all.filter(meant);
  if (state === 'down' || state === 'disconnected') return 6;
  if (state !== 'ready') return 5;
  if (groups.some(([, fare]) => fare === 'failed')) return 4;
  if (groups.some(([, fare]) => fare === 'starting')) return 3;
  if (availability === 'drain') return 2;
  return availability === 'pause' ? 1 : 0;
}

function groupsOf(tasks: readonly Task[], index: ReadonlyMap<string, number>): Group[] {
  const groups = new Map<string, Group>();
  for (const task of tasks) {
    const service = index.get(task.service) ?? -1;
    const fare = fareOf(task);
    const key = `${service} ${fare}`;
    const group = groups.get(key) ?? [service, fare, 0];
    group[2] += 1;
    groups.set(key, group);
  }
  return [...groups.values()].toSorted((a, b) => ORDER[a[1]] - ORDER[b[1]] || a[0] - b[0]);
}

function fareOf({ state }: Task): Fare {
  if (state === 'running') return 'running';
  return state === 'failed' || state === 'rejected' || state === 'orphaned' ? 'failed' : 'starting';
}

export interface MapNumbers {
  nodes: number;
  /** Nodes that have such tasks. */
  having: number;
  /** Not ready, by how the managers call it. */
  away: number;
  drained: number;
  paused: number;
  managers: number;
  tasks: number;
  notRunning: number;
  unplaced: number;
}

/** Tasks are counted of the service that stands out, or of all where none does. */
export function numbersOf(map: SwarmMap): MapNumbers {
  const { nodes, unplaced: all } = map;
  const meant = meantIn(map);
  const unplaced = all.filter(meant);
  const sum = (groups: readonly Group[]): number => groups.reduce((all, [, , tasks]) => all + tasks, 0);
  const groups = [...nodes.flatMap((node) => node.groups.filter(meant)), ...unplaced];
  return {
    nodes: nodes.length,
    having: nodes.filter((node) => node.groups.some(meant)).length,
    away: nodes.filter(({ state }) => state !== 'ready').length,
    drained: nodes.filter(({ availability }) => availability === 'drain').length,
    paused: nodes.filter(({ availability }) => availability === 'pause').length,
    managers: nodes.filter(({ role }) => role !== 'worker').length,
    tasks: sum(groups),
    notRunning: sum(groups.filter(([, fare]) => fare !== 'running')),
    unplaced: sum(unplaced),
  };
}

/** The numbers in a sentence or two, for who cannot see the picture. */
export function described(map: SwarmMap): string {
  const { nodes, having, away, drained, paused, managers, tasks, notRunning, unplaced } = numbersOf(map);
  const some = (number: number, what: string): string[] => (number > 0 ? [`${number} ${what}`] : []);
  const of = [
    ...some(managers, managers === 1 ? 'manager' : 'managers'),
    ...some(away, 'not ready'),
    ...some(drained, 'drained'),
    ...some(paused, 'paused'),
  ];
  const amount = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
  const work = [...some(notRunning, 'not running'), ...some(unplaced, 'without a node')];
  const fares = work.length > 0 ? ` (${work.join(', ')})` : '';
  if (map.highlight !== null) {
    return `${map.highlight} has ${amount(tasks, 'task')}${fares} on ${having} of ${amount(nodes, 'node')}.`;
  }
  return (
    `${amount(nodes, 'node')}${of.length > 0 ? ` (${of.join(', ')})` : ''} with ` +
    `${amount(tasks, 'task')}${fares} of ${amount(map.services.length, 'service')}.`
  );
}
