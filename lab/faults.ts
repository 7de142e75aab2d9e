import { endEngine, startEngine } from './engine.ts';
import type { EnginePart } from './engine-faults.ts';
import { freeze, shrinkDisk, tellEngine, thaw } from './engine-faults.ts';
import type { Direction, Protocol } from './firewall-faults.ts';
import { dropPort, narrowPath, passPort, rejectPort, widenPath } from './firewall-faults.ts';
import { bootHost, cutPower, isOn } from './host.ts';
import { cutLink, linked, mendLink } from './network.ts';
import { replaceHostKey, restoreHostKey, startSshd, stopSshd } from './sshd.ts';
import type { HostRecord, LabRecord } from './state.ts';

/** What can go wrong with a host, and back. Each promise resolves once the fault, or its end, is effective. */
export interface Faults {
  /** kill -9 of the engine; its containers live on, as on a real host. */
  engineDies(host: string): Promise<void>;
  /** The engine ends in good order (SIGTERM), with its containers. */
  engineStops(host: string): Promise<void>;
  engineStarts(host: string): Promise<void>;
  /** Power loss: the cable goes dead, then engine, sshd and containers are gone, and what was in /run with them. */
  hostDies(host: string): Promise<void>;
  /**
   * The host is on, plugged in, and its engine and sshd run afterwards, whichever of these was wrong. What is settled in
   * its firewall, its files and its disk stays as it is.
   */
  hostComesBack(host: string): Promise<void>;
  /**
   * SIGSTOP: nothing ends, nothing answers. Without its `engine` a host says nothing more; without its `containerd` it
   * goes on sending heartbeats while every question about containers hangs.
   */
  hangs(host: string, part: EnginePart): Promise<void>;
  goesOn(host: string, part: EnginePart): Promise<void>;
  /** Settings in /etc/docker/daemon.json, in force when this resolves; only those that an engine takes while it runs. */
  engineSettings(host: string, settings: Record<string, unknown>): Promise<void>;
  /** From now on the engine keeps its data on an empty disk of so many MB. It is restarted for it. */
  diskShrinks(host: string, megabytes: number): Promise<void>;
  /** Pulls the network cable; the host itself runs on. */
  cutLink(host: string): Promise<void>;
  mendLink(host: string): Promise<void>;
  /** A firewall drops packets without an answer. Both directions unless told. A power loss forgets it. */
  dropPort(host: string, port: number, protocol: Protocol, direction?: Direction): Promise<void>;
  /** As firewalld says no: `no route to host` at once, instead of silence. */
  rejectPort(host: string, port: number, protocol: Protocol, direction?: Direction): Promise<void>;
  /** Ends what was dropped or rejected of this port. */
  passPort(host: string, port: number, protocol: Protocol): Promise<void>;
  /**
   * The path between the host and the others carries packets up to so many bytes, loses larger ones, and tells nobody.
   * The machine's own way to the host stays wide.
   */
  narrowPath(host: string, bytes: number): Promise<void>;
  widenPath(host: string, bytes: number): Promise<void>;
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
      for (const part of ['engine', 'containerd'] as const) await thaw(dir, name, part);
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
      await dropPort(dir, name, port, protocol, direction);
    },
    rejectPort: async (name, port, protocol, direction = 'both') => {
      await find(name);
      await rejectPort(dir, name, port, protocol, direction);
    },
    passPort: async (name, port, protocol) => {
      await find(name);
      await passPort(dir, name, port, protocol);
    },
    narrowPath: async (name, bytes) => {
      const { lab } = await find(name);
      await narrowPath(dir, name, bytes, lab.bridgeAddress);
    },
    widenPath: async (name, bytes) => {
      const { lab } = await find(name);
      await widenPath(dir, name, bytes, lab.bridgeAddress);
    },
    hangs: async (name, part) => {
      await find(name);
      await freeze(dir, name, part);
    },
    goesOn: async (name, part) => {
      await find(name);
      await thaw(dir, name, part);
    },
    engineSettings: async (name, settings) => {
      await find(name);
      await tellEngine(dir, name, settings);
    },
    diskShrinks: async (name, megabytes) => {
      await find(name);
      await endEngine(dir, name, 'TERM');
      await shrinkDisk(dir, name, megabytes);
      await start(name);
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
