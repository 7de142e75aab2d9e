import { readdir, readFile } from 'node:fs/promises';
import type { ProcessMark } from './state.ts';
import { isAlive, markProcess } from './state.ts';
import { until } from './until.ts';

const KEY = 'SWARMKEEPER_LAB_DIR';

/**
 * The environment variable that every process which holds a lab's namespaces carries from its first moment. A pid in a
 * file may belong to somebody else by now, or a crash may have come before it was written; this cannot go wrong so.
 */
export function labMark(dir: string): Record<string, string> {
  return { [KEY]: dir };
}

/** The processes of this machine that hold namespaces of the lab with this state folder; without one, of any lab. */
export async function labProcesses(dir?: string): Promise<ProcessMark[]> {
  const isWanted = (entry: string) =>
    dir === undefined ? entry.startsWith(`${KEY}=`) : entry === `${KEY}=${dir}`;
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const marks = await Promise.all(
    pids.map(async (pid) =>
      (await environmentOf(pid)).some(isWanted) ? markProcess(Number(pid)) : undefined,
    ),
  );
  return marks.filter((mark) => mark !== undefined);
}

/** True when the process with this pid belongs to the lab with this state folder. */
export async function belongsToLab(pid: number, dir: string): Promise<boolean> {
  return (await environmentOf(String(pid))).includes(`${KEY}=${dir}`) && markProcess(pid) !== undefined;
}

/**
 * Kills processes and waits until the kernel has let go of them. The first process of a pid namespace is gone only
 * when everything in that namespace is: engine, shims, containers.
 */
export async function killAndWait(marks: readonly ProcessMark[]): Promise<void> {
  for (const mark of marks.filter(isAlive)) {
    try {
      process.kill(mark.pid, 'SIGKILL');
    } catch (error) {
      // Between the look and the kill it may have ended by itself.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  await until(() => !marks.some(isAlive), {
    what: 'the processes of a lab to end',
    within: 20_000,
    every: 10,
  });
}

async function environmentOf(pid: string): Promise<string[]> {
  // Unreadable: a kernel thread, a process that ended, or one of somebody else. None is the lab's.
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return text.split('\0');
}
