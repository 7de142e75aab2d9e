/** Where a service's tasks run, and why the missing ones do not. Pure. */
import { observe } from './converge-rule.ts';
import type { Snapshot } from './converge-rule.ts';
import type { TaskJson } from './engine-json.ts';
import type { Shortfall, Spread } from './swarm.ts';
import { newestFirst, placeOf, taskError } from './translate.ts';

const PAUSED = 'update paused';

/** Running tasks by node, the fullest node first. `names`: hostnames by node ID. */
export function spreadOf({ tasks, down }: Snapshot, names: Map<string, string>): Spread[] {
  const byNode = new Map<string, number>();
  for (const { NodeID, Status, DesiredState } of tasks) {
    if (Status.State !== 'running' || DesiredState !== 'running' || down.has(NodeID)) continue;
    byNode.set(NodeID, (byNode.get(NodeID) ?? 0) + 1);
  }
  // Two nodes may share a hostname: they stay two lines.
  return [...byNode]
    .map(([id, running]) => ({ node: names.get(id) ?? id, running }))
    .toSorted((a, b) => b.running - a.running || a.node.localeCompare(b.node));
}

/**
 * Why tasks do not run, most frequent first, a paused update before all. Each place that does not run counts once, with the newest of its tasks
 * that says why: a task that is being tried again says nothing yet, the one before it does.
 */
export function reasonsOf(snapshot: Snapshot, names: Map<string, string>): Shortfall[] {
  const { tasks, down } = snapshot;
  const seen = observe(snapshot);
  const { add, all } = grouped(names);
  if (seen.paused !== '') add(PAUSED, seen.paused, undefined, Math.max(0, seen.wanted - seen.running));
  let told = 0;
  for (const here of byPlace(tasks)) {
    const alive = here.filter((task) => !down.has(task.NodeID));
    const removed = here.every(({ DesiredState }) => DesiredState === 'remove');
    if (removed) {
      const still = alive.find(({ Status }) => Status.State === 'running');
      if (still) add('stopping', 'the task is to be removed and still runs', still);
      continue;
    }
    if (alive.some(isRunning)) continue;
    const speaks = here.find((task) => taskError(task) !== '') ?? alive[0] ?? here[0];
    if (speaks === undefined) continue;
    told++;
    const lost = alive.length === 0;
    add(lost ? 'node down' : speaks.Status.State, lost ? 'its node is down' : taskError(speaks), speaks);
  }
  const silent = seen.wanted - seen.running - seen.old - told;
  if (silent > 0 && seen.paused === '') add('new', '', undefined, silent);
  return all();
}

/** Tasks that failed or were rejected, by what they say, most frequent first. */
export function troublesOf(tasks: TaskJson[], names: Map<string, string>): Shortfall[] {
  const { add, all } = grouped(names);
  for (const task of tasks) add(task.Status.State, taskError(task), task);
  return all();
}

/** Failed or was rejected, for a reason that it gives. */
export function hasFailed(task: TaskJson): boolean {
  const { State } = task.Status;
  return (State === 'failed' || State === 'rejected') && taskError(task) !== '';
}

const isRunning = ({ Status, DesiredState }: TaskJson) =>
  Status.State === 'running' && DesiredState === 'running';

function grouped(names: Map<string, string>) {
  const groups = new Map<string, Shortfall & { at: Set<string> }>();
  return {
    add: (state: string, error: string, task: TaskJson | undefined, count = 1) => {
      const key = JSON.stringify([state, error]);
      const group = groups.get(key) ?? { state, error, tasks: 0, nodes: [], at: new Set<string>() };
      group.tasks += count;
      const node = task === undefined ? '' : (names.get(task.NodeID) ?? task.NodeID);
      if (node !== '') group.at.add(node);
      groups.set(key, group);
    },
    all: () =>
      [...groups.values()]
        .map(({ at, ...group }) => ({ ...group, nodes: [...at].toSorted() }))
        .toSorted(
          (a, b) =>
            Number(b.state === PAUSED) - Number(a.state === PAUSED) ||
            b.tasks - a.tasks ||
            a.state.localeCompare(b.state),
        ),
  };
}

function byPlace(tasks: TaskJson[]): TaskJson[][] {
  const places = Map.groupBy(tasks.toSorted(newestFirst), placeOf);
  return [...places.values()];
}
