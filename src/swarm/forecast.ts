/**
 * How many tasks of a service fit, by the rules of swarmkit's scheduler (manager/scheduler/filter.go, engine 20.10 to
 * 27): node ready and active, constraints, platform, host-mode ports, most per node, reserved processors and memory.
 * What plugins and generic resources forbid is not foreseen. Pure.
 */
import { meets } from './forecast-constraint.ts';

export interface ForecastWish {
  /** Name or ID of a service that is there, or what one needs that is to be created or, with its ID, changed. */
  service: string | { id?: string; name: string; needs: Needs };
  replicas: number;
}

/** What one task asks of a node. */
export interface Needs {
  image: string;
  constraints: string[];
  /** Reserved; 0: none. */
  cpus: number;
  memoryBytes: number;
  /** `8080/tcp`, published on the host itself. */
  hostPorts: string[];
  /** 0: any number. */
  maxPerNode: number;
  /** Of the image, where the service knows them; an empty part fits all. Empty: any. */
  platforms: { os: string; arch: string }[];
}

export interface PlaceNode {
  id: string;
  hostname: string;
  address: string;
  role: string;
  state: string;
  availability: string;
  labels: Record<string, string>;
  engineLabels: Record<string, string>;
  os: string;
  arch: string;
  cpus: number;
  memoryBytes: number;
}

/** A task that is to run on a node, with what it holds there. */
export interface PlacedTask {
  node: string;
  /** ID of its service. */
  service: string;
  cpus: number;
  memoryBytes: number;
}

export interface PlaceService {
  id: string;
  name: string;
  /** Replicas that are set; undefined when it is not replicated. */
  replicas: number | undefined;
  needs: Needs;
}

/** The swarm at one moment. */
export interface Places {
  nodes: PlaceNode[];
  services: PlaceService[];
  tasks: PlacedTask[];
}

export type ObstacleKind =
  'state' | 'availability' | 'constraint' | 'platform' | 'port' | 'max' | 'cpus' | 'memory';

/** Why nodes take no task more, or no more than `room` in all. */
export interface Obstacle {
  kind: ObstacleKind;
  /** The state, the availability, the constraint, the port, the limit; empty for the rest. */
  what: string;
  /** Most tasks of this service that each of the nodes can have. */
  room: number;
  /** Hostnames. */
  nodes: string[];
}

export interface Forecast {
  service: string;
  wanted: number;
  /** Replicas that are set now; 0 for one that is to be created. */
  now: number;
  /** The most that fit, those that run counted; null: nothing that is known limits it. */
  most: number | null;
  /** The reasons, those with the most nodes first; empty when nothing limits it. */
  obstacles: Obstacle[];
  image: string;
  /** Nodes that can have tasks of it. */
  open: { id: string; hostname: string; address: string; running: number }[];
}

/**
 * One service after the other, each in what the ones before leave: those that shrink first, for what they free.
 * @throws RangeError for a service that `places` does not have or that is not replicated.
 */
export function forecast(places: Places, wishes: ForecastWish[]): Forecast[] {
  const tasks = [...places.tasks];
  const told = wishes.map((wish) => ({ wish, service: serviceOf(wish, places) }));
  const shrinks = ({ wish, service }: (typeof told)[number]) => wish.replicas <= (service.replicas ?? 0);
  const found = new Map<ForecastWish, Forecast>();
  for (const { wish, service } of [...told.filter(shrinks), ...told.filter((one) => !shrinks(one))]) {
    found.set(wish, one({ ...places, tasks }, service, wish.replicas));
    place({ ...places, tasks }, service, wish.replicas, tasks);
  }
  return wishes.flatMap((wish) => found.get(wish) ?? []);
}

function serviceOf({ service: asked }: ForecastWish, { services }: Places): PlaceService {
  const key = typeof asked === 'string' ? asked : asked.id;
  const found = services.find(({ id, name }) => id === key || name === key);
  if (typeof asked !== 'string')
    return { id: found?.id ?? '', name: asked.name, replicas: found?.replicas ?? 0, needs: asked.needs };
  if (found?.replicas === undefined) throw new RangeError(`${asked} is not among the replicated services.`);
  return found;
}

interface Room {
  node: PlaceNode;
  /** Most tasks of the service that this node can have in all; Infinity: as many as come. */
  room: number;
  by: Omit<Obstacle, 'room' | 'nodes'> | undefined;
}

function one(places: Places, service: PlaceService, wanted: number): Forecast {
  const rooms = places.nodes.map((node) => roomOn(node, service, places));
  const sum = rooms.reduce((total, { room }) => total + room, 0);
  const groups = new Map<string, Obstacle>();
  for (const { node, room, by } of rooms) {
    if (!by) continue;
    const key = JSON.stringify([by, room]);
    const group = groups.get(key) ?? { ...by, room, nodes: [] };
    group.nodes.push(node.hostname);
    groups.set(key, group);
  }
  return {
    service: service.name,
    wanted,
    now: service.replicas ?? 0,
    most: Number.isFinite(sum) ? sum : null,
    obstacles: [...groups.values()]
      .map((group) => ({ ...group, nodes: group.nodes.toSorted(byName) }))
      .toSorted((a, b) => b.nodes.length - a.nodes.length || a.room - b.room),
    image: service.needs.image,
    open: rooms
      .filter(({ room }) => room > 0)
      .map(({ node }) => ({
        id: node.id,
        hostname: node.hostname,
        address: node.address,
        running: ownOn(node, service, places),
      })),
  };
}

const byName = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

const ownOn = (node: PlaceNode, { id }: PlaceService, { tasks }: Places) =>
  tasks.filter((task) => task.node === node.id && task.service === id).length;

/** How many tasks of the service this node can have, and what sets that bound. In the order of the scheduler's filters. */
export function roomOn(node: PlaceNode, service: PlaceService, places: Places): Room {
  const { needs } = service;
  const none = (kind: ObstacleKind, what = '', room = 0): Room => ({ node, room, by: { kind, what } });
  if (node.state !== 'ready') return none('state', node.state);
  if (node.availability === 'drain') return none('availability', 'drain');
  // What runs on a paused node stays there.
  if (node.availability !== 'active')
    return none('availability', node.availability, ownOn(node, service, places));
  const unmet = needs.constraints.find((constraint) => !meets(node, constraint));
  if (unmet !== undefined) return none('constraint', unmet);
  if (needs.platforms.length > 0 && !needs.platforms.some((platform) => fits(node, platform)))
    return none('platform', `${node.os}/${node.arch}`);

  const others = places.tasks.filter((task) => task.node === node.id && task.service !== service.id);
  const taken = takenPort(needs, others, places);
  if (taken !== undefined) return none('port', taken);
  const bounds: Room[] = [];
  const [port] = needs.hostPorts;
  if (port !== undefined) bounds.push(none('port', port, 1));
  if (needs.maxPerNode > 0) bounds.push(none('max', String(needs.maxPerNode), needs.maxPerNode));
  const free = (total: number, key: 'cpus' | 'memoryBytes') =>
    total - others.reduce((held, task) => held + task[key], 0);
  // Sums of fractions: a billionth of a processor, the engine's own grain, must not decide.
  if (needs.cpus > 0) bounds.push(none('cpus', '', whole((free(node.cpus, 'cpus') + 1e-9) / needs.cpus)));
  if (needs.memoryBytes > 0)
    bounds.push(none('memory', '', whole(free(node.memoryBytes, 'memoryBytes') / needs.memoryBytes)));
  const [tightest] = bounds.toSorted((a, b) => a.room - b.room);
  return tightest ?? { node, room: Infinity, by: undefined };
}

const whole = (number: number) => Math.max(0, Math.floor(number));

/** Docker's names for processors and the kernel's are both in use. */
const ARCHITECTURES: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64' };
const architecture = (name: string) => ARCHITECTURES[name] ?? name;

function fits(node: PlaceNode, { os, arch }: { os: string; arch: string }): boolean {
  return (os === '' || os === node.os) && (arch === '' || architecture(arch) === architecture(node.arch));
}

/** `8080/tcp of proxy`, when a task of another service has the port on this node. */
function takenPort({ hostPorts }: Needs, others: PlacedTask[], { services }: Places): string | undefined {
  if (hostPorts.length === 0) return undefined;
  for (const id of new Set(others.map(({ service }) => service))) {
    const other = services.find((service) => service.id === id);
    const port = hostPorts.find((one) => other?.needs.hostPorts.includes(one));
    if (other && port !== undefined) return `${port} of ${other.name}`;
  }
  return undefined;
}

/** Puts the service's tasks where the scheduler would: one after the other on the node that has the fewest of them. */
function place(places: Places, service: PlaceService, wanted: number, tasks: PlacedTask[]): void {
  const rooms = places.nodes.map((node) => ({
    id: node.id,
    has: ownOn(node, service, places),
    room: roomOn(node, service, places).room,
  }));
  const { id, needs } = service;
  let missing = wanted - rooms.reduce((sum, { has }) => sum + has, 0);
  for (; missing > 0; missing -= 1) {
    const [emptiest] = rooms.filter(({ has, room }) => has < room).toSorted((a, b) => a.has - b.has);
    if (!emptiest) return;
    emptiest.has += 1;
    tasks.push({ node: emptiest.id, service: id, cpus: needs.cpus, memoryBytes: needs.memoryBytes });
  }
  for (; missing < 0; missing += 1) {
    const [fullest] = rooms.filter(({ has }) => has > 0).toSorted((a, b) => b.has - a.has);
    if (!fullest) return;
    fullest.has -= 1;
    tasks.splice(
      tasks.findIndex(({ node, service }) => node === fullest.id && service === id),
      1,
    );
  }
}
