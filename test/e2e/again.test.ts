/** Jobs looked at and asked for again, by words and by buttons; no swarm is needed for that. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { command } from '../../demo/people.ts';
import { startSystem, type System } from '../../demo/system/system.ts';

const INVENTORY = {
  managers: ['manager'],
  ssh: { key: 'key', knownHosts: 'known_hosts' },
  hosts: { manager: { address: '192.0.2.1' } },
  // Who may do what is looked at elsewhere.
  roles: { everyone: { allow: ['read', 'change', 'destroy'] } },
  approvals: 'none',
};

describe('a job of before', { timeout: 60_000 }, () => {
  let dir: string;
  let system: System;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-test-'));
    const swarmConfig = join(dir, 'swarm.yaml');
    await writeFile(swarmConfig, stringify(INVENTORY));
    // Nobody carries the jobs out: they wait until they are cancelled.
    system = await startSystem({ dir, swarmConfig, workers: 0 });
  });
  afterAll(async () => {
    await system?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const swarm = async (user: 'alice' | 'bob', line: string): Promise<string> =>
    (await command(system.slack, user, `/swarm ${line}`, 10_000)).shown;
  const cards = (): string[] =>
    system.slack.messages('ops', { as: 'carol' }).map((message) => system.slack.renderText(message));

  /** Types a command that is posted, and gives its card and its ID. */
  async function posted(line: string): Promise<string> {
    const before = cards().length;
    await system.slack.command('alice', 'ops', `/swarm ${line}`);
    await expect.poll(() => cards().length, { timeout: 10_000 }).toBe(before + 1);
    return /(?<id>[2-9a-z]{8})`?\s*$/u.exec(cards().at(-1) ?? '')?.groups?.['id'] ?? '';
  }

  it('is shown with who asked, its steps and what can be done about it', async () => {
    const id = await posted('scale websky=3 api=2');
    const shown = await swarm('bob', `job ${id}`);
    expect(shown).toContain('scale websky=3 api=2');
    expect(shown).toContain('@alice');
    expect(shown).toContain('[Cancel]');
    await swarm('alice', `cancel ${id}`);
    expect(await swarm('bob', `job ${id}`)).toMatch(/cancelled[\s\S]*\[Retry\]/u);
  });

  it('is carried out again for the person who presses Retry, as it was and under a new ID', async () => {
    const id = await posted('create web my-apache2:latest --env PASSWORD=opensesame');
    await swarm('alice', `cancel ${id}`);
    await swarm('bob', `job ${id}`);
    const before = cards().length;
    await system.slack.press('bob', 'Retry', { channel: 'ops' });
    await expect.poll(() => cards().length, { timeout: 10_000 }).toBe(before + 1);
    const again = cards().at(-1) ?? '';
    expect(again).toContain('create web my-apache2:latest --env PASSWORD=…');
    expect(again).toContain('@bob');
    expect(again).not.toContain(id);
    expect(JSON.stringify(system.slack.messages('ops'))).not.toContain('opensesame');
  });

  it('cannot be asked for again before it has ended, nor when it is not known', async () => {
    const id = await posted('scale websky 4');
    expect(await swarm('bob', `retry ${id}`)).toContain('has not ended yet');
    expect(await swarm('bob', 'retry ab12cd34')).toContain('There is no job "ab12cd34" to try again.');
    expect(await swarm('bob', 'job ab12cd34')).toContain('There is no job "ab12cd34".');
  });
});
