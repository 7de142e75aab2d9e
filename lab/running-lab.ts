import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type Dockerode from 'dockerode';
import { stringify } from 'yaml';
import { addressIn } from './address.ts';
import { archiveFor, bringUpHost } from './bring-up.ts';
import { labLock, removeLab } from './clean-up.ts';
import type { Outcome } from './command.ts';
import { engineOf } from './engine.ts';
import type { Faults } from './faults.ts';
import { faultsOf } from './faults.ts';
import { inHost } from './host.ts';
import { imageArchive, LAB_IMAGES, loadArchive } from './images.ts';
import { withLock } from './lock.ts';
import type { HostRecord, LabRecord } from './state.ts';
import { changeRecord, checkName, hostPaths, labPaths, readRecord } from './state.ts';
import { initSwarm, joinSwarm } from './swarm-setup.ts';
import { each } from './until.ts';

interface LabHost {
  name: string;
  address: string;
  /** The engine's unix socket, reachable from this machine directly. */
  socket: string;
  sshPort: 22;
}

/** A running lab. Its state lies on disk: several processes may use one lab at once. */
export interface Lab {
  name: string;
  /** State folder. */
  dir: string;
  hosts: LabHost[];
  sshUser: 'root';
  /** Path of the private key (ed25519) that opens every host. */
  sshKey: string;
  /** Path of a known_hosts file with every host's key, by name and by address. */
  knownHosts: string;
  /** The machine's own address in the lab's network. */
  bridgeAddress: string;
  /** CIDR. */
  network: string;
  /** Throws when the lab has no such host. */
  host(name: string): LabHost;
  /** A client straight to a host's engine, for a test's own observations. */
  engine(name: string): Dockerode;
  initSwarm(manager: string): Promise<void>;
  /** For the set-up of tests: joins and waits until `via` sees the host Ready. */
  join(name: string, via: string, role?: 'worker' | 'manager'): Promise<void>;
  /** Loads images (all that the lab makes, unless `refs` names some) into hosts. */
  loadImages(names: string[], refs?: string[]): Promise<void>;
  /** Adds a host outside the swarm, with the images that every host of this lab got at the start. */
  addHost(name: string): Promise<LabHost>;
  faults: Faults;
  /** Runs an argv as root in a host, in all of its namespaces. */
  exec(name: string, argv: string[]): Promise<Outcome>;
  /** Writes a swarm.yaml for this lab. Managers default to those of the swarm, hosts to all. */
  writeConfig(
    path: string,
    options?: { managers?: string[]; hosts?: string[]; /** Beside or in place of the rest. */ more?: object },
  ): Promise<void>;
  /** From now on nobody's death takes this lab down: it stays until `npm run lab -- down`. */
  keep(): Promise<void>;
  /** Takes the lab down; nothing of it is left on the machine when this resolves. */
  down(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How many hosts join at once: more than a few overload one manager (80 at once left most in error, 3 none). */
export const JOINS_AT_ONCE = 3;

/** Opens the lab with this state folder. Throws when there is none. */
export async function openLab(dir: string): Promise<Lab> {
  const record = await recordOf(dir);
  const { sshKey, knownHosts } = labPaths(dir);
  const describe = ({ name, address }: HostRecord): LabHost => {
    return { name, address, socket: hostPaths(dir, name).socket, sshPort: 22 };
  };
  const hosts = record.hosts.map(describe);
  const host = (name: string) => found(hosts, name, record.name);
  // Read anew each time: another process may have added a host.
  const find = async (name: string) => {
    const lab = await recordOf(dir);
    return { lab, host: found(lab.hosts, name, lab.name) };
  };
  const noteManager = (name: string) =>
    changeRecord(dir, (lab) => ({ ...lab, managers: [...new Set([...lab.managers, name])] }));
  const down = () => withLock(labLock(record.name), () => removeLab(dirname(dir), record.name));

  return {
    name: record.name,
    dir,
    hosts,
    sshUser: 'root',
    sshKey,
    knownHosts,
    bridgeAddress: record.bridgeAddress,
    network: record.network,
    host,
    engine: (name) => engineOf(dir, host(name).name),
    initSwarm: async (manager) => {
      await initSwarm(dir, (await find(manager)).host);
      await noteManager(manager);
    },
    join: async (name, via, role = 'worker') => {
      await joinSwarm(dir, (await find(name)).host, (await find(via)).host, role);
      if (role === 'manager') await noteManager(name);
    },
    loadImages: async (names, refs = [...LAB_IMAGES]) => {
      const archive = imageArchive(refs);
      await each(names, JOINS_AT_ONCE, async (name) =>
        loadArchive(engineOf(dir, (await find(name)).host.name), archive),
      );
    },
    addHost: async (name) => {
      const added = await addHost(dir, name);
      const described = describe(added);
      hosts.push(described);
      return described;
    },
    faults: faultsOf(dir, find),
    exec: async (name, argv) => inHost(dir, (await find(name)).host.name, argv),
    writeConfig: async (path, options = {}) => {
      const lab = await recordOf(dir);
      const names = options.hosts ?? lab.hosts.map((each) => each.name);
      const inventory = names.map(
        (name) => [name, { address: found(lab.hosts, name, lab.name).address }] as const,
      );
      const config = {
        managers: options.managers ?? (lab.managers.length > 0 ? lab.managers : names.slice(0, 1)),
        ssh: { user: 'root', port: 22, key: sshKey, knownHosts },
        hosts: Object.fromEntries(inventory),
        // A lab's own people may do everything.
        roles: { everyone: { allow: ['read', 'change', 'destroy'] } },
        approvals: 'none',
        ...options.more,
      };
      await writeFile(path, stringify(config));
    },
    keep: async () => {
      await changeRecord(dir, (lab) => ({ ...lab, owner: null }));
    },
    down,
    [Symbol.asyncDispose]: down,
  };
}

async function addHost(dir: string, name: string): Promise<HostRecord> {
  checkName('host', name);
  const lab = await changeRecord(dir, (before) => {
    if (before.hosts.some((host) => host.name === name))
      throw new Error(`Lab ${before.name} has a host ${name} already.`);
    const numbers = before.hosts.map((host) => Number(host.address.split('.')[3]));
    const address = addressIn(before.network, Math.max(1, ...numbers) + 1);
    return { ...before, hosts: [...before.hosts, { name, address }] };
  });
  const host = found(lab.hosts, name, lab.name);
  const loginKey = await readFile(`${labPaths(dir).sshKey}.pub`, 'utf8');
  await bringUpHost(dir, lab, host, loginKey.trim(), archiveFor(lab));
  return host;
}

async function recordOf(dir: string): Promise<LabRecord> {
  const record = await readRecord(dir);
  if (!record) throw new Error(`No lab is up in ${dir}. See \`npm run lab -- status\`.`);
  return record;
}

function found<T extends { name: string }>(hosts: readonly T[], name: string, lab: string): T {
  const host = hosts.find((each) => each.name === name);
  if (!host)
    throw new Error(
      `Lab ${lab} has no host ${name}. Its hosts: ${hosts.map((each) => each.name).join(', ')}.`,
    );
  return host;
}
