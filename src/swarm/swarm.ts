/** The swarm in its own words. Jobs see this interface; the implementation beside it is the only one that knows dockerode. */
import type { Secret } from '../secret.ts';

/**
 * A swarm reached through its managers. Each call goes to the manager that answered last; when it is away, to the next
 * of the configuration. Every method throws a UserError that says what to do when no manager answers, when the swarm has
 * no leader, or when the one that answers is no manager.
 */
export interface Swarm {
  cluster(
    signal?: AbortSignal,
  ): Promise<{ id: string; managers: number; nodes: number; /** Host that answered. */ via: string }>;
  nodes(signal?: AbortSignal): Promise<Node[]>;
  services(signal?: AbortSignal): Promise<Service[]>;
  /** By name or ID. @throws UserError naming the nearest services. */
  service(name: string, signal?: AbortSignal): Promise<Service>;
  /** Newest first. Without `history` only tasks that are wanted running, and the current one of each slot. */
  tasks(
    filter: { service?: string; node?: string; history?: boolean },
    signal?: AbortSignal,
  ): Promise<Task[]>;
  /**
   * Sets the replicas of a replicated service. Sends back the inspected version; on `update out of sequence` it reads
   * again and applies the same intent again, a bounded number of times.
   * @throws UserError when the service is global or gone.
   */
  scale(service: string, replicas: number, signal?: AbortSignal): Promise<{ from: number; to: number }>;
  /**
   * Waits until the service's tasks run and stay, by the docker CLI's own rule (all running for 5 s, polled each
   * 200 ms). Ends short when the deadline passes, or when nothing has moved for `stuckMs` while tasks carry errors.
   */
  converge(service: string, options: ConvergeOptions): Promise<Convergence>;
  /** Token and manager addresses (`address:port`) for a join, read fresh each time. */
  joinTicket(
    role: 'worker' | 'manager',
    signal?: AbortSignal,
  ): Promise<{ clusterId: string; token: Secret; managers: string[] }>;
  /** Removes a node record. Not forced, so the engine refuses a node that is not down. @throws UserError when refused. */
  removeNode(id: string, signal?: AbortSignal): Promise<void>;
  /** Changes labels (null removes one) or availability, with the inspected version. */
  updateNode(
    id: string,
    change: { labels?: Record<string, string | null>; availability?: Node['availability'] },
    signal?: AbortSignal,
  ): Promise<void>;
}

export interface ConvergeOptions {
  deadlineMs: number;
  stuckMs?: number;
  stableMs?: number;
  signal?: AbortSignal;
  /** Called when the numbers change. */
  onProgress?: (progress: { running: number; wanted: number; states: Record<string, number> }) => void;
}

export type Convergence =
  | { kind: 'converged'; running: number; wanted: number; spread: Spread[] }
  | { kind: 'short'; running: number; wanted: number; spread: Spread[]; reasons: Shortfall[] };

/** Running tasks of one service on one node. */
export interface Spread {
  node: string;
  running: number;
}

/** Why tasks do not run, in the tasks' own words, with how many tasks say so and where. */
export interface Shortfall {
  state: string;
  error: string;
  tasks: number;
  nodes: string[];
}

export interface Node {
  id: string;
  hostname: string;
  state: 'unknown' | 'down' | 'ready' | 'disconnected';
  /** The manager's words on the state, such as `heartbeat failure`. */
  message: string;
  availability: 'active' | 'pause' | 'drain';
  role: 'worker' | 'manager';
  manager?: { leader: boolean; reachability: 'unknown' | 'unreachable' | 'reachable'; address: string };
  address: string;
  version: string;
  labels: Record<string, string>;
  cpus: number;
  memoryBytes: number;
  createdAt: string;
}

export interface Service {
  id: string;
  name: string;
  mode: 'replicated' | 'global' | 'replicated-job' | 'global-job';
  /** Replicated only; for a global service the number of nodes it should run on. */
  wanted: number;
  running: number;
  /** As the service names it, without a digest. */
  image: string;
  ports: string[];
  updateState: string;
  updateMessage: string;
}

export interface Task {
  id: string;
  service: string;
  slot: number;
  node: string;
  state: string;
  desiredState: string;
  image: string;
  /** The engine's message, and its error where there is one. */
  message: string;
  error: string;
  /** ISO time of the last change of state. */
  at: string;
}
