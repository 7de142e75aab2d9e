import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../setup/lock.mjs';
import { CannotGoOn } from '../../setup/speak.mjs';
import { start } from './programs.ts';

let dir: string;
let lock: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-setup-'));
  lock = join(dir, 'setup.lock');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A process that runs the body while it holds the lock; the body may use `readFile`, `writeFile`, `sleep`. */
function holder(body: string) {
  const module = pathToFileURL('setup/lock.mjs').href;
  const text = `
    import { withLock } from ${JSON.stringify(module)};
    import { readFileSync as readFile, writeFileSync as writeFile } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const counter = ${JSON.stringify(join(dir, 'counter'))};
    await withLock(${JSON.stringify(lock)}, async () => { ${body} });`;
  return start(process.execPath, ['--input-type=module', '-e', text]);
}

describe('the lock of the set-up', () => {
  it('lets one process at a time in', async () => {
    await writeFile(join(dir, 'counter'), '0');
    const addOne =
      'const seen = Number(readFile(counter, "utf8")); await sleep(30); writeFile(counter, String(seen + 1));';
    const codes = await Promise.all(Array.from({ length: 8 }, () => holder(addOne).ended));
    expect(codes.map(({ code }) => code)).toEqual(Array.from({ length: 8 }, () => 0));
    expect(await readFile(join(dir, 'counter'), 'utf8')).toBe('8');
    await expect(readFile(lock)).rejects.toThrow('ENOENT');
  });

  it('passes from a holder that was killed to those who wait, one at a time', async () => {
    await writeFile(join(dir, 'counter'), '0');
    const dead = holder('console.log("in"); await sleep(60_000);');
    await dead.says('in');
    const addOne =
      'const seen = Number(readFile(counter, "utf8")); await sleep(30); writeFile(counter, String(seen + 1));';
    const waiting = Array.from({ length: 4 }, () => holder(addOne));
    dead.child.kill('SIGKILL');
    await Promise.all(waiting.map(({ ended }) => ended));
    expect(await readFile(join(dir, 'counter'), 'utf8')).toBe('4');
  });

  it('is taken from a later process that happens to have the pid of the dead holder', async () => {
    await writeFile(lock, `${process.pid} 1\n`);
    expect(await withLock(lock, () => 'in')).toBe('in');
  });

  it('names the one that is waited for, once, and gives up with a sentence', async () => {
    const live = holder('console.log("in"); await sleep(60_000);');
    await live.says('in');
    const waited: number[] = [];
    const giveUp = withLock(lock, () => {}, { onWait: (pid: number) => waited.push(pid), patience: 300 });
    await expect(giveUp).rejects.toThrow(CannotGoOn);
    await expect(giveUp).rejects.toThrow(`Process ${live.child.pid} has held`);
    expect(waited).toEqual([live.child.pid]);
    live.child.kill('SIGKILL');
  });

  it('is free again after what it guarded failed', async () => {
    await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock(lock, () => 'in')).toBe('in');
  });
});
