import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type Answer } from '../../demo/people.ts';
import { until } from '../../lab/until.ts';
import { Secret } from '../../src/secret.ts';
import { runningByNode } from './engines.ts';
import { allKeys, findSecrets } from './leaks.ts';
import { leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

const ENDED = /: (done|not everything worked|failed|refused|cancelled|expired)\./;

describe.skipIf(leftOut)(`prune and rotate ${leftOut ?? ''}`, { timeout: 60_000 }, () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', 'fedora-01', 'spare', 'stranger'],
      swarm: ['manager', 'fedora-01'],
      system: { slack: { tierScale: 100 } },
    });
    const manager = bench.lab.engine('manager');
    await manager.createService({
      Name: 'websky',
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
      Mode: { Global: {} },
    });
    // On fedora-01 only a failover would bring it, and a rollback the image before.
    const pinned = await manager.createService({
      Name: 'pinned',
      TaskTemplate: {
        ContainerSpec: {
          Image: 'docker.io/library/my-apache2:2',
          Mounts: [{ Type: 'volume', Source: 'pinned-data', Target: '/data' }],
        },
        Placement: { Constraints: ['node.hostname == manager'] },
      },
      Mode: { Replicated: { Replicas: 1 } },
    });
    const { Version, Spec } = (await pinned.inspect()) as {
      Version: { Index: number };
      Spec: { TaskTemplate: { ContainerSpec: object } };
    };
    await pinned.update({
      _query: { version: Version.Index },
      _body: {
        ...Spec,
        TaskTemplate: {
          ...Spec.TaskTemplate,
          ContainerSpec: { ...Spec.TaskTemplate.ContainerSpec, Image: 'stubborn:latest' },
        },
      },
    });
    await until(async () => Object.keys(await runningByNode(bench.lab, 'websky')).length >= 2, {
      what: 'websky to run on both nodes',
      within: 30_000,
      every: 100,
    });
    for (const host of ['fedora-01', 'spare']) {
      await onHost(
        host,
        'run',
        '--name',
        'ended',
        'my-apache2:latest',
        'sh',
        '-c',
        'dd if=/dev/zero of=/big bs=1M count=3',
      );
      await onHost(host, 'create', '--name', 'about-to-start', 'my-apache2:latest');
      for (const volume of ['pinned-data', 'forgotten']) await onHost(host, 'volume', 'create', volume);
    }
    await bench.lab.initSwarm('stranger');
  });
  afterAll(() => bench?.stop());

  async function onHost(host: string, ...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await bench.lab.exec(host, ['docker', ...argv]);
    expect(code, stderr).toBe(0);
    return stdout;
  }
  const images = async (host: string) =>
    (await onHost(host, 'images', '--format', '{{.Repository}}:{{.Tag}}')).trim().split('\n').toSorted();
  const containers = async (host: string) =>
    (
      await onHost(
        host,
        'ps',
        '-a',
        '--filter',
        'name=ended',
        '--filter',
        'name=about',
        '--format',
        '{{.Names}}',
      )
    )
      .trim()
      .split('\n');
  const volumes = async (host: string) =>
    (await onHost(host, 'volume', 'ls', '--format', '{{.Name}}')).trim().split('\n').toSorted();
  const give = (line: string): Promise<Answer> =>
    command(bench.system.slack, 'alice', `/swarm ${line}`, 50_000);

  const ALL = ['my-apache2:2', 'my-apache2:latest', 'my-redis:latest', 'stubborn:latest'];

  it('shows what could go, and removes it at the press of a button', async () => {
    const { slack } = bench.system;
    const { shown, well, ts } = await give('prune fedora-01');
    expect(well, shown).toBe(true);
    expect(shown).toMatch(
      /fedora-01: 1 stopped container and 1 unused image could go, which frees at least 3(\.\d+)? MiB/,
    );
    expect(shown).toContain('Images: `my-redis:latest`');
    expect(shown).toMatch(
      /because a service names them: `my-apache2:2` and `stubborn:latest`\. Volumes are left alone/,
    );
    expect(await images('fedora-01')).toEqual(ALL);
    expect(await containers('fedora-01')).toContain('ended');

    const since = slack.messages('ops').at(-1)?.ts ?? '0';
    await slack.press('alice', 'Prune', { channel: 'ops', ts });
    const card = await slack.waitFor(
      ({ text }) => text.startsWith('prune fedora-01 --apply:') && ENDED.test(text),
      {
        channel: 'ops',
        since,
        timeoutMs: 50_000,
      },
    );
    expect(slack.renderText(card)).toMatch(
      /fedora-01: 1 stopped container and 1 unused image removed, 3(\.\d+)? MiB freed/,
    );
    expect(await images('fedora-01')).toEqual(ALL.filter((name) => name !== 'my-redis:latest'));
    expect(await containers('fedora-01')).toEqual(['about-to-start']);
    expect(await volumes('fedora-01')).toEqual(['forgotten', 'pinned-data']);
    expect(Object.keys(await runningByNode(bench.lab, 'websky'))).toContain('fedora-01');
  });

  it('removes volumes only when it is told to, and none that a service names', async () => {
    const { shown, well } = await give('prune fedora-01 --volumes --apply');
    expect(well, shown).toBe(true);
    expect(shown).toContain('fedora-01: 1 unused volume removed');
    expect(shown).toContain('Volumes: `forgotten`');
    expect(await volumes('fedora-01')).toEqual(['pinned-data']);
  });

  it('clears up several hosts, one outside the swarm too; a second time there is nothing', async () => {
    const { shown, well } = await give('prune spare,fedora-01 --apply');
    expect(well, shown).toBe(true);
    expect(shown).toMatch(/spare: 1 stopped container and 1 unused image removed/);
    expect(shown).toContain('fedora-01: nothing that nobody needs.');
    expect(await images('spare')).toEqual(ALL.filter((name) => name !== 'my-redis:latest'));
    expect((await give('prune spare --apply')).shown).toContain('spare: nothing that nobody needs.');
  });

  it.each([
    ['prune stranger', 'stranger is in another swarm', 'by hand'],
    ['prune nope', 'No host is called "nope".', 'swarm.yaml'],
  ])('refuses: %s', async (line, says, next) => {
    const shown = await refused(bench.system.slack, line);
    expect(shown).toContain(says);
    expect(shown).toContain(next);
  });

  it.each([
    ['rotate worker', ['Worker']],
    ['swarm join-token --rotate manager', ['Manager']],
    ['rotate worker manager', ['Worker', 'Manager']],
  ] as const)('%s: the tokens are new, and nobody sees them', async (line, changed) => {
    const before = await tokens();
    const { shown, well } = await give(line);
    expect(well, shown).toBe(true);
    expect(shown).toContain('nobody in any more.');
    const after = await tokens();
    const differ = (['Worker', 'Manager'] as const).filter(
      (role) => before[role].reveal() !== after[role].reveal(),
    );
    expect(differ).toEqual(changed);
    const secrets = Object.fromEntries(
      [before, after].flatMap(({ Worker, Manager }, at) => [
        [`worker ${at}`, Worker.reveal().slice(-25)],
        [`manager ${at}`, Manager.reveal().slice(-25)],
      ]),
    );
    const places = await allKeys(bench.system.redis.url);
    places.set('Slack', Buffer.from(bench.system.slack.transcript('ops')));
    expect(findSecrets(secrets, places)).toEqual([]);
  });

  it('refuses: rotate', async () => {
    expect(await refused(bench.system.slack, 'rotate')).toContain(
      '"rotate" needs "worker", "manager" or both.',
    );
    expect(await refused(bench.system.slack, 'rotate boss')).toContain('"boss" has no join token.');
  });

  async function tokens(): Promise<{ Worker: Secret; Manager: Secret }> {
    const { JoinTokens } = (await bench.lab.engine('manager').swarmInspect()) as {
      JoinTokens: { Worker: string; Manager: string };
    };
    return { Worker: new Secret(JoinTokens.Worker), Manager: new Secret(JoinTokens.Manager) };
  }
});
