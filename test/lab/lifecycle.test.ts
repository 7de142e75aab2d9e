import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { must } from '../../lab/command.ts';
import { downLab, listLabs, startLab } from '../../lab/lab.ts';
import { labProcesses } from '../../lab/processes.ts';
import { uplinkName } from '../../lab/state.ts';
import { noLab, unlessLeftOut } from './able.ts';

type Traces = Record<string, string[]>;

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe.skipIf(noLab)(`the life of a lab${unlessLeftOut}`, { timeout: 60_000 }, () => {
  let folder: string;
  let root: string;

  beforeEach(async () => {
    folder = await mkdtemp('/var/lib/skl-test-');
    root = `${folder}/labs`;
  });
  afterEach(async () => {
    await Promise.all((await listLabs(root)).map((lab) => downLab(lab.name, root)));
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs in-private.ts where it sees only what it makes itself: own processes, mounts and network. */
  async function inPrivate(how: string): Promise<{ before: Traces; during: Traces; after: Traces }> {
    const reap = '"$@" & wait $!';
    const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const output = await must([
      'unshare',
      ...namespaces,
      'sh',
      '-c',
      reap,
      'sh',
      process.execPath,
      script('in-private.ts'),
      root,
      how,
    ]);
    return JSON.parse(output) as { before: Traces; during: Traces; after: Traces };
  }

  /** Nothing came, nothing went; only mounts of others may go, wherever they were copied to. */
  function expectSame(after: Traces, before: Traces): void {
    const { mounts: mountsAfter = [], ...restAfter } = after;
    const { mounts: mountsBefore = [], ...restBefore } = before;
    expect(restAfter).toEqual(restBefore);
    expect(mountsAfter.filter((mount) => !mountsBefore.includes(mount))).toEqual([]);
  }

  test('leaves the machine as it was', async () => {
    const { before, during, after } = await inPrivate('down');
    expect(during['processes']).toContain('dockerd');
    expect(during['processes']).toContain('containerd-shim');
    expect(during['links']).toHaveLength((before['links']?.length ?? 0) + 1);
    expect(during['groups']).not.toEqual([]);
    expectSame(after, before);
  });

  test.each([
    'lab.json',
    'switch',
    'h/a/etc',
    'h/a/cgroups',
    'h/a/init',
    'h/a/run/docker.pid',
    'h/a/run/docker.sock',
  ])('can be taken down after its owner was killed as %s appeared', async (moment) => {
    const { before, during, after } = await inPrivate(moment);
    expect(during).not.toEqual(before);
    expectSame(after, before);
  });

  test('ends with its dead owner when the next lab starts', async () => {
    const owner = await startOwner('orphan');
    owner.process.kill('SIGKILL');
    await once(owner.process, 'exit');
    expect(await listLabs(root)).toMatchObject([{ name: 'orphan', state: 'orphaned' }]);
    await using lab = await startLab({ dir: root, name: 'next', hosts: ['a'], images: false });
    expect(await listLabs(root)).toMatchObject([{ name: 'next', state: 'running' }]);
    expect(lab.network).toMatch(/^10\.213\.|^198\.18\./);
    expect(await labProcesses(`${root}/orphan`)).toEqual([]);
    expect(existsSync(`/sys/class/net/${uplinkName('orphan')}`)).toBe(false);
  });

  test('stays after its owner when it was kept, and a name serves one lab', async () => {
    await using lab = await startLab({ dir: root, name: 'kept', hosts: ['a'], images: false });
    await lab.keep();
    await expect(startLab({ dir: root, name: 'kept', hosts: ['a'] })).rejects.toThrow('lab -- down kept');
    expect(await listLabs(root)).toMatchObject([{ name: 'kept', state: 'kept', hosts: ['a'] }]);
    expect((await lab.engine('a').version()).Version).toMatch(/^\d+\./);
    await lab.down();
    await using again = await startLab({ dir: root, name: 'kept', hosts: ['a'], images: false });
    expect(again.hosts).toHaveLength(1);
  });

  test('two started at the same instant by two processes get along', async () => {
    const [one, two] = await Promise.all([startOwner('one'), startOwner('two')]);
    expect(one.network).not.toBe(two.network);
    expect(await listLabs(root)).toMatchObject([
      { name: 'one', state: 'running' },
      { name: 'two', state: 'running' },
    ]);
    // Ending one must not touch the other.
    one.process.stdin?.end();
    await once(one.process, 'exit');
    expect(await listLabs(root)).toMatchObject([{ name: 'two', state: 'running' }]);
    two.process.stdin?.end();
    expect(await once(two.process, 'exit')).toEqual([0, null]);
    expect(existsSync(root)).toBe(false);
  });

  test('an aborted start leaves nothing and says so', async () => {
    const abort = new AbortController();
    const started = startLab({ dir: root, name: 'aborted', hosts: ['a', 'b'], signal: abort.signal });
    started.catch(() => {});
    await expect.poll(() => existsSync(`${root}/aborted/h/a/init`), { timeout: 10_000 }).toBe(true);
    abort.abort(new Error('enough'));
    await expect(started).rejects.toThrow('enough');
    expect(await labProcesses(`${root}/aborted`)).toEqual([]);
    expect(existsSync(root)).toBe(false);
  });

  test.each(['Upper', 'a b', '../x', '', 'x'.repeat(33), '-a'])('refuses the name "%s"', async (name) => {
    await expect(startLab({ dir: root, name, hosts: ['a'] })).rejects.toThrow(/cannot name a lab/);
    await expect(startLab({ dir: root, name: 'fine', hosts: [name] })).rejects.toThrow(/cannot name a host/);
  });

  async function startOwner(name: string) {
    const child = spawn(process.execPath, [script('owner.ts'), root, name, 'a'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { process: child, network: said.toString().replace('up ', '').trim() };
  }
});
