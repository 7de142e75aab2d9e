/** Which node is meant, and which host of the inventory it is. */
import { isIP } from 'node:net';
import { UserError } from '../errors.ts';
import type { EngineInfo, Host, Hosts } from '../hosts/hosts.ts';
import { nearest } from '../nearest.ts';
import type { Node } from '../swarm/swarm.ts';

/** An ID that is cut short is taken from this many letters on, as for services. */
export const SHORTEST_ID = 8;

/** All nodes of this hostname or ID, the beginning of an ID too. @throws UserError naming the nearest when there is none. */
export function nodesCalled(nodes: readonly Node[], name: string): Node[] {
  const byId = nodes.filter(({ id }) => id === name);
  if (byId.length > 0) return byId;
  const byName = nodes.filter(({ hostname }) => hostname.toLowerCase() === name.toLowerCase());
  if (byName.length > 0) return byName;
  const byStart = name.length < SHORTEST_ID ? [] : nodes.filter(({ id }) => id.startsWith(name));
  if (byStart.length === 1) return byStart;
  const near = nearest(
    name,
    nodes.map(({ hostname }) => hostname),
  );
  throw new UserError(`No node is called ${name}.`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : '`/swarm nodes` lists them.',
  });
}

/**
 * The one node that is meant. Of several with the same hostname the only one that is not down: the others are what is
 * left of hosts that joined again.
 * @throws UserError that names each by its ID when several could be meant.
 */
export function nodeCalled(nodes: readonly Node[], name: string): Node {
  const called = nodesCalled(nodes, name);
  const living = called.filter(({ state }) => state !== 'down');
  const [only, second] = living.length > 0 ? living : called;
  if (only !== undefined && second === undefined) return only;
  const each = called.map(({ id, state, address }) => `${id} (${state}${address ? `, ${address}` : ''})`);
  throw new UserError(`${called.length} nodes are called ${name}: ${each.join('; ')}.`, {
    hint: 'Give the ID of the one that is meant.',
  });
}

/** Hosts of the inventory that may be this node, by name or address, whatever they say themselves. */
export function hostsLike({ hostname, address }: Pick<Node, 'hostname' | 'address'>, hosts: Hosts): Host[] {
  return hosts
    .names()
    .map((name) => hosts.host(name))
    .filter((host) => host.name.toLowerCase() === hostname.toLowerCase() || host.address === address);
}

/** What the host's engine says; undefined when it cannot be asked. */
export async function askHost(host: Host, signal: AbortSignal): Promise<EngineInfo | undefined> {
  try {
    return await host.info(signal);
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof UserError) return undefined;
    throw thrown;
  }
}

/**
 * Entries of this very host under other node IDs, no managers: the same hostname, and the address at which the inventory
 * has it. A host that the inventory knows by a DNS name cannot be told from another of the same hostname: none then.
 */
export function oldEntries(
  nodes: readonly Node[],
  host: Pick<Host, 'name' | 'address'>,
  hostname: string,
  ownId: string,
): Node[] {
  if (isIP(host.address) === 0) return [];
  return nodes.filter(
    (node) =>
      node.id !== ownId &&
      node.role === 'worker' &&
      [hostname, host.name].includes(node.hostname) &&
      node.address === host.address,
  );
}
