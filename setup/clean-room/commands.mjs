import { spawn, spawnSync } from 'node:child_process';
import { CannotGoOn } from '../speak.mjs';

/** Runs an argv and returns its standard output. Throws CannotGoOn with its own words when it fails. */
export function must([command, ...args], { input } = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', input, maxBuffer: 2 ** 28 });
  if (done.status === 0) return done.stdout;
  const words = done.error?.message ?? (done.stderr || done.stdout).trim();
  throw new CannotGoOn(`\`${[command, ...args].join(' ')}\` failed: ${words}`);
}

/** As `must`, for things that take long, with output for whoever watches. Returns the exit code. */
export function watch([command, ...args], { signal, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'inherit', 'inherit'],
      signal,
    });
    child.stdin?.end(input);
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
