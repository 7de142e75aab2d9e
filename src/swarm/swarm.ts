/** The swarm in its own words. Jobs see this interface; the implementation beside it is the only one that knows dockerode. */
import type { Secret } from '../secret.ts';
import type { Quorum } from './quorum.ts';
import type { LogReader } from './logs.ts';
import type { Needs } from './needed.ts';
import type { Balances } from './rebalance-facts.ts';
import type { Bases } from './bases.ts';
import type { JoinTokens } from './tokens.ts';
import type { NodeChanges } from './node-changes.ts';
import type { NodeDetails } from './node-details.ts';
import type { Overlays } from './overlays.ts';
import type { WhyReads } from './why-facts.ts';
import type { ServiceChanges } from './service-changes.ts';
import type { Stacks } from './stacks.ts';

/**
 * A swarm reached through its managers. Each call goes to the manager that answered last; when it is away, to the next
 * of the configuration. Every method throws a UserError that says what to do when no manager answers, when the swarm has
 * no leader, or when the one that answers is no manager.
 */
export interface Swarm
  extends
    NodeChanges,
    NodeDetails,
    Overlays,
    LogReader,
    JoinTokens,
    Needs,
    Balances,
    Bases,
    ServiceChanges,
    Stacks,
    WhyReads {
  cluster(
    signal?: AbortSignal,
  ): Promise<{ id: string; managers: number; nodes: number; /** Host that answered. */ via: string }>;
  /** `filters`: the engine's own, such as `{ 'node.label': ['zone=a'] }`. @throws UserError when it knows none of a name. */
  nodes(signal?: AbortSignal, filters?: Filters): Promise<Node[]>;
  services(signal?: AbortSignal, filters?: Filters): Promise<Service[]>;
  /** All nodes and services as one look finds them. */
  overview(signal?: AbortSignal): Promise<{ nodes: Node[]; services: Service[]; quorum: Quorum }>;
  /** By name or ID. @throws UserError naming the nearest services. */
  service(name: string, signal?: AbortSignal): Promise<Service>;
  /** Newest first. Without `history` only tasks that are wanted running, and the current one of each slot. */
  tasks(
    filter: { service?: string; node?: string; history?: boolean; filters?: Filters },
    signal?: AbortSignal,
  ): Promise<Task[]>;
  /**
   * Sets the replicas of a replicated service. Sends back the inspected version; on `update out of sequence` it reads
   * again and applies the same intent again, a bounded number of times.
   * @throws UserError when the service is global or gone.
   */
  scale(
    service: string,
    replicas: number,
    signal?: AbortSignal,
    /** `fromChat`: the number is also kept with the service, so that a later deploy can warn (chat-scale.ts). */
    options?: { fromChat?: boolean },
  ): Promise<{ from: number; to: number }>;
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

/** The engine's own filters: values by name; any of the values fits, all names must. */
export type Filters = Record<string, string[]>;

export interface ConvergeOptions {
  deadlineMs: number;
  stuckMs?: number;
  stableMs?: number;
  signal?: AbortSignal;
  /** Called when the numbers change. */
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  /** Tasks of the service's present spec that run. */
  running: number;
  wanted: number;
  /** The tasks of the present spec by state, those that run among them. */
  states: Record<string, number>;
  /** Tasks of an earlier spec that still run: an update has not come to them yet. */
  old: number;
  update: UpdateState;
}

interface Converged {
  running: number;
  wanted: number;
  spread: Spread[];
  update: UpdateState;
  /** Tasks of an earlier spec that still run. */
  old: number;
  /** Tasks that failed or were rejected while it was waited, whatever became of their places since. */
  troubles: Shortfall[];
}

export type Convergence =
  ({ kind: 'converged' } & Converged) | ({ kind: 'short'; reasons: Shortfall[] } & Converged);

/** How far the swarm is with the last update: empty when none is on record. */
export interface UpdateState {
  state:
    '' | 'updating' | 'paused' | 'completed' | 'rollback_started' | 'rollback_paused' | 'rollback_completed';
  /** The swarm's own words. */
  message: string;
}

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
  /** Replicas; for a global service the number of nodes it should run on, for a job what is left to run at once. */
  wanted: number;
  running: number;
  /** Jobs only, where the engine counts them: tasks that have ended well, of how many. */
  job?: { completed: number; total: number };
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
