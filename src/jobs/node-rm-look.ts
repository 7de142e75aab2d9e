/** Which entries of a name may be removed. */
import { UserError } from '../errors.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { Node } from '../swarm/swarm.ts';
import { askHost, hostsLike } from './node-find.ts';

/** @returns IDs: the only one of the name, or of several those that are down. @throws UserError when all must stay. */
export async function entriesToGo(
  name: string,
  called: readonly Node[],
  hosts: Hosts,
  signal: AbortSignal,
): Promise<string[]> {
  const [only, second] = called;
  if (only !== undefined && second === undefined) {
    await mayGo(only, hosts, signal);
    return [only.id];
  }
  const ghosts = called.filter(({ state, role }) => state === 'down' && role === 'worker');
  if (ghosts.length > 0) return ghosts.map(({ id }) => id);
  const each = called.map(({ id, state, role }) => `${id} (${state}, ${role})`).join('; ');
  throw new UserError(
    `None of the ${called.length} nodes called ${name} is a worker that is down: ${each}.`,
    {
      hint: 'Give the ID of the one that is meant.',
    },
  );
}

/** @throws UserError when its entry must stay: it is a manager, or its host says that it lives. */
async function mayGo(node: Node, hosts: Hosts, signal: AbortSignal): Promise<void> {
  const { hostname, id, role, state } = node;
  if (role === 'manager') {
    throw new UserError(`${hostname} is a manager: it still counts for the quorum.`, {
      hint: 'Demote it first, then remove its entry.',
      remedies: [
        { label: 'Demote it', line: `demote ${id}`, confirm: `${hostname} is no manager any more then.` },
      ],
    });
  }
  if (state !== 'ready') return;
  for (const host of hostsLike(node, hosts)) {
    const info = await askHost(host, signal);
    if (info?.swarm.nodeId !== id || info.swarm.state !== 'active') continue;
    throw new UserError(`${hostname} is alive and in the swarm, so its entry stays.`, {
      hint: 'To take it out, let it leave: its tasks move first, then its entry goes as well.',
      remedies: [leaving(host.name)],
    });
  }
}

/** The way out for a node that lives. */
export const leaving = (name: string) => ({
  label: 'Let it leave',
  line: `leave ${name}`,
  confirm: `${name} is drained, leaves the swarm, and its entry is removed.`,
});
