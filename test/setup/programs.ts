/** Programs of the set-up as processes of their own, as a shell starts them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface Started {
  child: ChildProcess;
  output: () => string;
  /** Resolves once the output holds the text. @throws when it has not within 10 s. */
  says: (text: string) => Promise<void>;
  ended: Promise<{ code: number | null; signal: string | null }>;
}

export function start(command: string, args: string[], env: Record<string, string> = {}): Started {
  // A session of its own: it has no terminal, whoever runs the tests.
  const child = spawn(command, args, { detached: true, stdio: 'pipe', env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  return {
    child,
    output: () => output,
    ended,
    says: async (text) => {
      const late = AbortSignal.timeout(10_000);
      while (!output.includes(text)) {
        if (child.stdout.readableEnded || late.aborted)
          throw new Error(`It never said "${text}", but:\n${output}`);
        await once(child.stdout, 'data', { signal: late }).catch(() => {});
      }
    },
  };
}
