import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { start } from './programs.ts';

const traces = () =>
  new Set(
    spawnSync('bash', ['setup/clean-room/traces.sh'], { encoding: 'utf8', maxBuffer: 2 ** 28 }).stdout.split(
      '\n',
    ),
  );

it.runIf(process.platform === 'linux')(
  'the clean room sees what was left running and lying around',
  async () => {
    const before = traces();
    const dir = mkdtempSync('/tmp/swarmkeeper-trace-');
    const { child, ended } = start('sleep', ['1234']);
    try {
      const found = [...traces()].filter((trace) => !before.has(trace));
      expect(found).toContain('process sleep: sleep 1234 ');
      expect(found).toContain(`file ${dir}`);
    } finally {
      child.kill('SIGKILL');
      await ended;
      rmSync(dir, { recursive: true });
    }
    const after = traces();
    expect(after).not.toContain('process sleep: sleep 1234 ');
    // It finds something of every kind that a machine always has.
    for (const kind of ['process ', 'network interface lo', 'mount /', 'setting net/'])
      expect([...after].some((trace) => trace.startsWith(kind))).toBe(true);
  },
);
