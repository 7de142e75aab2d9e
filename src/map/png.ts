/**
 * The picture as PNG, drawn by a process of its own, with fonts of a package: no file of the machine is needed. In a
 * thread it took 150 MB more than the bot had, and most of that stayed when the thread had ended (measured).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { SwarmMap } from './model.ts';

const PROGRAM = fileURLToPath(new URL('png-program.ts', import.meta.url));
const PATIENCE_MS = 60_000;
/** As much of what the program says as explains why it failed. */
const MOST_WORDS = 2000;

/** @throws Error with the program's own words when it fails, or takes longer than a minute. */
export async function mapPng(map: SwarmMap): Promise<Uint8Array> {
  const { NODE_COMPILE_CACHE: cache } = process.env;
  const program = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM], {
    // None of the bot's secrets: it draws what it is told.
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(PATIENCE_MS),
    killSignal: 'SIGKILL',
  });
  // A program that is gone already does not read: its words say why.
  program.stdin.on('error', () => {});
  program.stdin.end(JSON.stringify(map));
  const [png, words, [code]] = await Promise.all([
    buffer(program.stdout),
    text(program.stderr),
    once(program, 'close') as Promise<[number | null]>,
  ]);
  if (code === 0) return png;
  throw new Error(`The picture could not be drawn: ${words.slice(-MOST_WORDS)}`);
}
