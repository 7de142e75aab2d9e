/** `docker info` of a host, as a folded block, with every field for its role. */
import type { ContainerBlock } from '@slack/types';
import type { EngineInfo } from '../hosts/hosts.ts';
import { context, fields, fold } from './blocks.ts';
import { bytes, code, escape, span } from './text.ts';

/** The swarm part in docker info's own words: what a worker shows, and what a manager shows beyond that. */
function swarmFields({ swarm }: EngineInfo): [string, string][] {
  const pairs: [string, string][] = [
    ['Swarm', swarm.state + (swarm.error ? ` (${escape(swarm.error)})` : '')],
    ['NodeID', swarm.nodeId && code(swarm.nodeId)],
    ['Is Manager', String(swarm.isManager)],
    ['Node Address', swarm.nodeAddress && code(swarm.nodeAddress)],
  ];
  const { cluster } = swarm;
  if (!cluster) {
    if (swarm.managers.length > 0)
      pairs.push(['Manager Addresses', swarm.managers.map(({ address }) => code(address)).join('\n')]);
    return pairs;
  }
  return [
    ...pairs,
    ['ClusterID', code(cluster.id)],
    ['Managers', String(cluster.managers)],
    ['Nodes', String(cluster.nodes)],
    ['Task History Retention Limit', String(cluster.taskHistoryRetentionLimit)],
    ['Raft: Snapshot Interval', String(cluster.raft.snapshotInterval)],
    ['Raft: Heartbeat Tick', String(cluster.raft.heartbeatTick)],
    ['Raft: Election Tick', String(cluster.raft.electionTick)],
    ['Dispatcher Heartbeat Period', span(cluster.dispatcherHeartbeatMs)],
    ['CA Expiry Duration', span(cluster.caExpiryMs)],
  ];
}

function engineFields(info: EngineInfo): [string, string][] {
  const { running, paused, stopped } = info.containers;
  return [
    ['Server Version', escape(info.version)],
    ['Operating System', escape(info.operatingSystem)],
    ['Kernel', escape(info.kernel)],
    ['Architecture', escape(info.architecture)],
    ['CPUs', String(info.cpus)],
    ['Total Memory', bytes(info.memoryBytes)],
    ['Containers', `${running} running, ${paused} paused, ${stopped} stopped`],
    ['Images', String(info.images)],
    ['Storage Driver', escape(info.storageDriver)],
    ['Live Restore', info.liveRestore ? 'enabled' : 'disabled'],
  ];
}

/** The whole of it under one title. */
export function engineInfo(host: string, info: EngineInfo, { open }: { open: boolean }): ContainerBlock {
  const warnings = info.warnings.map((warning) => `:warning: ${escape(warning)}`).join('\n');
  return fold(
    `docker info of ${host}`,
    [
      ...fields(swarmFields(info)),
      ...fields(engineFields(info)),
      ...(warnings ? [context(warnings) as ContainerBlock['child_blocks'][number]] : []),
    ],
    { open },
  );
}
