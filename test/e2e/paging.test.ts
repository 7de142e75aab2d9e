import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGenerated, type GeneratedGround } from '../../bench/generated-ground.ts';
import { command } from '../../demo/people.ts';
import { startSystem, type System } from '../../demo/system/system.ts';
import { requestKey } from '../../src/queue/store.ts';
import { noSshd } from '../hosts/own-sshd.ts';

describe.skipIf(noSshd !== '')(`lists of a large swarm ${noSshd}`, { timeout: 60_000 }, () => {
  let dir: string;
  let swarm: GeneratedGround;
  let system: System;
  let redis: Redis;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-test-'));
    swarm = await startGenerated(dir, { nodes: 500, services: 300, tasks: 3000 });
    // Two bots, so that what one of them is told the other may have to show.
    system = await startSystem({ dir, swarmConfig: swarm.config, bots: 2, slack: { tierScale: 1000 } });
    redis = new Redis({ path: system.redis.url.slice('unix://'.length) });
  }, 60_000);
  afterAll(async () => {
    redis?.disconnect();
    await system?.stop();
    await swarm?.[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  async function ask(line: string): Promise<{ shown: string; ts: string }> {
    const { shown, well, ts } = await command(system.slack, 'alice', `/swarm ${line}`, 30_000);
    expect(well, shown).toBe(true);
    return { shown, ts };
  }
  /** The first cell of each row of the table. */
  const names = (shown: string): string[] => {
    const lines = shown.split('\n').map((line) => line.trim());
    const from = lines.findIndex((line) => line.startsWith('───')) + 1;
    const to = lines.findIndex((line, at) => at >= from && /^(Rows \d|@)/.test(line));
    return lines.slice(from, to).map((line) => line.split(/\s{2,}/)[0] ?? '');
  };
  const turned = async (ts: string, place: string): Promise<string> => {
    const shows = (message: { ts: string }): boolean =>
      message.ts === ts && system.slack.renderText(message as never).includes(place);
    return system.slack.renderText(await system.slack.waitFor(shows, { channel: 'ops', timeoutMs: 20_000 }));
  };
  const idOf = (shown: string): string => /`(?<id>[2-9a-z]{8})`$/.exec(shown)?.groups?.['id'] ?? '';

  it('500 nodes are shown in pages, those that need attention first, and anybody turns them in place', async () => {
    const { shown, ts } = await ask('nodes');
    expect(shown).toContain('500 nodes, 490 ready, 10 not, 5 managers.');
    expect(shown).toContain('Rows 1–100 of 500, those that need attention first. Page 1 of 5.');
    expect(names(shown).slice(0, 12)).toEqual([
      ...[50, 100, 150, 200, 250, 300, 350, 400, 450, 500].map((at) => `node-${String(at).padStart(4, '0')}`),
      'node-0043',
      'node-0143',
    ]);
    const seen = names(shown);
    for (let page = 2; page <= 5; page += 1) {
      await system.slack.press('bob', 'Next', { channel: 'ops', ts });
      seen.push(...names(await turned(ts, `Page ${page} of 5.`)));
    }
    expect(new Set(seen).size).toBe(500);
    await system.slack.press('carol', 'First', { channel: 'ops', ts });
    expect(names(await turned(ts, 'Page 1 of 5.'))).toEqual(names(shown));
  });

  it('a list begins with the page that was asked for, and its result is small in Redis', async () => {
    const { shown, ts } = await ask('nodes --page 3');
    expect(shown).toContain('Rows 201–300 of 500');
    expect(await redis.hstrlen(requestKey(idOf(shown)), 'result')).toBeLessThan(30_000);
    await system.slack.press('alice', 'Last', { channel: 'ops', ts });
    expect(names(await turned(ts, 'Page 5 of 5.'))).toHaveLength(100);
  });

  it('two people who turn at the same time see one page in the end', async () => {
    const { shown, ts } = await ask('nodes --page 2');
    const key = requestKey(idOf(shown));
    const before = Number(await redis.hget(key, 'version'));
    await Promise.all([
      system.slack.press('bob', 'Previous', { channel: 'ops', ts }),
      system.slack.press('carol', 'Last', { channel: 'ops', ts }),
    ]);
    // A press is acknowledged before it has its effect: both have, when the card has changed twice.
    const standing = async (): Promise<string> => {
      const [page, shown, version] = await redis.hmget(key, 'page', 'shown', 'version');
      return Number(version) === before + 2 && shown === version ? (page ?? '') : '';
    };
    await expect.poll(standing, { timeout: 20_000 }).toMatch(/^[15]$/);
    await turned(ts, `Page ${await standing()} of 5.`);
  });

  it('300 services and a filter: how many of how many are shown', async () => {
    const all = await ask('services');
    expect(all.shown).toContain('300 services, 8 under strength.');
    expect(all.shown).toMatch(/Rows 1–\d+ of 300, those under strength first\. Page 1 of \d\./);
    const { shown } = await ask('services unhealthy shop');
    expect(shown).toMatch(/(?<found>\d+) of 300 services fit `unhealthy shop`\./);
    expect(shown).not.toContain('Next');
    expect((await ask('services --filter mode=global')).shown).toContain('300 services');
    const none = await ask('nodes zone=a down fedora');
    expect(none.shown).toContain(
      'No node fits `zone=a down fedora`. 500 nodes, 490 ready, 10 not, 5 managers.',
    );
  });

  it('a list that is no longer kept says so to the person alone', async () => {
    const { shown, ts } = await ask('nodes');
    await redis.del(requestKey(idOf(shown)));
    await system.slack.press('bob', 'Next', { channel: 'ops', ts });
    const told = await system.slack.waitFor(({ ephemeral }) => ephemeral, {
      channel: 'ops',
      as: 'bob',
      since: ts,
    });
    expect(system.slack.renderText(told)).toContain('This list is no longer kept. Give the command again');
    expect(system.slack.messages('ops', { as: 'alice', since: ts })).toEqual([]);
  });

  it('status is one card, with the worst by name and a way to the cause', async () => {
    const { shown } = await ask('status');
    expect(shown).toContain('10 nodes are not ready.');
    expect(shown).toContain('8 services are under strength.');
    expect(shown).toContain('4 updates are paused.');
    expect(shown).toMatch(/Managers.*5 of 5 reachable/s);
    expect(shown).toContain('The engines differ: 497 nodes with 20.10.24.');
    expect(shown).toMatch(/\[Why shop_web-1\?\]/);
  });

  it('the map is a picture in the thread, with words for who cannot see it', async () => {
    const { shown, ts } = await ask('map shop_web-1');
    expect(shown).toContain('shop_web-1 has 10 tasks (1 not running, 1 without a node) on 9 of 500 nodes.');
    const reply = await system.slack.waitFor(({ thread_ts, files }) => thread_ts === ts && files.length > 0, {
      channel: 'ops',
      timeoutMs: 40_000,
    });
    const [file] = reply.files;
    const bytes = new Uint8Array(await (await fetch(system.slack.url + (file?.url ?? ''))).arrayBuffer());
    expect([...bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  });
});
