import { spawn } from 'node:child_process';

/** What a finished command left: its output as text and its exit code (128 + signal when a signal ended it). */
export interface Outcome {
  stdout: string;
  stderr: string;
  code: number;
}

interface RunOptions {
  /** Text for the command's standard input; without it the input is empty. */
  input?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/** The folders in which Debian and Fedora keep what the lab runs; not the caller's PATH, which may name wrappers. */
export const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin';

/** Runs an argv and returns how it ended. Throws only when it could not be started or was aborted. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [command, ...args] = argv;
  if (command === undefined) throw new TypeError('An empty argv cannot be run.');
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const child = spawn(command, args, {
    env: options.env ?? { ...process.env, PATH: SYSTEM_PATH },
    stdio: 'pipe',
    ...(options.signal && { signal: options.signal }),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.on('error', reject);
  child.on('close', (code, signal) => {
    resolve({
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
      code: code ?? (signal ? 128 : 1),
    });
  });
  // A command that ends without reading its input closes the pipe; its exit code tells the story.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  return promise;
}

/** Runs an argv and returns its standard output. Throws, with the command and its own words, when it fails. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await run(argv, options);
  if (outcome.code !== 0) {
    const said = (outcome.stderr || outcome.stdout).trim() || 'it said nothing';
    throw new Error(`\`${argv.join(' ')}\` failed with exit code ${outcome.code}: ${said}`);
  }
  return outcome.stdout;
}
