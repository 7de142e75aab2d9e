import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotGoOn } from './speak.mjs';

/** An installation takes minutes on a slow line; a lock older than this many ms has something wrong with it. */
const PATIENCE = 20 * 60_000;

/**
 * Runs `act` while no other process runs one with the same lock file (made, with its folder, and removed again).
 * A holder that died loses the lock. `onWait(pid)` is called once when there is somebody to wait for.
 * Throws CannotGoOn when the holder keeps it for longer than `patience` ms.
 *
 * @template T
 * @param {string} file
 * @param {() => T | Promise<T>} act
 * @param {{ onWait?: (pid: number) => void; patience?: number }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(file, act, { onWait = () => {}, patience = PATIENCE } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  const own = mark(process.pid);
  const deadline = Date.now() + patience;
  for (let waits = 0; !take(file, own); waits++) {
    const pid = Number.parseInt(contentOf(file) ?? '', 10);
    if (waits === 0) onWait(pid);
    if (Date.now() > deadline)
      throw new CannotGoOn(
        `Process ${pid} has held ${file} for too long. End it, or remove that file if it is not one of ours.`,
      );
    await sleep(100);
  }
  try {
    return await act();
  } finally {
    if (contentOf(file) === own) rmSync(file, { force: true });
  }
}

function take(file, own) {
  try {
    writeFileSync(file, own, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const seen = contentOf(file);
  if (seen !== undefined && isStale(file, seen)) discard(file, seen);
  return false;
}

/** Only one process can rename a file away; should it be a newer one than the one that was judged, it goes back. */
function discard(file, seen) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== seen) return renameSync(aside, file);
    rmSync(aside);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function isStale(file, seen) {
  if (seen.endsWith('\n')) {
    const pid = Number.parseInt(seen, 10);
    return !isAlive(pid) || mark(pid) !== seen;
  }
  // Its holder is between creating and writing it, which takes no time, or died right there.
  try {
    return Date.now() - statSync(file).mtimeMs > 10_000;
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** A process, told apart from a later one with the same pid where the system says when it started (Linux). */
function mark(pid) {
  try {
    // The command's name is in parentheses and may hold spaces: the fixed fields start after the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}\n`;
  } catch {
    return `${pid}\n`;
  }
}

function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
