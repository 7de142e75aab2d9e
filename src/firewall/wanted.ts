/** Which packets a swarm needs to pass at one host. Pure. */
import { isIPv4 } from 'node:net';
import { contains, networkOf } from '../probes/ranges.ts';
import type { Packet } from './rules.ts';

/** Private networks: who is in one of them was let into it. Elsewhere a neighbour may be a stranger. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15'];
/** A network wider than that is more than a swarm's own. */
const WIDEST = 16;

export interface Neighbours {
  /** CIDRs to open for. */
  ranges: string[];
  /** A sentence: whom they stand for, and why. */
  why: string;
}

/**
 * `own`: the address, with its prefix, and by it the network with which the host speaks to the others; `others`: addresses
 * of the swarm's nodes. A private network of the host's own that holds a node is opened for as a whole: the next node
 * comes from there, and every node must reach every other.
 */
export function neighbours(own: { cidr: string } | undefined, others: readonly string[]): Neighbours {
  const addresses = [...new Set(others.filter((address) => isIPv4(address) && address !== '0.0.0.0'))];
  const network = own && networkOf(own.cidr);
  const wide = network === undefined || Number(network.split('/')[1]) < WIDEST;
  const isOwn = network !== undefined && !wide && PRIVATE.some((range) => contains(range, network));
  const inside = isOwn ? addresses.filter((address) => contains(network, address)) : [];
  const outside = addresses.filter((address) => !inside.includes(address)).map((address) => `${address}/32`);
  if (network !== undefined && inside.length > 0)
    return {
      ranges: [network, ...outside],
      why: `Only for ${network}, its own network, from which other nodes come too${outside.length > 0 ? `, and for the ${outside.length === 1 ? 'node' : `${outside.length} nodes`} beyond it` : ''}.`,
    };
  return {
    ranges: outside,
    why: `Only for the addresses of the swarm's nodes, one by one: ${network && !isOwn ? 'its own network is public or very wide' : 'they are not in its own network'}. A node that joins later needs its own rules.`,
  };
}

/** First packets that must pass. `isManager`: others reach its 2377. */
export function wantedPackets(
  ranges: readonly string[],
  { device, isManager }: { device: string; isManager: boolean },
): Packet[] {
  const ports = [
    { port: 7946, protocol: 'tcp' },
    { port: 7946, protocol: 'udp' },
    { port: 4789, protocol: 'udp' },
  ] as const;
  const control = { port: 2377, protocol: 'tcp' } as const;
  const towards = (direction: Packet['direction']) =>
    direction === 'out' || isManager ? [control, ...ports] : ports;
  return (['in', 'out'] as const).flatMap((direction) =>
    ranges.flatMap((others) =>
      towards(direction).map((one): Packet => ({ ...one, direction, others, device })),
    ),
  );
}
