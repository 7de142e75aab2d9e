// Runs the demo in namespaces of its own (see demo.test.ts), where nothing else on the machine disturbs the comparison.
// Arguments: text in the demo's output upon which it gets SIGINT, or nothing; then the demo's own. Prints JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../../lab/command.ts';
import { STATE_ROOT } from '../../lab/state.ts';
import { traces } from '../lab/traces.ts';

/** How one run ended, and what it changed on the machine. */
export interface DemoRun {
  code: number | null;
  stdout: string;
  stderr: string;
  /** From SIGINT to its end. */
  endedAfterMs: number;
  before: Record<string, string[]>;
  after: Record<string, string[]>;
}

const [interruptAt = '', ...args] = process.argv.slice(2);
// A network namespace begins without any.
await must(['ip', 'link', 'set', 'lo', 'up']);
const before = await traces(STATE_ROOT);

const demo = spawn(
  process.execPath,
  [fileURLToPath(new URL('../../demo/main.ts', import.meta.url)), ...args],
  // Its own files lie where the traces are looked for.
  { env: { ...process.env, TMPDIR: dirname(STATE_ROOT) } },
);
let stdout = '';
let stderr = '';
let interruptedAt: number | undefined;
const look = (): void => {
  if (interruptAt === '' || interruptedAt !== undefined || !`${stdout}${stderr}`.includes(interruptAt))
    return;
  interruptedAt = performance.now();
  demo.kill('SIGINT');
};
demo.stdout.on('data', (chunk: Buffer) => {
  stdout += chunk.toString();
  look();
});
demo.stderr.on('data', (chunk: Buffer) => {
  stderr += chunk.toString();
  look();
});
const [code] = (await once(demo, 'close')) as [number | null];
const endedAfterMs = performance.now() - (interruptedAt ?? performance.now());
const run: DemoRun = { code, stdout, stderr, endedAfterMs, before, after: await traces(STATE_ROOT) };
process.stdout.write(JSON.stringify(run));
