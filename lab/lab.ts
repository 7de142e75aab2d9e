import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { bringUp, claim } from './bring-up.ts';
import { isOrphan, labLock, removeLab, removeOrphans } from './clean-up.ts';
import { LAB_IMAGES } from './images.ts';
import { withLock } from './lock.ts';
import { canRunLab } from './machine.ts';
import type { Lab } from './running-lab.ts';
import { JOINS_AT_ONCE, openLab } from './running-lab.ts';
import { checkName, labNames, readRecord, STATE_ROOT } from './state.ts';
import { each } from './until.ts';

export { canRunLab } from './machine.ts';
export { LAB_IMAGES } from './images.ts';
export type { Lab } from './running-lab.ts';
export type { Faults } from './faults.ts';

export interface StartOptions {
  /** Lower-case letters, digits, hyphens. Without it the lab gets a name that no other has. */
  name?: string;
  hosts: string[];
  /** The folder under which labs keep their state, instead of /var/lib/swarmkeeper-lab. Not in /root, /run or /etc. */
  dir?: string;
  /** Image references for every host: all that the lab makes by default, none with false. */
  images?: string[] | false;
  /** The first becomes the manager of a new swarm, the others join it as workers. */
  swarm?: string[];
  /** Ends the start; what was started by then is taken down. */
  signal?: AbortSignal;
}

export interface LabSummary {
  name: string;
  dir: string;
  /** running: its owner lives. kept: it stays until it is taken down. orphaned: its owner died. */
  state: 'running' | 'kept' | 'orphaned';
  hosts: string[];
}

/**
 * Puts up a lab owned by this process, after taking down those whose owner is dead. Throws, with nothing left behind,
 * when the machine cannot carry it, the name is taken, a host does not start, or the signal aborts.
 */
export async function startLab(options: StartOptions): Promise<Lab> {
  const able = canRunLab();
  if (!able.ok) throw new Error(able.why);
  const { hosts, signal, swarm = [], dir: root = STATE_ROOT } = options;
  const name = options.name ?? `lab-${randomBytes(4).toString('hex')}`;
  checkName('lab', name);
  for (const host of hosts) checkName('host', host);
  const stranger = swarm.find((host) => !hosts.includes(host));
  if (stranger !== undefined)
    throw new Error(`${stranger} cannot be in the swarm: it is not among the lab's hosts.`);
  await removeOrphans(root);
  return withLock(
    labLock(name),
    async () => {
      const record = await claim({ root, name, hosts, images: (options.images ?? LAB_IMAGES) || [] });
      try {
        const dir = join(root, name);
        await bringUp(dir, record, signal);
        const lab = await openLab(dir);
        await makeSwarm(lab, swarm, signal);
        return lab;
      } catch (error) {
        await removeLab(root, name);
        throw error;
      }
    },
    { signal },
  );
}

async function makeSwarm(
  lab: Lab,
  [manager, ...workers]: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  if (manager === undefined) return;
  await lab.initSwarm(manager);
  await each(workers, JOINS_AT_ONCE, (worker) => {
    signal?.throwIfAborted();
    return lab.join(worker, manager);
  });
}

/** Picks up a lab that another process put up. Throws when there is none of this name. */
export async function attachLab(name: string, root = STATE_ROOT): Promise<Lab> {
  checkName('lab', name);
  return openLab(join(root, name));
}

/** Takes a lab down, in whatever state it is. One that does not exist is down already. */
export async function downLab(name: string, root = STATE_ROOT): Promise<void> {
  checkName('lab', name);
  await withLock(labLock(name), () => removeLab(root, name));
}

/** All labs of this machine, by name. */
export async function listLabs(root = STATE_ROOT): Promise<LabSummary[]> {
  const names = (await labNames(root)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const dir = join(root, name);
      const record = await readRecord(dir);
      const state = (await isOrphan(root, name)) ? 'orphaned' : record?.owner ? 'running' : 'kept';
      return { name, dir, state, hosts: record?.hosts.map((host) => host.name) ?? [] };
    }),
  );
}
