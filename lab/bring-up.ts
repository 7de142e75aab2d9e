import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { addressIn, pickNetwork } from './address.ts';
import { isOrphan, MACHINE_LOCK, removeLab } from './clean-up.ts';
import { engineOf, startEngine, storageDriverFor } from './engine.ts';
import { bootHost, layOutHost } from './host.ts';
import { imageArchive, loadArchive } from './images.ts';
import { withLock } from './lock.ts';
import { createSwitch, linked } from './network.ts';
import { createLoginKey, layOutSshd, startSshd } from './sshd.ts';
import type { HostRecord, LabRecord } from './state.ts';
import { hostPaths, labNames, labPaths, markProcess, readRecord, uplinkName, writeRecord } from './state.ts';
import { raiseNeighbourLimits } from './sysctl.ts';
import { each } from './until.ts';

/** A lab to come: names are checked already. */
export interface Plan {
  root: string;
  name: string;
  hosts: readonly string[];
  images: readonly string[];
}

/** An engine's start is a second of computing: more at once than this only makes each of them slower. */
const BOOTS_AT_ONCE = Math.max(4, 2 * availableParallelism());

/** A socket path holds 107 bytes and its end. */
const LONGEST_SOCKET = 107;

/**
 * Takes a name, an address range and a state folder for a lab, so that no other lab can, in this process's name. The
 * caller holds the lab's lock. Throws when the name is in use.
 */
export async function claim({ root, name, hosts, images }: Plan): Promise<LabRecord> {
  const dir = join(root, name);
  for (const host of hosts) {
    const { socket } = hostPaths(dir, host);
    if (Buffer.byteLength(socket) <= LONGEST_SOCKET) continue;
    throw new Error(
      `The socket path ${socket} is longer than ${LONGEST_SOCKET} bytes. Choose shorter names.`,
    );
  }
  if ((await labNames(root)).includes(name)) {
    if (!(await isOrphan(root, name))) {
      throw new Error(
        `A lab called ${name} is up already. Use another name, or \`npm run lab -- down ${name}\` first.`,
      );
    }
    await removeLab(root, name);
  }
  return withLock(MACHINE_LOCK, async () => {
    await mkdir(dir, { recursive: true });
    await chmod(root, 0o700);
    const others = await Promise.all((await labNames(root)).map((other) => readRecord(join(root, other))));
    const network = await pickNetwork(others.flatMap((other) => (other ? [other.network] : [])));
    const record: LabRecord = {
      name,
      network,
      bridgeAddress: addressIn(network, 1),
      uplink: uplinkName(name),
      storageDriver: await storageDriverFor(dir),
      owner: markProcess(process.pid) ?? null,
      hosts: hosts.map((host, i) => ({ name: host, address: addressIn(network, i + 2) })),
      images: [...images],
      managers: [],
    };
    await writeRecord(dir, record);
    await raiseNeighbourLimits();
    return record;
  });
}

/** Starts everything of a claimed lab but its swarm: the switch, then the hosts side by side. */
export async function bringUp(dir: string, lab: LabRecord, signal?: AbortSignal): Promise<void> {
  await createSwitch(dir, lab, signal);
  const loginKey = await createLoginKey(dir);
  await writeFile(labPaths(dir).knownHosts, '');
  const archive = archiveFor(lab);
  await each(lab.hosts, BOOTS_AT_ONCE, (host) => bringUpHost(dir, lab, host, loginKey, archive, signal));
}

/** Starts one host that is in the record: its folders, its namespaces, engine and sshd, its images. */
export async function bringUpHost(
  dir: string,
  lab: LabRecord,
  host: HostRecord,
  loginKey: string,
  archive: Buffer | undefined,
  signal?: AbortSignal,
): Promise<void> {
  await layOutHost(dir, host);
  await appendFile(labPaths(dir).knownHosts, await layOutSshd(dir, host, loginKey));
  await bootHost(dir, lab, host, signal);
  await Promise.all([startSshd(dir, host), startEngine(dir, lab, host.name, signal)]);
  if (archive) await loadArchive(engineOf(dir, host.name), archive);
  await linked(dir, host);
}

/** The images that every host of a lab gets, or undefined when it gets none. */
export function archiveFor(lab: LabRecord): Buffer | undefined {
  return lab.images.length > 0 ? imageArchive(lab.images) : undefined;
}
