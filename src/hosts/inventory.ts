import { UserError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { HostSettings, Hosts } from './hosts.ts';
import { silent } from './log.ts';
import type { Log } from './log.ts';
import { SshHost } from './ssh-host.ts';
import type { HostTimes } from './ssh-host.ts';

const TIMES: HostTimes = { connectMs: 10_000, keepaliveMs: 5_000, keepaliveMisses: 3, answerMs: 22_000 };

/** The hosts with all that src/swarm needs of them. */
export interface OpenHosts extends Hosts {
  host(name: string): SshHost;
}

/**
 * The hosts of the inventory. Nothing is connected until it is used. Times in ms; keepalive is 3 unanswered questions
 * 5 s apart unless told otherwise, so that a cut link is noticed after about 20 s and an idle host costs little.
 */
export function openHosts(
  settings: HostSettings[],
  { log = silent, ...times }: { log?: Log } & Partial<HostTimes> = {},
): OpenHosts {
  const hosts = new Map(settings.map((host) => [host.name, new SshHost(host, { ...TIMES, ...times }, log)]));
  return {
    names: () => [...hosts.keys()],
    host(name) {
      const found = hosts.get(name);
      if (found) return found;
      const near = nearest(name, hosts.keys());
      throw new UserError(`No host is called ${name}.`, {
        hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'The hosts are listed in swarm.yaml.',
      });
    },
    async close() {
      await Promise.all([...hosts.values()].map((host) => host.close()));
    },
  };
}
