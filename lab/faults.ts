import { endEngine, startEngine } from './engine.ts';
import { bootHost, cutPower, inHost, isOn, mustInHost } from './host.ts';
import { cutLink, linked, mendLink } from './network.ts';
import { replaceHostKey, restoreHostKey, startSshd, stopSshd } from './sshd.ts';
import type { HostRecord, LabRecord } from './state.ts';

type Protocol = 'tcp' | 'udp';
/** in: packets to this host's port. out: packets from this host to that port of another. */
type Direction = 'in' | 'out' | 'both';

/** What can go wrong with a host, and back. Each promise resolves once the fault, or its end, is effective. */
export interface Faults {
  /** kill -9 of the engine; its containers live on, as on a real host. */
  engineDies(host: string): Promise<void>;
  /** The engine ends in good order (SIGTERM), with its containers. */
  engineStops(host: string): Promise<void>;
  engineStarts(host: string): Promise<void>;
  /** Power loss: the cable goes dead, then engine, sshd and containers are gone, and what was in /run with them. */
  hostDies(host: string): Promise<void>;
  /** The host is well afterwards, whatever was wrong with it: on, plugged in, engine and sshd running. */
  hostComesBack(host: string): Promise<void>;
  /** Pulls the network cable; the host itself runs on. */
  cutLink(host: string): Promise<void>;
  mendLink(host: string): Promise<void>;
  /** A firewall drops packets without an answer. Both directions unless told. A power loss forgets it. */
  dropPort(host: string, port: number, protocol: Protocol, direction?: Direction): Promise<void>;
  passPort(host: string, port: number, protocol: Protocol): Promise<void>;
  /** sshd and all its sessions end. */
  sshStops(host: string): Promise<void>;
  sshStarts(host: string): Promise<void>;
  /** Another host key, as after a machine was set up anew: known_hosts keeps the old one. */
  changeHostKey(host: string): Promise<void>;
  restoreHostKey(host: string): Promise<void>;
}

/** The faults of a lab. `find` gives its current record and a host of it by name, or throws. */
export function faultsOf(
  dir: string,
  find: (host: string) => Promise<{ lab: LabRecord; host: HostRecord }>,
): Faults {
  const start = async (name: string) => startEngine(dir, (await find(name)).lab, name);
  return {
    engineDies: async (name) => {
      await find(name);
      await endEngine(dir, name, 'KILL');
    },
    engineStops: async (name) => {
      await find(name);
      await endEngine(dir, name, 'TERM');
    },
    engineStarts: start,
    hostDies: async (name) => {
      const { host } = await find(name);
      if (!(await isOn(dir, name))) return;
      // The cable first: dying processes would still say goodbye to their peers, which a power loss does not.
      await cutLink(dir, host);
      await cutPower(dir, name);
    },
    hostComesBack: async (name) => {
      const { lab, host } = await find(name);
      if (await isOn(dir, name)) await mendLink(dir, lab, host);
      else await bootHost(dir, lab, host);
      await Promise.all([startSshd(dir, host), start(name)]);
      await linked(dir, host);
    },
    cutLink: async (name) => cutLink(dir, (await find(name)).host),
    mendLink: async (name) => {
      const { lab, host } = await find(name);
      await mendLink(dir, lab, host);
    },
    dropPort: async (name, port, protocol, direction = 'both') => {
      await find(name);
      for (const chain of chainsOf(direction)) {
        await mustInHost(dir, name, ['iptables', '-w', '-I', chain, ...ruleFor(port, protocol)]);
      }
    },
    passPort: async (name, port, protocol) => {
      await find(name);
      for (const chain of chainsOf('both')) {
        // As often as it was dropped; iptables fails once there is no such rule any more.
        while (
          (await inHost(dir, name, ['iptables', '-w', '-D', chain, ...ruleFor(port, protocol)])).code === 0
        );
      }
    },
    sshStops: async (name) => {
      await find(name);
      await stopSshd(dir, name);
    },
    sshStarts: async (name) => startSshd(dir, (await find(name)).host),
    changeHostKey: async (name) => replaceHostKey(dir, (await find(name)).host),
    restoreHostKey: async (name) => restoreHostKey(dir, (await find(name)).host),
  };
}

function chainsOf(direction: Direction): string[] {
  return direction === 'both' ? ['INPUT', 'OUTPUT'] : [direction === 'in' ? 'INPUT' : 'OUTPUT'];
}

function ruleFor(port: number, protocol: Protocol): string[] {
  return ['-p', protocol, '--dport', String(port), '-j', 'DROP'];
}
