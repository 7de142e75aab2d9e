/** A program that runs beside this one: its log goes to a file, it is ready when it says so, and it ends when told. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

export interface Program {
  pid: number;
  /** Its log so far. */
  log: () => Promise<string>;
  /** Resolves when it has printed a line with this text, now or before. */
  printed: (text: string) => Promise<void>;
  /** Sends the signal and resolves once the process is gone. */
  end: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  /** Resolves with its exit code when it is gone, null after a signal. */
  gone: Promise<number | null>;
}

export interface ProgramOptions {
  argv: [string, ...string[]];
  env: Record<string, string>;
  logFile: string;
  /** Whether this line of its output says that it does its work. */
  isReady: (line: string) => boolean;
  deadlineMs?: number;
}

/** Starts it and resolves when it is ready. @throws with the end of its log when it ends or says nothing in time. */
export async function startProgram({
  argv: [command, ...args],
  env,
  logFile,
  isReady,
  deadlineMs = 40_000,
}: ProgramOptions): Promise<Program> {
  // A group of its own: Ctrl-C reaches whoever started it, and that ends everything in order. Redis must not go first.
  const child: ChildProcess = spawn(command, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const file = createWriteStream(logFile, { flags: 'a' });
  const gone = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.once('error', () => resolve(127));
  });
  const log = (): Promise<string> => readFile(logFile, 'utf8');
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const printed: Program['printed'] = (text) =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!lines.some((line) => line.includes(text))) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  const ready = new Promise<'ready' | 'late'>((resolve) => {
    const timer = setTimeout(() => resolve('late'), deadlineMs);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        file.write(`${line}\n`);
        lines.push(line);
        for (const look of listeners) look();
        if (!isReady(line)) return;
        clearTimeout(timer);
        resolve('ready');
      });
    }
  });
  const end: Program['end'] = async (signal = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  const outcome = await Promise.race([ready, gone.then(() => 'gone' as const)]);
  if (outcome !== 'ready') {
    await end('SIGKILL');
    await new Promise((done) => file.end(done));
    throw new Error(
      `${command} ${args.at(-1) ?? ''} ${outcome === 'gone' ? 'ended' : 'was not ready in time'}:\n${(await log()).slice(-3000)}`,
    );
  }
  return { pid: child.pid ?? 0, log, printed, end, gone };
}
