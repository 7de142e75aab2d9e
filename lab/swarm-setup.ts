import type Dockerode from 'dockerode';
import { engineOf } from './engine.ts';
import type { HostRecord } from './state.ts';
import { until } from './until.ts';

/** Makes a host's engine the first manager of a new swarm. */
export async function initSwarm(dir: string, host: HostRecord): Promise<void> {
  await engineOf(dir, host.name).swarmInit({
    ListenAddr: `${host.address}:2377`,
    AdvertiseAddr: host.address,
  });
}

/** Joins a host to the swarm of a manager and waits until that manager sees it Ready. */
export async function joinSwarm(
  dir: string,
  host: HostRecord,
  via: HostRecord,
  role: 'worker' | 'manager',
  signal?: AbortSignal,
): Promise<void> {
  const engine = engineOf(dir, host.name);
  const manager = engineOf(dir, via.name);
  const swarm = (await manager.swarmInspect()) as { JoinTokens: { Worker: string; Manager: string } };
  await engine.swarmJoin({
    ListenAddr: `${host.address}:2377`,
    AdvertiseAddr: host.address,
    RemoteAddrs: [`${via.address}:2377`],
    JoinToken: role === 'manager' ? swarm.JoinTokens.Manager : swarm.JoinTokens.Worker,
  });
  await until(() => isReady(engine, manager), {
    what: `${host.name} to be Ready at ${via.name}`,
    within: 30_000,
    every: 50,
    signal,
  });
}

async function isReady(engine: Dockerode, manager: Dockerode): Promise<boolean> {
  const info = (await engine.info()) as { Swarm: { NodeID: string; LocalNodeState: string } };
  if (info.Swarm.LocalNodeState !== 'active') return false;
  const nodes = (await manager.listNodes()) as { ID: string; Status: { State: string } }[];
  return nodes.some((node) => node.ID === info.Swarm.NodeID && node.Status.State === 'ready');
}
