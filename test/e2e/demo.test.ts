import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LINE_HELP } from '../../demo/lines.ts';
import { must, run } from '../../lab/command.ts';
import type { DemoRun } from './demo-in-private.ts';
import { leftOut } from './lab.ts';

const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

describe.skipIf(leftOut)(`npm run demo -- LINE... ${leftOut ?? ''}`, { timeout: 120_000 }, () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'swarmkeeper-test-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Runs the demo where it sees only what it makes itself: own processes, mounts, network and state of labs. */
  async function demo(lines: string[], interruptAt = ''): Promise<DemoRun> {
    const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    // Somebody has to be there who buries the dead.
    const reap = 'mount --bind "$0" /var/lib && "$@" & wait $!';
    const inside = [process.execPath, script('demo-in-private.ts'), interruptAt, ...lines];
    return JSON.parse(await must(['unshare', ...namespaces, 'sh', '-c', reap, folder, ...inside])) as DemoRun;
  }

  /** Nothing came, nothing went; only mounts of others may go, wherever they were copied to. */
  function expectNothingLeft({ before, after }: DemoRun): void {
    const { mounts: mountsAfter = [], ...restAfter } = after;
    const { mounts: mountsBefore = [], ...restBefore } = before;
    expect(restAfter).toEqual(restBefore);
    expect(mountsAfter.filter((mount) => !mountsBefore.includes(mount))).toEqual([]);
  }

  it('prints what #ops shows, ends with 0 when every line ended well, and leaves nothing behind', async () => {
    const ran = await demo([
      '/swarm join fedora-03',
      'bob clicks Approve',
      '/swarm scale websky 12',
      'wait for websky went from 3 to 12',
      'bob: /swarm info fedora-03',
      '/swarm info manager',
    ]);
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    const { stdout, stderr } = ran;
    const told = lines(stdout);
    expect(told.filter((line) => /^(alice|bob|wait)[ :]/.test(line))).toEqual([
      'alice: /swarm join fedora-03',
      'bob clicks Approve',
      'alice: /swarm scale websky 12',
      'wait for websky went from 3 to 12',
      'bob: /swarm info fedora-03',
      'alice: /swarm info manager',
    ]);
    expect(told).toEqual(
      expect.arrayContaining([
        '✔ Both sides agree',
        '✅ fedora-03 has joined the swarm as a worker, and both sides agree.',
        '✅ websky went from 3 to 12; all 12 tasks run.',
        ...['fedora-01', 'fedora-02', 'fedora-03', 'manager'].map((node) => `${node}  ▇▇▇ 3`),
        'Is Manager: false',
        'Is Manager: true',
        'Nodes: 4',
        'Raft: Snapshot Interval: 10000',
        'CA Expiry Duration: 3 months',
      ]),
    );
    expect(stdout).not.toContain('Taking everything down');
    expect(stderr).toContain('Taking everything down');
    expectNothingLeft(ran);
  });

  it('denies by a form, goes on at once in an emergency, and refuses alice her own approval', async () => {
    const ran = await demo([
      '/swarm join fedora-03',
      'bob clicks Deny',
      'bob writes not today',
      'carol: /swarm join fedora-04 --now --reason "fedora-01 is dying"',
      'wait for goes on without an approval in #ops',
      '/swarm join fedora-03',
      'alice clicks Approve',
      '/swarm nodes',
    ]);
    expect(ran, ran.stderr).toMatchObject({ code: 1 });
    const told = lines(ran.stdout);
    expect(told).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Why not\?: /),
        expect.stringMatching(/denied by @bob .*: not today$/),
        expect.stringMatching(/fedora-04 has joined the swarm as a worker/),
        expect.stringMatching(/^⛔ Nobody (approves|decides on) what they have asked for themselves/),
      ]),
    );
    expect(told).not.toContain('alice: /swarm nodes');
    expectNothingLeft(ran);
  });

  it('stops at the first line that does not end well, with 1, and leaves nothing behind', async () => {
    const ran = await demo(['host fedora-01 engine-dies', '/swarm info fedora-01', '/swarm nodes']);
    expect(ran, ran.stderr).toMatchObject({ code: 1 });
    expect(ran.stdout).toContain('host fedora-01 engine-dies\n\nalice: /swarm info fedora-01\n');
    expect(ran.stdout).toMatch(/⛔ info fedora-01: The engine on fedora-01 /);
    expect(ran.stdout).not.toContain('/swarm nodes');
    expectNothingLeft(ran);
  });

  it('takes everything down at Ctrl-C in the middle of a line', async () => {
    const ran = await demo(['/swarm scale websky 12', '/swarm nodes'], 'alice: /swarm scale websky 12');
    expect(ran, ran.stderr).toMatchObject({ code: 130 });
    expect(ran.stdout).not.toContain('went from 3 to 12');
    expect(ran.stdout).not.toContain('/swarm nodes');
    expect(ran.endedAfterMs).toBeLessThan(30_000);
    expectNothingLeft(ran);
  });
});

describe('npm run demo', () => {
  const demo = (...args: string[]) => run([process.execPath, script('../../demo/main.ts'), ...args]);

  it.skipIf(leftOut)('says what a line may be, with 2, before it starts anything', async () => {
    const { code, stdout, stderr } = await demo('/swarm nodes', 'make it so');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(`"make it so" is not a line that the demo understands.\n${LINE_HELP}\n`);
  });

  it('explains itself', async () => {
    const { code, stdout } = await demo('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('npm run demo -- LINE...');
    expect(stdout).toContain(LINE_HELP);
  });
});

function lines(shown: string): string[] {
  return shown.split('\n').map((line) => line.trim());
}
