/** What runs on a node that is to be emptied, and whether it has found a place elsewhere. */
import { UserError } from '../errors.ts';
import type { Node, Service, Shortfall, Swarm, Task } from '../swarm/swarm.ts';
import { nodeById, patiently } from './node-wait.ts';

/** So long may nothing get better while every missing task says why: as for a scale. */
const STUCK_MS = 30_000;
/** Services that are watched at the same time. */
const AT_ONCE = 10;

/** A replicated service with tasks on the node. */
interface Held {
  id: string;
  name: string;
  /** Its tasks on the node. */
  here: number;
  wanted: number;
  /** Everywhere, before anything was changed. */
  running: number;
}

/** What a node holds before it is emptied. */
export interface Load {
  services: Held[];
  /** Tasks of global services and of jobs: they end with the node, no other takes them over. */
  others: number;
}

/** How a service stands after its tasks had to move. */
export interface Moved {
  name: string;
  /** Tasks that it had on the node. */
  tasks: number;
  running: number;
  wanted: number;
  /** It runs with fewer tasks than before: why, in the tasks' own words. */
  short: Shortfall[] | null;
}

export interface Emptied {
  services: Moved[];
  /** Tasks that had not stopped in time, as `websky.3`. */
  left: string[];
}

const LIVE = new Set(['assigned', 'accepted', 'preparing', 'ready', 'starting', 'running']);
const isLive = ({ state }: Task): boolean => LIVE.has(state);

/** @param nodeId several nodes may share a hostname: the ID of the one that is meant. */
export async function loadOf(nodeId: string, swarm: Swarm, signal: AbortSignal): Promise<Load> {
  const [tasks, services] = await Promise.all([
    swarm.tasks({ node: nodeId }, signal),
    swarm.services(signal),
  ]);
  return loadFrom(tasks, services);
}

/**
 * Of several nodes, by ID, in one look at the whole swarm. `all`: every node of it; those that share a hostname are asked
 * for one by one.
 */
export async function loadsOf(
  ids: readonly string[],
  all: readonly Node[],
  swarm: Swarm,
  signal: AbortSignal,
): Promise<Map<string, Load>> {
  const [tasks, services] = await Promise.all([swarm.tasks({}, signal), swarm.services(signal)]);
  const byNode = Map.groupBy(tasks, ({ node }) => node);
  const byName = Map.groupBy(all, ({ hostname }) => hostname);
  const loads = await eachOf(ids, AT_ONCE, async (id): Promise<[string, Load]> => {
    const hostname = all.find((node) => node.id === id)?.hostname ?? '';
    const known = byName.get(hostname)?.length === 1;
    return [id, known ? loadFrom(byNode.get(hostname) ?? [], services) : await loadOf(id, swarm, signal)];
  });
  return new Map(loads);
}

function loadFrom(tasks: readonly Task[], services: readonly Service[]): Load {
  const held = tasks.filter((task) => isLive(task) && task.desiredState === 'running');
  const replicated = services.filter(({ mode }) => mode === 'replicated');
  const found = replicated.flatMap(({ id, name, wanted, running }): Held[] => {
    const here = held.filter(({ service }) => service === name).length;
    return here === 0 ? [] : [{ id, name, here, wanted, running: Math.min(running, wanted) }];
  });
  return { services: found, others: held.length - found.reduce((sum, { here }) => sum + here, 0) };
}

/**
 * Waits until no task is left on a drained node and the services that had some run at their strength elsewhere, as far as
 * they can. What cannot is told, not thrown. `deadlineMs`: for all of it.
 */
export async function emptied(
  nodeId: string,
  load: Load,
  deadlineMs: number,
  { swarm, signal, say }: { swarm: Swarm; signal: AbortSignal; say: (line: string) => void },
): Promise<Emptied> {
  const end = Date.now() + deadlineMs;
  let left: Task[] = [];
  await patiently(
    async () => {
      const node = await nodeById(swarm, nodeId, signal);
      // A node that is down, or has no entry any more, tells nobody that its tasks have stopped.
      if (node === undefined || node.state === 'down') {
        left = [];
        return true;
      }
      left = (await swarm.tasks({ node: nodeId, history: true }, signal)).filter(isLive);
      if (left.length === 0) return true;
      say(`${left.length} ${left.length === 1 ? 'task' : 'tasks'} still on it: ${inShort(left)}`);
      return undefined;
    },
    deadlineMs,
    signal,
  );
  const moved = await eachOf(load.services, AT_ONCE, (held) =>
    strongAgain(held, Math.max(1, end - Date.now()), { swarm, signal, say }),
  );
  return { services: moved.flatMap((one) => one ?? []), left: left.map(taskName) };
}

const taskName = ({ service, slot, node }: Task): string => `${service}.${slot > 0 ? slot : node}`;

function inShort(tasks: Task[]): string {
  const names = tasks.slice(0, 3).map((task) => `${taskName(task)} ${task.state}`);
  return tasks.length > 3 ? `${names.join(', ')} and ${tasks.length - 3} more` : names.join(', ');
}

/** @returns undefined when the service was removed meanwhile. */
async function strongAgain(
  held: Held,
  deadlineMs: number,
  { swarm, signal, say }: { swarm: Swarm; signal: AbortSignal; say: (line: string) => void },
): Promise<Moved | undefined> {
  try {
    const outcome = await swarm.converge(held.id, {
      deadlineMs,
      stuckMs: STUCK_MS,
      signal,
      onProgress: ({ running, wanted }) => say(`${held.name}: ${running} of ${wanted} running`),
    });
    const { running, wanted } = outcome;
    // One that was weak before is not weaker for the drain.
    const weaker = outcome.kind === 'short' && running < Math.min(held.running, wanted);
    return { name: held.name, tasks: held.here, running, wanted, short: weaker ? outcome.reasons : null };
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof UserError)) throw thrown;
    const gone = (await swarm.services(signal)).every(({ id }) => id !== held.id);
    if (!gone) throw thrown;
    return undefined;
  }
}

/** `work` for each, at most `width` at the same time; results in the order of the items. */
export async function eachOf<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const waiting = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results.set(next[0], await work(next[1]));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return items.flatMap((_, at) => (results.has(at) ? [results.get(at) as R] : []));
}
