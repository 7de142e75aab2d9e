/** Which hosts lack the image of tasks that may be placed there. */
import type { Hosts } from '../hosts/hosts.ts';
import type { Forecast } from '../swarm/forecast.ts';

/** A warning is not worth a long wait: a host that is slower than this is left out. */
const DEADLINE_MS = 2_000;
/** Enough to be told which; a thousand connections are not. */
const MOST_HOSTS = 40;

/**
 * Names of the nodes that can get tasks and whose hosts lack the image. Nodes that are not in the inventory, or do not
 * answer at once, are left out: nothing is known of them.
 */
export async function lackingImage(
  { image, open }: Pick<Forecast, 'image' | 'open'>,
  hosts: Hosts,
  signal: AbortSignal,
): Promise<string[]> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const known = new Map(hosts.names().map((name) => [name, hosts.host(name)]));
  const byAddress = new Map([...known.values()].map((host) => [host.address, host]));
  const looked = await Promise.all(
    open.slice(0, MOST_HOSTS).map(async ({ hostname, address }) => {
      const host = byAddress.get(address) ?? known.get(hostname);
      if (!host) return [];
      // A host that cannot be asked is another command's trouble.
      const missing = await host.missingImages([image], both).catch(() => []);
      return missing.length > 0 ? [hostname] : [];
    }),
  );
  signal.throwIfAborted();
  return looked.flat().toSorted();
}
