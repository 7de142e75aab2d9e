import { readFile, rm, writeFile } from 'node:fs/promises';

/** The neighbour tables of all network namespaces together hold no more than gc_thresh3 entries: 1,024 by default. */
const WANTED = { gc_thresh1: 8192, gc_thresh2: 16384, gc_thresh3: 32768 };

type Saved = Record<string, { before: number; ours: number }>;

/** What was there before, for as long as the machine is up: the settings themselves last no longer. */
const NOTE = '/run/swarmkeeper-lab-neighbours.json';

/**
 * Makes room in the machine's neighbour tables, once for all labs, and notes what was there. Where the settings are out
 * of reach (in a container), small labs work anyway. The caller holds the machine's lock.
 */
export async function raiseNeighbourLimits(): Promise<void> {
  const saved = await readSaved();
  for (const [name, ours] of Object.entries(WANTED)) {
    const before = Number(await readFile(path(name), 'utf8').catch(() => 'NaN'));
    if (!(before < ours)) continue;
    saved[name] ??= { before, ours };
    await writeFile(NOTE, JSON.stringify(saved));
    await writeFile(path(name), String(ours)).catch(() => {});
  }
}

/** Puts back what `raiseNeighbourLimits` noted, unless somebody changed it since. For the last lab to go. */
export async function restoreNeighbourLimits(): Promise<void> {
  for (const [name, { before, ours }] of Object.entries(await readSaved())) {
    const now = Number(await readFile(path(name), 'utf8').catch(() => 'NaN'));
    if (now === ours) await writeFile(path(name), String(before)).catch(() => {});
  }
  await rm(NOTE, { force: true });
}

async function readSaved(): Promise<Saved> {
  return JSON.parse(await readFile(NOTE, 'utf8').catch(() => '{}')) as Saved;
}

const path = (name: string) => `/proc/sys/net/ipv4/neigh/default/${name}`;
