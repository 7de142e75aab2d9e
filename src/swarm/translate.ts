/** From the engine's JSON to the domain's nodes, services and tasks. Pure. */
import { isIP } from 'node:net';
import type { NodeJson, ServiceJson, TaskJson } from './engine-json.ts';
import type { Node, Service, Task } from './swarm.ts';
import { isOver } from './task-states.ts';

export function toNode(raw: NodeJson): Node {
  const { Spec: spec, Description: about, Status: status, ManagerStatus: manager } = raw;
  return {
    id: raw.ID,
    hostname: about.Hostname,
    state: status.State,
    message: status.Message,
    availability: spec.Availability,
    role: spec.Role,
    ...(manager
      ? {
          manager: {
            leader: manager.Leader ?? false,
            reachability: manager.Reachability,
            address: managerAddress(manager.Addr, status.Addr),
          },
        }
      : {}),
    address: status.Addr,
    version: about.Engine.EngineVersion,
    labels: spec.Labels,
    cpus: about.Resources.NanoCPUs / 1e9,
    memoryBytes: about.Resources.MemoryBytes,
    createdAt: raw.CreatedAt,
  };
}

/** A manager may call itself 0.0.0.0: the address at which the others see it is then the one to use. */
function managerAddress(own: string, seen: string): string {
  const port = own.slice(own.lastIndexOf(':') + 1);
  const unspecified = own.startsWith('0.0.0.0:') || own.startsWith('[::]:');
  if (!unspecified || seen === '') return own;
  return isIP(seen) === 6 ? `[${seen}]:${port}` : `${seen}:${port}`;
}

export function modeOf({ Spec: { Mode: mode } }: ServiceJson): Service['mode'] {
  if (mode.Replicated) return 'replicated';
  if (mode.ReplicatedJob) return 'replicated-job';
  return mode.GlobalJob ? 'global-job' : 'global';
}

/** How many of a service's tasks should run, and do. */
export type Counts = Pick<Service, 'wanted' | 'running' | 'job'>;

/** `tasks`: all of the service's tasks that are wanted running. `down`: IDs of nodes that are down. */
export function countTasks(raw: ServiceJson, tasks: TaskJson[], down: ReadonlySet<string>): Counts {
  const up = tasks.filter(({ NodeID }) => !down.has(NodeID));
  const { Replicated: replicated, ReplicatedJob: job } = raw.Spec.Mode;
  return {
    // A global service has a task on every node that it should run on: the orchestrator has looked at constraints.
    wanted: replicated?.Replicas ?? job?.TotalCompletions ?? up.length,
    running: up.filter(isRunning).length,
  };
}

/**
 * The same by the engine's own count, undefined where it gives none. It counts as running what ran on a node when the
 * node went down, and the task in its place as well: `lost` are all tasks of the service on nodes that are down.
 */
export function countByStatus(raw: ServiceJson, lost: TaskJson[]): Counts | undefined {
  const { ServiceStatus: status, Spec: spec } = raw;
  if (!status) return undefined;
  const running = Math.max(0, status.RunningTasks - lost.filter(isRunning).length);
  const { Replicated: replicated, ReplicatedJob: job, GlobalJob: globalJob } = spec.Mode;
  if (replicated) return { wanted: replicated.Replicas, running };
  const wanted = status.DesiredTasks - lost.filter(({ DesiredState }) => DesiredState === 'running').length;
  const completed = status.CompletedTasks;
  if (globalJob) return { wanted, running, job: { completed, total: completed + wanted } };
  if (!job) return { wanted: Math.max(0, wanted), running };
  const atOnce = job.MaxConcurrent || 1;
  const total = job.TotalCompletions || atOnce;
  // What has been done is not wanted again: a job that has ended is not under strength.
  return {
    wanted: Math.min(atOnce, Math.max(0, total - completed)),
    running,
    job: { completed, total },
  };
}

const isRunning = ({ Status }: TaskJson): boolean => Status.State === 'running';

export function toService(raw: ServiceJson, counts: Counts): Service {
  return {
    id: raw.ID,
    name: raw.Spec.Name,
    mode: modeOf(raw),
    ...counts,
    image: withoutDigest(raw.Spec.TaskTemplate.ContainerSpec.Image),
    ports: (raw.Endpoint.Ports ?? []).map(({ PublishedPort, TargetPort, Protocol, PublishMode }) => {
      const published = PublishedPort === 0 ? '*' : `*:${PublishedPort}`;
      return `${published}->${TargetPort}/${Protocol || 'tcp'}${PublishMode === 'host' ? ' (host)' : ''}`;
    }),
    updateState: raw.UpdateStatus.State,
    updateMessage: raw.UpdateStatus.Message,
  };
}

function withoutDigest(image: string): string {
  return image.replace(/@sha256:[0-9a-f]+$/, '');
}

/** `names`: node and service names by ID; what is not in them keeps its ID. */
export function toTask(
  raw: TaskJson,
  names: { nodes: Map<string, string>; services: Map<string, string> },
): Task {
  const { Status: status } = raw;
  return {
    id: raw.ID,
    service: names.services.get(raw.ServiceID) ?? raw.ServiceID,
    slot: raw.Slot,
    node: names.nodes.get(raw.NodeID) ?? raw.NodeID,
    state: status.State,
    desiredState: raw.DesiredState,
    image: withoutDigest(raw.Spec.ContainerSpec.Image),
    message: status.Message,
    error: taskError(raw),
    at: status.Timestamp,
  };
}

/** Why a task does not run, in the engine's words, with the exit code where the words leave it out. */
export function taskError({ Status: { Err, State, ContainerStatus } }: TaskJson): string {
  if (Err !== '' || State !== 'failed') return Err;
  return ContainerStatus.ExitCode === 0 ? '' : `exited with code ${ContainerStatus.ExitCode}`;
}

/** Where a task stands in its service: its slot, or its node in a global service. */
export function placeOf({ ServiceID, Slot, NodeID }: TaskJson): string {
  return Slot > 0 ? `${ServiceID}.${Slot}` : `${ServiceID}@${NodeID}`;
}

export const newestFirst = (a: TaskJson, b: TaskJson) => b.CreatedAt.localeCompare(a.CreatedAt);

/** Tasks that are wanted running, and of every place the newest one even if it is not. Newest first. */
export function currentTasks(tasks: TaskJson[]): TaskJson[] {
  const seen = new Set<string>();
  return tasks.toSorted(newestFirst).filter((task) => {
    const first = !seen.has(placeOf(task));
    seen.add(placeOf(task));
    return first || !isOver(task.DesiredState);
  });
}
