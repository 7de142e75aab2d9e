import { mkdir, readFile, readdir, rename, rmdir, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { withLock } from './lock.ts';

/** Where all labs of this machine keep their state, unless told otherwise. Short: a socket path has 107 bytes. */
export const STATE_ROOT = '/var/lib/swarmkeeper-lab';

/** A process, told apart from a later one with the same pid by its start time (field 22 of /proc/PID/stat). */
export interface ProcessMark {
  pid: number;
  startTime: string;
}

export interface HostRecord {
  name: string;
  address: string;
}

/** What lab.json holds: all that another process needs to use or to remove the lab. */
export interface LabRecord {
  name: string;
  network: string;
  bridgeAddress: string;
  /** Name of the machine's own interface into the lab's network. */
  uplink: string;
  storageDriver: 'overlay2' | 'vfs';
  /** Who takes the lab down; null when it was kept on purpose. */
  owner: ProcessMark | null;
  hosts: HostRecord[];
  /** Image references that a new host gets. */
  images: string[];
  /** Hosts that were made managers, the first one first. */
  managers: string[];
}

/** The files and folders of a lab. */
export function labPaths(dir: string) {
  return {
    dir,
    record: join(dir, 'lab.json'),
    sshKey: join(dir, 'id_ed25519'),
    knownHosts: join(dir, 'known_hosts'),
    switchPid: join(dir, 'switch'),
  };
}

/** The files and folders of a host; `run` is the host's /run, so the engine's socket is reachable from outside. */
export function hostPaths(labDir: string, host: string) {
  const folder = join(labDir, 'h', host);
  return {
    folder,
    init: join(folder, 'init'),
    cgroups: join(folder, 'cgroups'),
    bootLog: join(folder, 'boot.log'),
    etc: join(folder, 'etc'),
    etcWork: join(folder, 'etc.work'),
    home: join(folder, 'home'),
    log: join(folder, 'log'),
    engineLog: join(folder, 'log', 'dockerd.log'),
    run: join(folder, 'run'),
    socket: join(folder, 'run', 'docker.sock'),
    dataRoot: join(folder, 'docker'),
  };
}

/** The interface name of a lab's uplink: at most 15 characters, whatever the lab's name. */
export function uplinkName(lab: string): string {
  return `skl-${createHash('sha256').update(lab).digest('hex').slice(0, 10)}`;
}

/** The name of a lab's control groups, below the group of the process that started it. */
export function cgroupName(lab: string): string {
  return `swarmkeeper-lab-${lab}`;
}

/** Throws a sentence when a name cannot serve as a folder, a hostname and part of a socket path at once. */
export function checkName(kind: 'lab' | 'host', name: string): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
    throw new Error(
      `"${name}" cannot name a ${kind}: use 1 to 32 lower-case letters, digits and inner hyphens.`,
    );
  }
}

export async function readRecord(dir: string): Promise<LabRecord | undefined> {
  const text = await readFile(labPaths(dir).record, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LabRecord);
}

/** Replaces lab.json at once, so that a crash leaves the old or the new one. */
export async function writeRecord(dir: string, record: LabRecord): Promise<void> {
  const path = labPaths(dir).record;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
  await rename(`${path}.new`, path);
}

/** Reads, changes and writes lab.json with no other process in between. Returns what was written. */
export function changeRecord(dir: string, change: (record: LabRecord) => LabRecord): Promise<LabRecord> {
  return withLock(`record of ${dir}`, async () => {
    const record = await readRecord(dir);
    if (!record) throw new Error(`No lab is up in ${dir}.`);
    const changed = change(record);
    await writeRecord(dir, changed);
    return changed;
  });
}

/** Names of all labs under a state root, also of those that a crash left without a record. */
export async function labNames(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** Removes the state root itself once nothing is in it; a root with labs in it stays. */
export async function removeEmptyRoot(root: string): Promise<void> {
  await rmdir(root).catch(() => {});
}

/** The mark of a running process, or undefined when there is none with this pid (a zombie counts as gone). */
export function markProcess(pid: number): ProcessMark | undefined {
  try {
    // The command's name is in parentheses and may hold spaces: the fixed fields start after the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTime = fields[19];
    return fields[0] === 'Z' || startTime === undefined ? undefined : { pid, startTime };
  } catch {
    return undefined;
  }
}

export function isAlive(mark: ProcessMark): boolean {
  return markProcess(mark.pid)?.startTime === mark.startTime;
}
