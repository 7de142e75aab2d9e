import { describe, expect, it } from 'vitest';
import { start } from './programs.ts';

/** The runner, with a program that is given as text. */
const program = (text: string) => [process.execPath, 'setup/run.mjs', '--npm-only', '-e', text] as const;
const run = (text: string) => {
  const [command, ...args] = program(text);
  return start(command, args);
};

/** An argv as a line for the shell. */
const quoted = (argv: readonly string[]): string =>
  argv.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');

/** Says "up", then counts the signals that reach it, and ends with the number of them a moment after the first. */
const COUNTS = `
  let count = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => { if (count++ === 0) setTimeout(() => { console.log('got ' + signal); process.exit(40 + count); }, 300); });
  setInterval(() => {}, 1000);
  console.log('up');`;

describe('the runner', () => {
  it('runs the pinned Node and ends with the exit code of the program', async () => {
    const { ended, output } = run('console.log(process.version); process.exit(3)');
    expect(await ended).toEqual({ code: 3, signal: null });
    expect(output()).toMatch(/^v24\./);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'passes %s on and waits until the program has taken its things down',
    async (signal) => {
      const { child, ended, output, says } = run(COUNTS);
      await says('up');
      child.kill(signal);
      expect(await ended).toEqual({ code: 41, signal: null });
      expect(output()).toContain(`got ${signal}`);
    },
  );

  it("ends the program when npm's shell has died of a signal that it told nobody of", async () => {
    const shell = start('sh', ['-c', `${quoted(program(COUNTS))}; true`], { npm_lifecycle_event: 'demo' });
    await shell.says('up');
    shell.child.kill('SIGTERM');
    await shell.says('got SIGTERM');
    expect(await shell.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it.runIf(process.platform === 'linux')(
    'leaves Ctrl-C to the terminal, so that the program gets it once',
    async () => {
      const { child, ended, says } = start('script', [
        '-qefc',
        `exec ${quoted(program(COUNTS))}`,
        '/dev/null',
      ]);
      await says('up');
      child.stdin?.write('\x03');
      expect(await ended).toEqual({ code: 41, signal: null });
    },
  );

  it('says with 128 + its number that a signal ended the program', async () => {
    const { ended } = run('process.kill(process.pid, "SIGKILL")');
    expect(await ended).toEqual({ code: 137, signal: null });
  });

  it('says in a sentence what it needs to be told', async () => {
    const { ended, output } = start(process.execPath, ['setup/run.mjs']);
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(output()).toBe('Name the program to run, for example: node setup/run.mjs demo/main.ts\n');
  });
});
