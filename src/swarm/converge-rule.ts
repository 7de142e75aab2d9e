/**
 * When a service counts as converged. The rule is that of the docker CLI (cli/command/service/progress, 20.10 to 27):
 * each slot's leading task runs, tasks on down nodes do not count, and it must stay so for a while. Beyond the CLI, tasks
 * that are to be removed must be gone, and waiting ends when nothing gets better while tasks say why. Pure.
 */
import type { ServiceJson, TaskJson } from './engine-json.ts';
import type { UpdateState } from './swarm.ts';
import { isOver, rank } from './task-states.ts';
import { modeOf, newestFirst, placeOf, taskError } from './translate.ts';

/** Tasks that match the service's present spec, with what else is needed to judge them, at one moment. */
export interface Snapshot {
  service: ServiceJson;
  tasks: TaskJson[];
  /** Tasks of an earlier spec: looked for where they matter, while an update is on record and in global services. */
  others?: TaskJson[];
  /** IDs of the nodes that are down. */
  down: ReadonlySet<string>;
}

export interface Observation {
  running: number;
  wanted: number;
  /** The leading tasks by state; a slot without any counts as `new`. */
  states: Record<string, number>;
  /** Every wanted task runs and none is left over. */
  settled: boolean;
  /** Tasks that are not wanted any more and still live. */
  surplus: number;
  /** Tasks of an earlier spec that run until the update comes to them. */
  old: number;
  /** Some places run nothing, and each of them has a task, now or just before, that says why. */
  explained: boolean;
  /** The engine has paused or given up the update. */
  paused: string;
  update: UpdateState;
}

/**
 * The task that speaks for each place: the lowest desired state first, then the lowest state, as in the CLI. During a
 * restart the new task (wanted ready or running) thus goes before the old one (wanted shut down).
 */
function leading(tasks: TaskJson[], down: ReadonlySet<string>): Map<string, TaskJson> {
  const leaders = new Map<string, TaskJson>();
  for (const task of tasks) {
    if (rank(task.DesiredState) < 0 || rank(task.Status.State) < 0 || down.has(task.NodeID)) continue;
    const other = leaders.get(placeOf(task));
    if (other && compare(other, task) <= 0) continue;
    leaders.set(placeOf(task), task);
  }
  return leaders;
}

function compare(a: TaskJson, b: TaskJson): number {
  return (
    rank(a.DesiredState) - rank(b.DesiredState) ||
    rank(a.Status.State) - rank(b.Status.State) ||
    // Both over: the newer one.
    newestFirst(a, b)
  );
}

const isUp = (task: TaskJson) => !isOver(task.DesiredState) && task.Status.State === 'running';

export function observe({ service, tasks, others = [], down }: Snapshot): Observation {
  const leaders = leading(tasks, down);
  const meant = [...leaders.values()].filter(({ DesiredState }) => !isOver(DesiredState));
  const running = meant.filter(isUp).length;
  const places = new Set(meant.map(placeOf));
  const old = [...leading(others, down).values()].filter((task) => isUp(task) && !places.has(placeOf(task)));
  // A global service has a task on every node that it should run on: an update comes to one node after the other.
  const wanted =
    modeOf(service) === 'global' ? meant.length + old.length : (service.Spec.Mode.Replicated?.Replicas ?? 0);
  const states: Record<string, number> = {};
  for (const { Status } of meant) states[Status.State] = (states[Status.State] ?? 0) + 1;
  const unseen = wanted - meant.length - old.length;
  if (unseen > 0) states['new'] = (states['new'] ?? 0) + unseen;
  const surplus = [...tasks, ...others].filter(
    ({ DesiredState, Status, NodeID }) =>
      DesiredState === 'remove' && !isOver(Status.State) && !down.has(NodeID),
  ).length;
  const update = updateOf(service);
  return {
    running,
    wanted,
    states,
    surplus,
    old: old.length,
    settled: running === wanted && surplus === 0,
    explained:
      running + old.length < wanted && unexplained(meant, [...tasks, ...others], wanted - old.length) === 0,
    paused:
      update.state === 'paused' || update.state === 'rollback_paused' ? update.message || update.state : '',
    update,
  };
}

/** Of the wanted tasks, how many neither run nor have a reason, of their own or of the task before them. */
function unexplained(meant: TaskJson[], tasks: TaskJson[], wanted: number): number {
  const excused = new Set(tasks.filter((task) => taskError(task) !== '').map(placeOf));
  const fine = meant.filter((task) => isUp(task) || excused.has(placeOf(task))).length;
  return Math.max(0, wanted - fine);
}

const UPDATE_STATES: readonly string[] = [
  'updating',
  'paused',
  'completed',
  'rollback_started',
  'rollback_paused',
  'rollback_completed',
] satisfies UpdateState['state'][];

export function updateOf({ UpdateStatus: { State, Message } }: ServiceJson): UpdateState {
  return UPDATE_STATES.includes(State)
    ? { state: State as UpdateState['state'], message: Message }
    : { state: '', message: '' };
}

export interface WaitRule {
  /** How long all must run, in ms. */
  stableMs: number;
  deadlineMs: number;
  /** How long nothing may get better while tasks say why; undefined: only the deadline counts. */
  stuckMs: number | undefined;
}

/** How much longer than the tasks' own time an update may take to be called completed. */
const UPDATE_END_MS = 10_000;

/** What has been seen so far. Times in ms since the wait began. */
export interface Wait {
  settledSince: number | undefined;
  /** Best strength so far, and since when it is no better. */
  best: number;
  bestSince: number;
  /** The engine was seen at an update: its end is then the engine's own word that the tasks stay. */
  updating: boolean;
}

export const waitBegins: Wait = {
  settledSince: undefined,
  best: -Infinity,
  bestSince: 0,
  updating: false,
};

export type Verdict = 'wait' | 'converged' | 'short';

/** One step of the wait: what was seen at `at` changes what is known, and may end it. */
export function judge(
  wait: Wait,
  seen: Observation,
  at: number,
  rule: WaitRule,
): { wait: Wait; verdict: Verdict } {
  const settledSince = seen.settled ? (wait.settledSince ?? at) : undefined;
  // Strength is counted downwards from what is missing or too much, so that scaling down gets better as well.
  const strength = -Math.abs(seen.wanted - seen.running) - seen.surplus;
  const better = strength > wait.best;
  const { state } = seen.update;
  const next: Wait = {
    settledSince,
    best: better ? strength : wait.best,
    bestSince: better ? at : wait.bestSince,
    updating: wait.updating || state === 'updating' || state === 'rollback_started',
  };
  const verdict = (): Verdict => {
    const ended = state === 'completed' || state === 'rollback_completed';
    if (seen.settled && ended && wait.updating) return 'converged';
    // The engine says by itself when it is done; it is only not waited for without end.
    const patience = state === 'updating' || state === 'rollback_started' ? UPDATE_END_MS : 0;
    if (settledSince !== undefined && at - settledSince >= rule.stableMs + patience) return 'converged';
    if (at >= rule.deadlineMs || (seen.paused !== '' && !seen.settled)) return 'short';
    const stuck = rule.stuckMs !== undefined && at - next.bestSince >= rule.stuckMs;
    return stuck && seen.explained ? 'short' : 'wait';
  };
  return { wait: next, verdict: verdict() };
}
