/** `GET /info` in the domain's words. Pure. Fields as in the Engine API 1.24 (1.12) to 1.41; a missing one is empty. */
import { z } from 'zod';
import type { ClusterInfo, EngineInfo } from './hosts.ts';
import { count, flag, part, text } from './json-parts.ts';

const NANOSECONDS_PER_MS = 1e6;

const cluster = part({
  ID: text,
  Spec: part({
    Orchestration: part({ TaskHistoryRetentionLimit: count }),
    Raft: part({ SnapshotInterval: count, HeartbeatTick: count, ElectionTick: count }),
    Dispatcher: part({ HeartbeatPeriod: count }),
    CAConfig: part({ NodeCertExpiry: count }),
  }),
});

const info = z.object({
  ID: text,
  Name: text,
  ServerVersion: text,
  OperatingSystem: text,
  KernelVersion: text,
  Architecture: text,
  NCPU: count,
  MemTotal: count,
  Driver: text,
  ContainersRunning: count,
  ContainersPaused: count,
  ContainersStopped: count,
  Images: count,
  LiveRestoreEnabled: flag,
  DockerRootDir: text,
  SystemTime: text,
  FirewallBackend: part({ Driver: text }),
  Warnings: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? []),
  Swarm: part({
    LocalNodeState: z.enum(['inactive', 'pending', 'active', 'error', 'locked']).or(z.literal('')).nullish(),
    Error: text,
    NodeID: text,
    NodeAddr: text,
    ControlAvailable: flag,
    RemoteManagers: z
      .array(z.object({ NodeID: text, Addr: text }))
      .nullish()
      .transform((value) => value ?? []),
    Managers: count,
    Nodes: count,
    Cluster: cluster,
  }),
});

/** @throws ZodError when the answer is no `GET /info` of an engine. */
export function parseInfo(answer: unknown): EngineInfo {
  const raw = info.parse(answer);
  const { Swarm: swarm } = raw;
  return {
    hostname: raw.Name,
    engineId: raw.ID,
    version: raw.ServerVersion,
    operatingSystem: raw.OperatingSystem,
    kernel: raw.KernelVersion,
    architecture: raw.Architecture,
    cpus: raw.NCPU,
    memoryBytes: raw.MemTotal,
    storageDriver: raw.Driver,
    containers: {
      running: raw.ContainersRunning,
      paused: raw.ContainersPaused,
      stopped: raw.ContainersStopped,
    },
    images: raw.Images,
    liveRestore: raw.LiveRestoreEnabled,
    dataRoot: raw.DockerRootDir,
    firewallBackend: raw.FirewallBackend.Driver,
    time: raw.SystemTime,
    swarm: {
      state: swarm.LocalNodeState || 'inactive',
      error: swarm.Error,
      nodeId: swarm.NodeID,
      nodeAddress: swarm.NodeAddr,
      isManager: swarm.ControlAvailable,
      managers: swarm.RemoteManagers.map(({ NodeID, Addr }) => ({ nodeId: NodeID, address: Addr })),
      ...(swarm.ControlAvailable ? { cluster: clusterInfo(swarm) } : {}),
    },
    warnings: raw.Warnings,
  };
}

function clusterInfo({ Cluster, Managers, Nodes }: z.infer<typeof info>['Swarm']): ClusterInfo {
  const { Orchestration, Raft, Dispatcher, CAConfig } = Cluster.Spec;
  return {
    id: Cluster.ID,
    managers: Managers,
    nodes: Nodes,
    taskHistoryRetentionLimit: Orchestration.TaskHistoryRetentionLimit,
    raft: {
      snapshotInterval: Raft.SnapshotInterval,
      heartbeatTick: Raft.HeartbeatTick,
      electionTick: Raft.ElectionTick,
    },
    dispatcherHeartbeatMs: Dispatcher.HeartbeatPeriod / NANOSECONDS_PER_MS,
    caExpiryMs: CAConfig.NodeCertExpiry / NANOSECONDS_PER_MS,
  };
}
