import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../demo/people.ts';
import { until } from '../../lab/until.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';
import { nodesOf, runningByNode } from './engines.ts';
import { refused } from './refused.ts';

describe.skipIf(leftOut)(`/swarm why ${leftOut ?? ''}`, { timeout: 90_000 }, () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', 'fedora-01', 'fedora-02', 'spare'],
      swarm: ['manager', 'fedora-01', 'fedora-02'],
      // Slack's limits on how fast a bot may write are another test's.
      system: { slack: { tierScale: 100 } },
    });
    const { lab } = bench;
    await createService(lab, 'manager', 'websky', 2);
    await lab.engine('manager').createService({
      Name: 'picky',
      TaskTemplate: {
        ContainerSpec: { Image: 'my-apache2:latest' },
        Placement: { Constraints: ['node.labels.gpu == yes'] },
      },
      Mode: { Replicated: { Replicas: 2 } },
    });
    await until(
      async () => Object.values(await runningByNode(lab, 'websky')).reduce((a, b) => a + b, 0) === 2,
      {
        what: 'websky to run',
        within: 30_000,
      },
    );
  });
  afterAll(() => bench?.stop());

  async function ask(name: string): Promise<string> {
    const { shown, well } = await command(bench.system.slack, 'alice', `/swarm why ${name}`, 45_000);
    expect(well, shown).toBe(true);
    return shown;
  }

  it('says of a healthy service that it is well, and where it runs', async () => {
    const shown = await ask('websky');
    expect(shown).toContain('websky is well: all its 2 tasks run.');
    expect(shown).toMatch(/It runs on [\w-]+ \(\d\)/);
  });

  it('names the constraint and the node that comes nearest, with the label as a button', async () => {
    const shown = await ask('picky');
    expect(shown).toContain('picky is down: none of its 2 tasks runs.');
    expect(shown).toContain('node.labels.gpu == yes');
    expect(shown).toContain('[Add the label to ');
  });

  it('says of a healthy node that it is ready, by what its managers and its engine say', async () => {
    const shown = await ask('manager');
    expect(shown).toContain('manager is ready: the leader.');
  });

  it('says of a host that it is in no swarm, and offers to join it', async () => {
    const shown = await ask('spare');
    expect(shown).toContain('spare is in no swarm.');
    expect(shown).toContain('[Join]');
  });

  it('refuses a name that nothing has, with the nearest', async () => {
    expect(await refused(bench.system.slack, 'why webski')).toContain('Did you mean websky?');
  });

  it('tells an engine that died from a host that did', async () => {
    await bench.lab.faults.engineDies('fedora-02');
    await until(
      async () =>
        (await nodesOf(bench.lab)).some(
          ({ Description, Status }) => Description.Hostname === 'fedora-02' && Status.State === 'down',
        ),
      { what: 'the managers to call fedora-02 down', within: 40_000, every: 100 },
    );
    const shown = await ask('fedora-02');
    expect(shown).toContain('fedora-02, a worker, is down (heartbeat failure');
    expect(shown).toContain('The engine of fedora-02 does not run');
    expect(shown).toContain('systemctl start docker');
  });

  it('says what is left when the only manager is gone', async () => {
    await bench.lab.faults.engineDies('manager');
    const shown = await ask('websky');
    expect(shown).toContain('no manager speaks for it');
    expect(shown).toContain('[Why manager?]');
    // A job that fails for it can be given again with one press.
    expect(await refused(bench.system.slack, 'scale websky 3')).toContain('[Retry]');
  });
});
