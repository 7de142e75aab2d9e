import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command } from '../../demo/people.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

/** What is typed behind `/swarm`, what is said to it, and the next step. */
const LINES: [typed: string, says: string, next: string][] = [
  // No verb, an unknown one, words missing or too many.
  ['', 'What shall the swarm do?', '/swarm help'],
  ['scael websky 12', 'There is no command "scael".', 'Did you mean "/swarm scale"?'],
  ['mend everything', 'There is no command "mend".', ''],
  ['scale', '"scale" needs a service and its number of replicas', 'for example: `/swarm scale websky 12`'],
  ['join', '"join" needs one or more hosts of the inventory', 'for example: `/swarm join fedora-03`'],
  ['info manager fedora-01', 'There is a word too many: "fedora-01".', 'Usage: `/swarm info HOST'],
  ['join fedora-01 --force', '"join" has no option "--force".', 'Usage: `/swarm join HOST'],
  // Numbers.
  ['scale websky twelve', '"twelve" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky -1', '"-1" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky \u22121', '"-1" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky 1e9', '"1e9" is not a number of replicas.', 'from 0 to 1000'],
  ['scale websky 1001', '"1001" is more than the limit of 1000 replicas.', 'limits.replicas'],
  // Names that nobody has; the worker looks for services and nodes.
  ['info fedora-1', 'No host is called "fedora-1".', 'Did you mean fedora-01'],
  ['join fedora-[01-02]', 'No host is called "fedora-02".', 'Did you mean fedora-01'],
  ['scale webski 3', 'scale webski 3: No service is called webski', 'websky'],
  ['scale websky=2 webski=3', 'No service is called webski', 'websky'],
  ['ps webski', 'ps webski: No service or node is called webski', 'websky'],
  ['ps websky --node nowhere', 'nowhere', '/swarm nodes'],
  ['scale everywhere 3', 'everywhere is a global service', 'add or drain nodes'],
  ['cancel 23456789', 'There is no job "23456789".', '/swarm jobs'],
  // What telephones, clipboards and the ill-disposed send.
  ['😀', 'There is no command "😀".', ''],
  ['scale 😀 3', '"😀" cannot be the name of a service.', 'letters, digits'],
  ['scale websky \u0007\u001b[31m12', '"[31m12" is not a number of replicas.', 'from 0 to 1000'],
  [`info ${'x'.repeat(10_000)}`, 'That is 10005 characters; a command has at most 2000.', 'Shorten it:'],
  ['info $(reboot)', 'No host is called "$(reboot)".', 'swarm.yaml'],
  ['scale $(reboot) 3', '"$(reboot)" cannot be the name of a service.', 'letters, digits'],
  ['info `reboot`', 'No host is called "`reboot`".', 'swarm.yaml'],
  ['ps websky;reboot', 'No service or node is called websky;reboot', 'websky'],
  ['join "fedora-01', 'A quote (") is never closed.', 'Close it'],
  ['join \u2018fedora-01', "A quote (') is never closed.", 'Close it'],
  // What Slack makes of names: the bot gets references.
  ['info @alice', 'No host is called "alice".', 'swarm.yaml'],
  ['info @channel', 'No host is called "@channel".', 'swarm.yaml'],
  ['info #ops', 'No host is called "ops".', 'swarm.yaml'],
  ['info web.example.com', 'No host is called "web.example.com".', 'swarm.yaml'],
  ['info https://web.example.com/', 'No host is called "https://web.example.com/".', 'swarm.yaml'],
  ['info <!channel>', 'No host is called "<!channel>".', 'swarm.yaml'],
  ['<@U0EVERYONE|x>', 'There is no command "<@U0EVERYONE|x>".', ''],
];

describe.skipIf(leftOut)(`bad input, to a real swarm ${leftOut ?? ''}`, () => {
  let bench: Bench;
  let before: unknown;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', 'fedora-01'],
      swarm: ['manager'],
      // Slack's limits on how fast a bot may write are another test's.
      system: { slack: { tierScale: 100 } },
    });
    await createService(bench.lab, 'manager', 'websky', 1);
    await bench.lab.engine('manager').createService({
      Name: 'everywhere',
      TaskTemplate: { ContainerSpec: { Image: 'my-apache2:latest' } },
      Mode: { Global: {} },
    });
    before = await swarmOf(bench);
  });
  afterAll(() => bench?.stop());

  for (const [typed, says, next] of LINES) {
    test(`/swarm ${printable(typed)}`, async () => {
      const shown = await refused(bench.system.slack, typed);
      expect(shown).toContain(says);
      expect(shown).toContain(next);
      expect(shown.length).toBeLessThanOrEqual(320);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}]/u);
    });
  }

  test('each was answered once, and the swarm is as it was', async () => {
    // What comes after all of them has been carried out: nothing is still on its way.
    const { shown, well } = await command(bench.system.slack, 'alice', '/swarm services');
    expect(well, shown).toBe(true);
    expect(shown).toContain('websky');
    const answers = bench.system.slack.messages('ops').filter(({ ephemeral }) => ephemeral);
    expect(answers).toHaveLength(LINES.length);
    expect(await swarmOf(bench)).toEqual(before);
  });
});

function printable(typed: string): string {
  return JSON.stringify(typed.length > 60 ? `${typed.slice(0, 60)}…` : typed).slice(1, -1);
}

/** What somebody asked of the swarm, and the version that each service got with its last change. */
async function swarmOf({ lab }: Bench): Promise<unknown> {
  const engine = lab.engine('manager');
  const [services, nodes, fedora] = await Promise.all([
    engine.listServices(),
    engine.listNodes() as Promise<{ ID: string; Spec: unknown }[]>,
    lab.engine('fedora-01').info() as Promise<{ Swarm: { LocalNodeState: string } }>,
  ]);
  return {
    services: services.map(({ ID, Version, Spec }) => ({ ID, Version, Spec })),
    nodes: nodes.map(({ ID, Spec }) => ({ ID, Spec })),
    fedora: fedora.Swarm.LocalNodeState,
  };
}
