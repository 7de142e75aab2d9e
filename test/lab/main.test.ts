import { mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../lab/command.ts';
import { attachLab, downLab, listLabs } from '../../lab/lab.ts';
import { noLab, unlessLeftOut } from './able.ts';

const MAIN = fileURLToPath(new URL('../../lab/main.ts', import.meta.url));

describe.skipIf(noLab)(`the lab's command line${unlessLeftOut}`, { timeout: 60_000 }, () => {
  let root: string;

  beforeAll(async () => {
    root = await mkdtemp('/var/lib/skl-test-');
  });
  afterAll(async () => {
    await Promise.all((await listLabs(root)).map((lab) => downLab(lab.name, root)));
    await rm(root, { recursive: true, force: true });
  });

  const lab = (...words: string[]) => run([process.execPath, MAIN, ...words, '--dir', root]);

  test(
    'up stays after the command, status describes it, faults come and go, down ends it',
    { timeout: 90_000 },
    async () => {
      const up = await lab('up', '--hosts', '4', '--name', 'line');
      expect(up.stderr).toBe('');
      expect(up.stdout).toContain('manager, fedora-01, fedora-02 in a swarm, fedora-03 outside it.');

      const [described] = JSON.parse((await lab('status')).stdout) as {
        name: string;
        state: string;
        hosts: unknown[];
      }[];
      expect(described).toMatchObject({ name: 'line', state: 'kept' });
      expect(described?.hosts[3]).toMatchObject({
        name: 'fedora-03',
        address: expect.stringMatching(/^\d+\.\d+\.\d+\.5$/) as string,
        socket: `${root}/line/h/fedora-03/run/docker.sock`,
        sshKey: `${root}/line/id_ed25519`,
        knownHosts: `${root}/line/known_hosts`,
      });

      const answers = async (host: string) => {
        const engine = (await attachLab('line', root)).engine(host);
        return engine.ping().then(
          () => true,
          () => false,
        );
      };
      expect((await lab('fault', 'fedora-02', 'engine-dies')).code).toBe(0);
      expect([await answers('fedora-01'), await answers('fedora-02')]).toEqual([true, false]);
      expect((await lab('fault', 'fedora-01', 'host-dies', '--name', 'line')).code).toBe(0);
      expect(await answers('fedora-01')).toBe(false);
      for (const host of ['fedora-01', 'fedora-02'])
        expect((await lab('fault', host, 'comes-back')).code).toBe(0);
      expect([await answers('fedora-01'), await answers('fedora-02')]).toEqual([true, true]);

      expect(await lab('down')).toMatchObject({ code: 0, stdout: 'Lab line is down.\n' });
      expect((await lab('down')).stdout).toBe('No lab is up.\n');
      expect((await lab('status')).stdout).toBe('[]\n');
    },
  );

  test.each([
    [['up', '--hosts', '0'], '--hosts takes a number'],
    [['up', '--name', 'No Good'], 'cannot name a lab'],
    [['down', 'nothing'], 'There is no lab nothing.'],
    [['fault', 'fedora-01', 'host-dies'], 'Say which lab with --name.'],
    [['fault', 'fedora-01', 'explodes'], 'Name a host and one of engine-dies'],
    [['dance'], 'There is no "lab dance".'],
    [['up', '--dance'], "Unknown option '--dance'"],
    [[], 'npm run lab -- up'],
  ])('%j is answered in a sentence, without a stack trace', async (words, sentence) => {
    const { code, stderr } = await lab(...words);
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});
