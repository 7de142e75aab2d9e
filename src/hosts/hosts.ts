/** What jobs see of the hosts in the inventory. The implementation beside this file is the only one that knows ssh2. */
import type { Secret } from '../secret.ts';
import type { Pruning } from './prune.ts';

/** One host of `swarm.yaml`, defaults filled in. */
export interface HostSettings {
  name: string;
  /** Name or IP address at which the worker reaches the host's sshd. */
  address: string;
  ssh: {
    user: string;
    port: number;
    /** Path of the private key. */ key: string;
    /** Path. */ knownHosts: string;
  };
  /** Path of the engine's socket on the host. */
  socket: string;
  labels: Record<string, string>;
}

export interface Hosts {
  names(): string[];
  /** @throws UserError when the inventory has no such host; it names the nearest ones. */
  host(name: string): Host;
  close(): Promise<void>;
}

/**
 * A host reached over SSH. Connections are made at the first use, shared, kept alive, and made again after a loss.
 * Every method throws a UserError that says what to check when: the host cannot be reached, its host key is unknown or
 * differs from known_hosts, the login is refused, the engine's socket is missing or refuses, the engine does not answer.
 */
export interface Host extends Pruning {
  readonly name: string;
  readonly address: string;
  readonly settings: HostSettings;
  info(signal?: AbortSignal): Promise<EngineInfo>;
  /** Joins a swarm. Resolves when the engine says so; the error text of the engine is kept as `cause`. */
  joinSwarm(request: JoinRequest, signal?: AbortSignal): Promise<JoinOutcome>;
  leaveSwarm(options: { force: boolean }, signal?: AbortSignal): Promise<void>;
  /** Of these image references, the ones that the host's engine does not have. */
  missingImages(references: string[], signal?: AbortSignal): Promise<string[]>;
  /** Opens one TCP connection from the host's own network, by SSH's direct-tcpip: no command runs on the host. */
  dial(
    address: string,
    port: number,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<DialOutcome>;
  /**
   * Runs one command on the host, where no API does. The words reach the program as they are; nothing secret may be
   * among them, for every user of the host can read them. Output is bounded. A code other than 0 does not throw.
   */
  run(
    argv: readonly string[],
    options?: { input?: string; timeoutMs?: number; signal?: AbortSignal },
  ): Promise<CommandResult>;
  /** Starts a command and talks with it line by line; it must end when its stdin does. */
  converse(
    argv: readonly string[],
    onLine: (line: string) => void,
    options?: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Conversation>;
}

export interface CommandResult {
  /** Undefined when a signal ended it. 127: the shell found no such program. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

export interface Conversation {
  say: (line: string) => void;
  ended: Promise<CommandResult>;
  /** Closes its stdin and waits until it has ended. */
  end: () => Promise<CommandResult>;
}

export type DialOutcome = { kind: 'open' } | { kind: 'refused' } | { kind: 'unreachable'; reason: string };

export interface JoinRequest {
  /** `address:port` of managers. */
  managers: string[];
  token: Secret;
  /** Empty: the engine picks the address. */
  advertiseAddress?: string;
  /** Tasks are kept away from its first moment on. An engine before 1.13 does not know of it. */
  drained?: boolean;
}

export type JoinOutcome =
  | { kind: 'joined' }
  /** `Timeout was reached before node joined`: the engine goes on trying in the background. Poll, never join again. */
  | { kind: 'pending'; text: string }
  | { kind: 'already'; text: string };

type LocalNodeState = 'inactive' | 'pending' | 'active' | 'error' | 'locked';

/** `GET /info` in the words that the channel shows. */
export interface EngineInfo {
  hostname: string;
  engineId: string;
  version: string;
  operatingSystem: string;
  kernel: string;
  architecture: string;
  cpus: number;
  memoryBytes: number;
  storageDriver: string;
  containers: { running: number; paused: number; stopped: number };
  images: number;
  liveRestore: boolean;
  /** Where the engine keeps images and containers. Empty when it does not say. */
  dataRoot: string;
  /** `iptables`, `nftables`, `iptables+firewalld`; empty for an engine that has no choice (before 29). */
  firewallBackend: string;
  /** The host's clock when it answered, ISO. Empty when it does not say. */
  time: string;
  swarm: {
    state: LocalNodeState;
    /** Why the state is `error` or `pending`, from the engine. */
    error: string;
    nodeId: string;
    nodeAddress: string;
    isManager: boolean;
    managers: { nodeId: string; address: string }[];
    /** Managers only. */
    cluster?: ClusterInfo;
  };
  warnings: string[];
}

/** What `docker info` shows on a manager beside the node itself. */
export interface ClusterInfo {
  id: string;
  managers: number;
  nodes: number;
  taskHistoryRetentionLimit: number;
  raft: { snapshotInterval: number; heartbeatTick: number; electionTick: number };
  dispatcherHeartbeatMs: number;
  caExpiryMs: number;
}
