import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { newKeyPair } from '../../lab/sshd.ts';
import { startSystem, type System } from '../../demo/system/system.ts';
import { startLab, type Lab } from '../../lab/lab.ts';
import { fakeEngine } from '../hosts/own-sshd.ts';
import { leftOut } from './lab.ts';
import { refused } from './refused.ts';

/** Each host of the inventory with what is wrong about it: what is said, and what to check. */
const HOSTS: Record<string, { says: RegExp; check: RegExp }> = {
  dead: { says: /(no route to dead|dead does not answer)/, check: /Check that the host is up/ },
  rekeyed: {
    says: /The host key of rekeyed has changed/,
    check: /only if they agree have the operator replace/,
  },
  lockedout: { says: /lockedout refused to let root log in/, check: /authorized_keys on lockedout/ },
  socketless: {
    says: /The engine on socketless does not answer at its socket \/run\/nothing\.sock/,
    check: /systemctl status docker/,
  },
  ancient: {
    says: /The engine on ancient is 1\.11\.2; swarm mode needs 1\.12 or newer/,
    check: /Update Docker on ancient/,
  },
};

describe.skipIf(leftOut)(`hosts of the inventory that cannot be used ${leftOut ?? ''}`, () => {
  let lab: Lab;
  let system: System;
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-test-'));
    closers.push(() => rm(dir, { recursive: true }));
    lab = await startLab({ hosts: ['manager', ...Object.keys(HOSTS)], swarm: ['manager'], images: false });
    closers.push(() => lab.down());

    // The host's /run is a folder of this machine: what listens there is reached at /run/old.sock on the host.
    const old = await fakeEngine(
      join(dirname(lab.host('ancient').socket), 'old.sock'),
      (request, response) => {
        response.end(request.url === '/version' ? '{"Version":"1.11.2","ApiVersion":"1.23"}' : '{}');
      },
    );
    closers.push(() => old.stop());
    const otherKey = join(dir, 'other-key');
    await writeFile(otherKey, newKeyPair('stranger').private, { mode: 0o600 });

    const swarmConfig = join(dir, 'swarm.yaml');
    await lab.writeConfig(swarmConfig);
    const config = parse(await readFile(swarmConfig, 'utf8')) as { hosts: Record<string, object> };
    Object.assign(config.hosts['lockedout'] ?? {}, { ssh: { key: otherKey } });
    Object.assign(config.hosts['socketless'] ?? {}, { socket: '/run/nothing.sock' });
    Object.assign(config.hosts['ancient'] ?? {}, { socket: '/run/old.sock' });
    await writeFile(swarmConfig, stringify(config));
    await Promise.all([lab.faults.hostDies('dead'), lab.faults.changeHostKey('rekeyed')]);
    // Slack's limits on how fast a bot may write are another test's.
    system = await startSystem({ dir, swarmConfig, slack: { tierScale: 100 } });
    closers.push(() => system.stop());
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  for (const [host, { says, check }] of Object.entries(HOSTS)) {
    test.each(['info', 'join'])(`/swarm %s ${host}`, async (verb) => {
      const shown = await refused(system.slack, `${verb} ${host}`);
      expect(shown).toContain(`${verb} ${host}: `);
      expect(shown).toMatch(says);
      expect(shown).toMatch(check);
    });
  }

  test('nothing has joined, and a good host is as good as before', async () => {
    expect(await lab.engine('manager').listNodes()).toHaveLength(1);
    await system.slack.command('alice', 'ops', '/swarm info manager');
    const { text } = await system.slack.waitFor(({ text: words }) => words.startsWith('info manager: done'), {
      channel: 'ops',
    });
    expect(text).toContain('a manager of the swarm');
  });
});
