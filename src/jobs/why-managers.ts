/** What is left of the managers when none of them speaks for the swarm. */
import { wordsOf } from '../diagnosis/failure.ts';
import type { ManagersFacts } from '../diagnosis/why-managers.ts';
import type { Host } from '../hosts/hosts.ts';
import type { JobContext } from './define.ts';
import { askHost } from './why-node.ts';

/** @param error what asking the managers ended with. */
export async function managersFacts(
  error: unknown,
  { swarm, hosts, signal }: Pick<JobContext, 'swarm' | 'hosts' | 'signal'>,
): Promise<ManagersFacts> {
  const configured = swarm.managerHosts().filter((name) => hosts.names().includes(name));
  const first = await ask(
    configured.map((name) => hosts.host(name)),
    signal,
  );
  // Those that answer know the addresses of all managers: the inventory may have more of them than the configuration.
  const addresses = new Set(
    first.flatMap(({ said }) =>
      said.kind === 'info'
        ? said.info.swarm.managers.map(({ address }) => address.slice(0, address.lastIndexOf(':')))
        : [],
    ),
  );
  const others = hosts
    .names()
    .filter((name) => !configured.includes(name))
    .map((name) => hosts.host(name))
    .filter(({ address }) => addresses.has(address));
  return {
    words: wordsOf(error),
    managers: [...first, ...(await ask(others, signal))],
    counted: addresses.size,
  };
}

const ask = async (these: Host[], signal: AbortSignal): Promise<ManagersFacts['managers']> =>
  await Promise.all(
    these.map(async (host) => ({
      name: host.name,
      address: host.address,
      said: await askHost(host, signal),
    })),
  );
