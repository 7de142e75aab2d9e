import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startSystem, type System } from '../../demo/system/system.ts';

/** Nobody carries anything out here: a host that is only named is enough. */
const INVENTORY = {
  managers: ['manager'],
  ssh: { key: 'key', knownHosts: 'known_hosts' },
  hosts: { manager: { address: '192.0.2.1' } },
};

describe('Socket Mode', { timeout: 60_000 }, () => {
  let dir: string;
  let system: System;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-test-'));
    const swarmConfig = join(dir, 'swarm.yaml');
    await writeFile(swarmConfig, stringify(INVENTORY));
    // Slack's limits on how fast a bot may write are another test's.
    system = await startSystem({ dir, swarmConfig, workers: 0, slack: { tierScale: 1000 } });
    system.slack.faults.holdTcpAfterClose(true);
  });
  afterAll(async () => {
    await system?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const connected = (): Promise<unknown> =>
    expect.poll(() => system.slack.socketCount(), { timeout: 20_000 }).toBe(2);

  const newest = (): string => system.slack.messages('ops').at(-1)?.ts ?? '0';
  const cards = (since: string): number =>
    system.slack.messages('ops', { since }).filter(({ ephemeral }) => !ephemeral).length;
  const refusedBySlack = ({ text }: { text: string }): boolean => text.includes('failed with the error');

  /** Types commands one after the other until `stop`; gives how many. */
  function typeOn(): { stop: () => Promise<number> } {
    const enough = new AbortController();
    const typing = (async () => {
      let typed = 0;
      for (; !enough.signal.aborted; typed += 1) {
        await system.slack.command('alice', 'ops', typed % 2 === 0 ? '/swarm jobs' : '/swarm nodes');
        // As fast as a busy channel; a command in every moment would only be a load test.
        await sleep(10);
      }
      return typed;
    })();
    return {
      stop: () => {
        enough.abort();
        return typing;
      },
    };
  }

  it('keeps two sockets open', async () => {
    await connected();
    expect(system.slack.counts['apps.connections.open']).toBe(2);
  });

  it('loses no command while Slack renews one socket after the other', async () => {
    await connected();
    const { slack } = system;
    const since = newest();
    const typing = typeOn();
    for (let renewed = 0; renewed < 2; renewed += 1) {
      slack.faults.disconnectSockets('refresh_requested', 1);
      await connected();
    }
    const typed = await typing.stop();
    expect(typed).toBeGreaterThan(1);
    await expect.poll(() => cards(since), { timeout: 20_000 }).toBe(Math.floor(typed / 2));
    const told = slack.messages('ops', { since });
    expect(told.filter(refusedBySlack)).toEqual([]);
    expect(told).toHaveLength(typed);
  });

  it('is back at once when Slack renews both together; whom it could not hear meanwhile is told by Slack', async () => {
    await connected();
    const { slack } = system;
    const since = newest();
    const typing = typeOn();
    const began = performance.now();
    slack.faults.disconnectSockets();
    await connected();
    // socket-mode 3.1 by itself: 5 s, and 20 s where Slack leaves TCP open.
    expect(performance.now() - began).toBeLessThan(4000);
    const typed = await typing.stop();
    await expect.poll(() => slack.messages('ops', { since }).length, { timeout: 20_000 }).toBe(typed);
    // Not one is taken and never acknowledged: that would be an operation_timeout.
    const refused = slack.messages('ops', { since }).filter(refusedBySlack);
    expect(refused.filter(({ text }) => !text.includes('dispatch_failed'))).toEqual([]);
    await slack.command('alice', 'ops', '/swarm help');
    expect(slack.messages('ops').at(-1)?.text).toContain('Commands: status');
  });

  it('connects again when the sockets break without a word', async () => {
    await connected();
    const { slack } = system;
    slack.faults.dropSockets();
    expect(slack.socketCount()).toBe(0);
    await connected();
    await slack.command('alice', 'ops', '/swarm help');
    expect(slack.messages('ops').at(-1)?.text).toContain('Commands: status');
  });

  it('does not storm a Slack that turns every connection away', async () => {
    await connected();
    const { slack } = system;
    const opened = (): number => slack.counts['apps.connections.open'] ?? 0;
    const before = opened();
    const end = performance.now() + 3000;
    while (performance.now() < end) {
      slack.faults.disconnectSockets('too_many_websockets');
      await nextTurn();
    }
    expect(opened() - before).toBeGreaterThan(0);
    expect(opened() - before).toBeLessThan(20);
    await connected();
  });

  it('ends when it is told to, also while Slack is down', async () => {
    await connected();
    const { slack, bots } = system;
    await slack.faults.down();
    await bots[0]?.printed('no connection to Slack');
    const told = performance.now();
    await bots[0]?.end('SIGTERM');
    expect(await bots[0]?.gone).toBe(0);
    expect(performance.now() - told).toBeLessThan(3000);
    await slack.faults.up();
  });
});
