/** Who exchanges packets with a host, and for which addresses its firewall has to be open. */
import { isIPv4 } from 'node:net';
import { neighbours, type Neighbours } from '../firewall/wanted.ts';
import type { EngineInfo, Host } from '../hosts/hosts.ts';
import { peersOf } from '../probes/check-host.ts';
import type { End } from '../probes/exchange.ts';
import { readHostFacts } from '../probes/host-facts.ts';
import type { Node } from '../swarm/swarm.ts';
import type { JobContext } from './define.ts';

/** Both ends of the packets that are tried: the host, and whoever it must exchange them with. */
export async function surroundings(
  host: Host,
  other: Host | undefined,
  { hosts, swarm, signal }: Pick<JobContext, 'hosts' | 'swarm' | 'signal'>,
): Promise<{ info: EngineInfo; nodes: Node[]; subject: End & { host: Host }; peers: End[] }> {
  const [info, nodes] = await Promise.all([host.info(signal), swarm.nodes(signal)]);
  const found = (await peersOf({ host, hosts, signal }, info, nodes)).map(({ end }) => end);
  const named = other && !found.some(({ host: known }) => known?.name === other.name);
  const peers = named ? [await endOf(other, signal), ...found] : found;
  return {
    info,
    nodes,
    subject: {
      name: host.name,
      host,
      address: isIPv4(host.address) ? host.address : info.swarm.nodeAddress,
      manager: info.swarm.isManager,
    },
    peers,
  };
}

async function endOf(host: Host, signal: AbortSignal): Promise<End> {
  const address = isIPv4(host.address) ? host.address : (await host.info(signal)).swarm.nodeAddress;
  return { name: host.name, host, address, manager: false };
}

/** The addresses to open for, and the device by which they are reached. */
export async function whomFor(
  host: Host,
  source: string | undefined,
  nodes: readonly Node[],
  other: Host | undefined,
  { signal }: Pick<JobContext, 'hosts' | 'swarm' | 'signal'>,
): Promise<{ near: Neighbours; device: string }> {
  const facts = await readHostFacts(host, '', { timeoutMs: 10_000, signal });
  const own = facts.addresses.find(({ cidr }) => cidr.split('/')[0] === (source ?? host.address));
  const addresses = [
    ...nodes.flatMap(({ address, manager }) => [address, (manager?.address ?? '').replace(/:\d+$/, '')]),
    ...(other ? [(await endOf(other, signal)).address] : []),
  ].filter((address) => address !== '' && address !== own?.cidr.split('/')[0]);
  return { near: neighbours(own, addresses), device: own?.device ?? '' };
}
