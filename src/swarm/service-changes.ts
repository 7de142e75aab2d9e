/** What can be done to services, and what is read before and after, in domain words. Raw specs stay behind it. */
import type { Forecast } from './forecast.ts';
import type { Service, Shortfall, UpdateState } from './swarm.ts';

/** The part of the swarm that creates, changes and removes services. */
export interface ServiceChanges {
  /** @throws UserError naming the nearest services. */
  serviceDetail(name: string, signal?: AbortSignal): Promise<ServiceDetail>;
  /**
   * Where the service of that name differs from `wanted`; undefined when the name is free.
   * @throws UserError when it asks for a network that is not there.
   */
  differsFrom(wanted: NewService, signal?: AbortSignal): Promise<FieldChange[] | undefined>;
  /** The registry is not asked for a digest. @throws UserError when the engine refuses, such as for a port in use. */
  createService(wanted: NewService, signal?: AbortSignal): Promise<void>;
  /** What an update would change, and what there is to be compared with later. Changes nothing. */
  planUpdate(name: string, change: ServiceChange, signal?: AbortSignal): Promise<UpdatePlan>;
  /**
   * How many of its tasks would fit after the update; null when it changes nothing about that, or when the service has
   * no replicas.
   */
  forecastUpdate(name: string, change: ServiceChange, signal?: AbortSignal): Promise<Forecast | null>;
  /**
   * Applies the intent to what is there now and sends back the version that was read; when somebody else was faster,
   * again. Sends nothing when all is so already.
   * @returns what somebody else has changed since the plan in the very fields that this changes.
   */
  updateService(
    name: string,
    change: ServiceChange,
    plan: UpdatePlan,
    signal?: AbortSignal,
  ): Promise<{ meanwhile: FieldChange[] }>;
  /** What going back would change. @throws UserError when there is nothing to go back to. */
  planRollback(name: string, signal?: AbortSignal): Promise<RollbackPlan>;
  /** Goes back to the spec before the last change, unless that was done since the plan. */
  rollbackService(name: string, plan: RollbackPlan, signal?: AbortSignal): Promise<void>;
  /** By ID. One that is gone is as good as removed. */
  removeService(id: string, signal?: AbortSignal): Promise<void>;
  /** Tasks of a service that still have a container to stop, also after the service itself is gone. */
  tasksLeft(service: { id: string; name: string }, signal?: AbortSignal): Promise<TasksLeft>;
  /**
   * Largest numbers of replicas that fit, one service after the other, each in what the ones before leave. Services that
   * are there by name or ID. `without`: IDs of nodes that are to be thought away, with all that runs on them.
   */
  forecast(
    wishes: { service: string | NewService; replicas: number }[],
    signal?: AbortSignal,
    options?: { without?: readonly string[] },
  ): Promise<Forecast[]>;
}

export interface Port {
  target: number;
  /** 0: the swarm picks one. */
  published: number;
  protocol: 'tcp' | 'udp' | 'sctp';
  mode: 'ingress' | 'host';
}

export interface Mount {
  type: 'bind' | 'volume' | 'tmpfs';
  /** Empty: a volume without a name. */
  source: string;
  target: string;
  readOnly: boolean;
}

/** Processors in cores, memory in bytes. What is left out is not limited, or not changed. */
export interface Amounts {
  cpus?: number | undefined;
  memoryBytes?: number | undefined;
}

export interface NewService {
  name: string;
  image: string;
  /** Null: one on every node. */
  replicas: number | null;
  /** `KEY=VALUE`. */
  env: string[];
  labels: Record<string, string>;
  /** `node.labels.zone==a`. */
  constraints: string[];
  ports: Port[];
  mounts: Mount[];
  /** By name. */
  networks: string[];
  reserve: Amounts;
  limit: Amounts;
  /** 0: no limit. */
  maxPerNode: number;
  restart?: 'none' | 'on-failure' | 'any' | undefined;
  update?: UpdateRule | undefined;
  /** The image's own when left out. */
  entrypoint?: string[] | undefined;
  args?: string[] | undefined;
}

/** What to change; what is left out stays. */
export interface ServiceChange {
  image?: string | undefined;
  replicas?: number | undefined;
  /** `KEY=VALUE`; replaces one of the same name. */
  envAdd?: string[] | undefined;
  /** Names. */
  envRm?: string[] | undefined;
  labelAdd?: Record<string, string> | undefined;
  labelRm?: string[] | undefined;
  constraintAdd?: string[] | undefined;
  constraintRm?: string[] | undefined;
  publishAdd?: Port[] | undefined;
  /** The containers' own ports. */
  publishRm?: number[] | undefined;
  reserve?: Amounts | undefined;
  limit?: Amounts | undefined;
  maxPerNode?: number | undefined;
  /** How the swarm goes about updates of this service. */
  update?: UpdateRule | undefined;
  args?: string[] | undefined;
  /** Starts every task anew although nothing of it changes. */
  force?: boolean | undefined;
}

export interface UpdateRule {
  /** Tasks at a time; 0: all at once. */
  parallelism?: number | undefined;
  delayMs?: number | undefined;
  monitorMs?: number | undefined;
  failureAction?: 'pause' | 'continue' | 'rollback' | undefined;
  order?: 'stop-first' | 'start-first' | undefined;
}

/** One thing about a service that differs. Null: not there. */
export interface FieldChange {
  /** `image`, `replicas`, `env PASSWORD`, `label zone`, `constraint node.role==worker`. */
  field: string;
  from: string | null;
  to: string | null;
  /** Its values are nobody's business: `from` and `to` are then empty texts or null. */
  secret: boolean;
}

/**
 * A service's fields at one moment, fit for Redis: of what is secret there is only a mark, made with a key that never
 * leaves the process, so that only the same process can compare it.
 */
export interface SeenFields {
  /** The process that made the marks. */
  by: string;
  plain: Record<string, string>;
  marks: Record<string, string>;
}

export interface UpdatePlan {
  name: string;
  seen: SeenFields;
  changes: FieldChange[];
  /** Whether tasks are started anew by it. */
  restarts: boolean;
  /** The number to which a forced update sets the counter: once there, it was done. */
  forceTo: number;
  /** Null: not replicated. */
  replicas: number | null;
}

interface RollbackPlan {
  name: string;
  changes: FieldChange[];
  /** When the update on record began: another time tells that a rollback has begun since. */
  updateStartedAt: string;
}

interface TasksLeft {
  /** On nodes that answer. */
  tasks: number;
  /** On nodes that are down: nobody can tell. */
  lost: number;
  nodes: string[];
}

export interface ServiceDetail extends Service {
  createdAt: string;
  /** Time of the last change, by a person or by the swarm itself. */
  updatedAt: string;
  /** Nodes that run its tasks, and those that could and run none. */
  spread: { node: string; running: number }[];
  /** Why tasks are missing; empty at full strength. */
  reasons: Shortfall[];
  update: UpdateState & { startedAt: string; completedAt: string };
  /** What a rollback would change; null: there is nothing to go back to. */
  previous: FieldChange[] | null;
  constraints: string[];
  preferences: string[];
  maxPerNode: number;
  platforms: string[];
  reserve: { cpus: number; memoryBytes: number };
  limit: { cpus: number; memoryBytes: number };
  mounts: Mount[];
  networks: string[];
  /** Names only. */
  env: string[];
  secrets: string[];
  configs: string[];
  labels: Record<string, string>;
  restart: { condition: string; delayMs: number; maxAttempts: number };
  updateRule: { [K in keyof UpdateRule]-?: NonNullable<UpdateRule[K]> };
}
