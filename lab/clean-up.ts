import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { withLock } from './lock.ts';
import { removeUplink } from './network.ts';
import { killAndWait, labProcesses } from './processes.ts';
import {
  cgroupName,
  hostPaths,
  isAlive,
  labNames,
  labPaths,
  readRecord,
  removeEmptyRoot,
  uplinkName,
} from './state.ts';
import { readdir } from 'node:fs/promises';
import { restoreNeighbourLimits } from './sysctl.ts';
import { until } from './until.ts';

/** The lock that guards everything labs share: address ranges, settings of the machine, the state root. */
export const MACHINE_LOCK = 'machine';

/** The lock that is held while a lab is put up or taken down. */
export const labLock = (name: string) => `lab ${name}`;

/**
 * Removes everything a lab left on the machine, whatever state a crash left it in; what is gone already is fine. When
 * it returns, the lab's names are free for a new one. The caller holds the lab's lock.
 */
export async function removeLab(root: string, name: string): Promise<void> {
  const dir = join(root, name);
  // Everything else of a lab ends with these: mounts, interfaces, routes and rules live in their namespaces.
  for (let left = await labProcesses(dir); left.length > 0; left = await labProcesses(dir))
    await killAndWait(left);
  await removeUplink(uplinkName(name));
  await removeCgroups(dir, name);
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  await withLock(MACHINE_LOCK, async () => {
    const lastOne = (await labNames(root)).length === 0 && (await labProcesses()).length === 0;
    if (lastOne) await restoreNeighbourLimits();
    await removeEmptyRoot(root);
  });
}

/** Takes down the labs whose owner is dead, so that a crashed run costs the next one nothing but this. */
export async function removeOrphans(root: string): Promise<void> {
  const orphans = await withLock(MACHINE_LOCK, async () => {
    const names = await labNames(root);
    const orphaned = await Promise.all(names.map((name) => isOrphan(root, name)));
    return names.filter((_, i) => orphaned[i]);
  });
  await Promise.all(
    orphans.map((name) =>
      withLock(labLock(name), async () => {
        // By now another process may have removed it, and put up a new one.
        if (await isOrphan(root, name)) await removeLab(root, name);
      }),
    ),
  );
}

/** True for a lab whose owner is dead, and for a folder that holds no record at all. */
export async function isOrphan(root: string, name: string): Promise<boolean> {
  const record = await readRecord(join(root, name));
  return record === undefined || (record.owner !== null && !isAlive(record.owner));
}

/** Removes the control groups that the hosts noted before they made them. */
async function removeCgroups(dir: string, name: string): Promise<void> {
  const hosts = await readdir(join(labPaths(dir).dir, 'h')).catch(() => []);
  const notes = await Promise.all(
    hosts.map((host) => readFile(hostPaths(dir, host).cgroups, 'utf8').catch(() => '')),
  );
  const lines = [...new Set(notes.flatMap((note) => note.split('\n')))].filter((line) => line !== '');
  if (lines.length === 0) return;
  const remove = async () => {
    const result = await run(['unshare', '--mount', 'sh', '-c', REMOVE_CGROUPS, cgroupName(name)], {
      input: `${lines.join('\n')}\n`,
    });
    return result.stdout === '';
  };
  // A group stays busy for a moment after its last process died.
  await until(remove, {
    what: `the control groups of lab ${name} to become empty`,
    within: 10_000,
    every: 50,
  });
}

/** Reads lines of /proc/PID/cgroup, removes the group called $0 below each path, and prints those that are left. */
const REMOVE_CGROUPS = `
while IFS=: read -r number controllers path; do
  case $controllers in
  '') mount -t cgroup2 cgroup2 /sys/fs/cgroup ;;
  name=*) mount -t cgroup -o "none,$controllers" cgroup /sys/fs/cgroup ;;
  *) mount -t cgroup -o "$controllers" cgroup /sys/fs/cgroup ;;
  esac 2>/dev/null || continue
  group=/sys/fs/cgroup\${path%/}/$0
  [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
  [ ! -d "$group" ] || echo "$group"
  umount /sys/fs/cgroup
done`;
