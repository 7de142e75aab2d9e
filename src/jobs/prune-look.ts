/** Whether a host's engine may be cleared up by what is known here. */
import { UserError } from '../errors.ts';
import type { Host } from '../hosts/hosts.ts';
import type { Needed } from '../swarm/needed.ts';

/** Measuring a disk is work for it, and the managers want to be left some of the line. */
export const HOSTS_AT_ONCE = 4;

/** The services of another swarm are not known, so nothing is known of what its nodes need. */
export async function mustBeOurs(host: Host, { nodeIds }: Needed, signal: AbortSignal): Promise<void> {
  const { swarm } = await host.info(signal);
  if (swarm.state === 'inactive' || nodeIds.includes(swarm.nodeId)) return;
  throw new UserError(`${host.name} is in another swarm, and what its services need is not known here.`, {
    hint: `Let it leave that swarm first, or clear it up by hand with \`docker system prune\` there.`,
  });
}
