import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { CannotGoOn, Interrupted, say } from './speak.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** How often somebody who waits is told that it goes on, in ms. */
const REMINDER = 30_000;

/** How often it is looked whether npm is still there, in ms. */
const LOOK = 300;

/**
 * npm starts a script through a shell and passes SIGTERM to that shell, which dies of it without telling anybody: this
 * process is then left to itself, and so would be everything that it started.
 */
const npmShell = process.env.npm_lifecycle_event === undefined ? undefined : process.ppid;

/**
 * Runs a program in this process's place: same standard streams, signals passed on. Returns its exit code, 128 + N when
 * signal N ended it. It is always waited for, so that a program that cleans up on a signal can do so.
 */
export async function runInPlace([command, ...args], { env = process.env } = {}) {
  const child = spawn(command, args, { stdio: 'inherit', env });
  // Ctrl-C in a terminal reaches the whole group: a second SIGINT from here would look like somebody losing patience.
  const passOn = (signal) => void (signal === 'SIGINT' && hasTerminal() ? 0 : child.kill(signal));
  for (const signal of SIGNALS) process.on(signal, passOn);
  const look = setInterval(() => {
    if (npmShell === undefined || process.ppid === npmShell) return;
    clearInterval(look);
    child.kill('SIGTERM');
  }, LOOK);
  try {
    return await ended(child, command);
  } finally {
    clearInterval(look);
    for (const signal of SIGNALS) process.off(signal, passOn);
  }
}

/**
 * Runs a step of the installation, silently; returns its words. Throws CannotGoOn with `failure` below them when it
 * fails, and Interrupted after a signal. `uninterrupted`: only once the step is through, because half of it is worse.
 */
export async function runStep(
  [command, ...args],
  { env = process.env, cwd, failure, uninterrupted = false },
) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    cwd,
    // In a group of its own, Ctrl-C does not reach it.
    detached: uninterrupted,
  });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  let interrupted;
  const onSignal = (signal) => {
    if (interrupted === undefined && uninterrupted)
      say(`${command} is at work and must not be interrupted: this ends when it is done ...`);
    interrupted ??= signal;
    if (!uninterrupted) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const started = Date.now();
  const reminder = setInterval(() => say(`  ... still at it, ${secondsSince(started)} s`), REMINDER);
  try {
    const code = await ended(child, command);
    if (interrupted !== undefined) throw new Interrupted(interrupted);
    const words = Buffer.concat(output).toString().trim();
    if (code === 0) return words;
    throw new CannotGoOn(
      `${words === '' ? '' : `${words}\n\n`}${failure} (${command} ended with exit code ${code}.)`,
    );
  } finally {
    clearInterval(reminder);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

export function secondsSince(started) {
  return Math.round((Date.now() - started) / 1000);
}

function ended(child, command) {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new CannotGoOn(cannotStart(command, cause))));
    // `close`, not `exit`: the last words of the program are in by then.
    child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

function cannotStart(command, cause) {
  if (cause.code === 'ENOENT')
    return `${command} is not installed, or not on the PATH. Install it and try again.`;
  return `${command} cannot be started: ${cause.message}.`;
}

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
