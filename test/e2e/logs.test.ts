import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, type Answer } from '../../demo/people.ts';
import { until } from '../../lab/until.ts';
import { connectRedis, key } from '../../src/queue/redis.ts';
import { RequestStore } from '../../src/queue/store.ts';
import { Secret } from '../../src/secret.ts';
import { leftOut, startBench, type Bench } from './lab.ts';
import { refused } from './refused.ts';

/** Stands for a secret that a service writes into its log. */
const SECRET = 'hunter2-kept-from-all';

const WRITES_100 =
  'i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo "line $i password=$WORD"; done; while :; do sleep 3600 & wait $!; done';
const TICKS = 'trap "exit 0" TERM; i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.2 & wait $!; done';

describe.skipIf(leftOut)(`/swarm logs ${leftOut ?? ''}`, { timeout: 60_000 }, () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager', 'fedora-01'],
      swarm: ['manager', 'fedora-01'],
      system: { slack: { tierScale: 100 } },
    });
    await Promise.all([
      create('websky', 2, { Command: ['sh', '-c', WRITES_100], Env: [`WORD=${SECRET}`] }),
      create('clock', 1, { Command: ['sh', '-c', TICKS] }),
      create('screen', 1, { Command: ['sh', '-c', 'echo on a terminal; sleep 3600'], TTY: true }),
      create('quiet', 1, {}),
      create('mute', 1, {}, { LogDriver: { Name: 'none' } }),
    ]);
    // Docker itself has all lines of both tasks.
    await comesTrue('200 lines of websky', async () => (await dockerLines('websky')) === 200);
    await comesTrue('the line of screen', async () => (await dockerLines('screen')) === 1);
  });
  afterAll(() => bench?.stop());

  async function create(name: string, replicas: number, container: object, more = {}): Promise<void> {
    await bench.lab.engine('manager').createService({
      Name: name,
      TaskTemplate: {
        ContainerSpec: { Image: 'my-apache2:latest', StopGracePeriod: 1e8, ...container },
        ...more,
      },
      Mode: { Replicated: { Replicas: replicas } },
    });
  }
  async function dockerLines(service: string): Promise<number> {
    const { stdout } = await bench.lab.exec('manager', ['docker', 'service', 'logs', '--raw', service]);
    return stdout.split('\n').filter(Boolean).length;
  }
  const comesTrue = (what: string, holds: () => Promise<boolean>): Promise<boolean> =>
    until(holds, { what, within: 30_000, every: 200 });
  const logs = (words: string, verb = 'logs'): Promise<Answer> =>
    command(bench.system.slack, 'alice', `/swarm ${verb} ${words}`, 40_000);
  const linesOf = (shown: string) => shown.split('\n').filter((line) => / \| /.test(line));
  /** The file in the thread of that card, once it is there. */
  const fileOf = async (ts: string): Promise<string> => {
    const { slack } = bench.system;
    const reply = await slack.waitFor(({ thread_ts, files }) => thread_ts === ts && files.length > 0, {
      channel: 'ops',
    });
    expect(reply.files).toHaveLength(1);
    const response = await fetch(slack.url + (reply.files[0]?.url ?? ''));
    return await response.text();
  };

  it('shows a few lines in the card, with time, task and node', async () => {
    const { shown, well, ts } = await logs('websky --tail 5');
    expect(well, shown).toBe(true);
    expect(shown).toContain('5 lines of websky.');
    expect(linesOf(shown)).toHaveLength(5);
    for (const line of linesOf(shown))
      expect(line.trim()).toMatch(
        /^\d\d:\d\d:\d\d websky\.[12]@(manager|fedora-01) \| line \d+ password=\[secret\]$/,
      );
    expect(shown).toContain('What looked like a secret was taken out.');
    const { slack } = bench.system;
    expect(slack.messages('ops', { thread: ts })).toHaveLength(1);
  });

  it('puts many into a file in the thread, in the order of their times, and the last ones into the card', async () => {
    const { shown, well, ts } = await logs('--tail 150 websky', 'service logs');
    expect(well, shown).toBe(true);
    expect(shown).toContain('150 lines of websky, the last 30 here, all of them in the thread.');
    expect(linesOf(shown)).toHaveLength(30);
    const file = (await fileOf(ts)).trimEnd().split('\n');
    expect(file).toHaveLength(150);
    const times = file.map((line) => line.slice(0, 24));
    expect(times).toEqual(times.toSorted());
    expect(file[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z websky\.[12]@[\w-]+ \| line \d+/);
    expect(new Set(file.map((line) => /websky\.\d/.exec(line)?.[0]))).toEqual(
      new Set(['websky.1', 'websky.2']),
    );
  });

  it('keeps what looks like a secret out of Slack and Redis', async () => {
    const { ts } = await logs('websky --tail 200');
    expect(await fileOf(ts)).not.toContain(SECRET);
    expect(bench.system.slack.transcript('ops')).not.toContain(SECRET);
    const redis = connectRedis(bench.system.redis.url, () => undefined);
    const store = new RequestStore(redis, new Secret(bench.system.secret));
    const requests = await store.list({ most: 100 });
    const kept = await Promise.all(requests.map(async ({ id }) => JSON.stringify(await store.read(id))));
    redis.disconnect();
    expect(kept.join()).toContain('line 100 password=[secret]');
    expect(kept.join()).not.toContain(SECRET);
  });

  it('finds text, in capitals or not, in one task, on one node, of the last minutes', async () => {
    const found = await logs('websky --grep "LINE 42 "');
    expect(linesOf(found.shown)).toHaveLength(2);
    expect(found.shown).toContain('2 lines of websky with `LINE 42');
    const ofOne = linesOf((await logs('websky.2 --tail 3')).shown);
    expect(ofOne).toHaveLength(3);
    expect(ofOne.join()).not.toContain('websky.1');
    const node = /@([\w-]+)/.exec(ofOne[0] ?? '')?.[1] ?? '';
    const there = linesOf((await logs(`websky --tail 200 --since 1h --node ${node}`)).shown);
    expect(there.every((line) => line.includes(`websky.2@${node} `))).toBe(true);
  });

  it('takes the ID of a task, and reads a terminal', async () => {
    const tasks = (await bench.lab.engine('manager').listTasks({ filters: { service: ['screen'] } })) as {
      ID: string;
    }[];
    const { shown, well } = await logs(tasks[0]?.ID ?? '');
    expect(well, shown).toBe(true);
    expect(linesOf(shown)).toEqual([expect.stringMatching(/screen\.1@[\w-]+ \| on a terminal$/)]);
  });

  it('says that nothing was written', async () => {
    expect((await logs('quiet')).shown).toContain('quiet has written nothing yet');
    expect((await logs('websky --grep nowhere')).shown).toContain(
      'websky has written nothing with `nowhere`.',
    );
  });

  it('posts a file once, also when the bot is killed while it sends it', async () => {
    const { slack, bots, redis: server } = bench.system;
    // Slack takes the file at once and is slow to say so.
    slack.faults.slow('files.completeUploadExternal', 10_000);
    const completed = slack.nextCall('files.completeUploadExternal');
    const { ts } = await logs('websky --tail 60');
    await completed;
    await bots.at(-1)?.end('SIGKILL');
    slack.faults.clear();
    expect((await fileOf(ts)).trimEnd().split('\n')).toHaveLength(60);
    const uploads = slack.counts['files.getUploadURLExternal'];
    await bench.system.startBot();
    const redis = connectRedis(server.url, () => undefined);
    await comesTrue('an empty outbox', async () => (await redis.zcard(key('outbox'))) === 0);
    redis.disconnect();
    expect(slack.messages('ops', { thread: ts })).toHaveLength(2);
    expect(slack.counts['files.getUploadURLExternal']).toBe(uploads);
  });

  it('follows what comes, shows it while it comes, and ends by itself', async () => {
    const { slack } = bench.system;
    const since = slack.messages('ops').at(-1)?.ts ?? '0';
    const answer = logs('clock --tail 2 --follow 4s');
    const live = await slack.waitFor(
      (message) => /running/.test(message.text) && /tick \d/.test(slack.renderText(message)),
      {
        channel: 'ops',
        since,
      },
    );
    expect(slack.renderText(live)).toContain('Cancel');
    const { shown, well } = await answer;
    expect(well, shown).toBe(true);
    expect(shown).toMatch(/\d+ lines of clock, followed for 4 seconds/);
    // Two from before, and what came in 4 s at five a second; a loaded machine makes it fewer.
    expect(linesOf(shown).length).toBeGreaterThan(4);
    const ticks = linesOf(shown).map((line) => Number(/tick (\d+)/.exec(line)?.[1]));
    expect(ticks).toEqual(ticks.map((_, at) => (ticks[0] ?? 0) + at));
    expect(shown).not.toContain('Cancel');
  });

  it('ends early when it is cancelled, and keeps what was read', async () => {
    const { slack } = bench.system;
    const since = slack.messages('ops').at(-1)?.ts ?? '0';
    await slack.command('alice', 'ops', '/swarm logs clock --follow 2m');
    const live = await slack.waitFor((message) => /tick \d/.test(slack.renderText(message)), {
      channel: 'ops',
      since,
    });
    await slack.press('alice', 'Cancel', { channel: 'ops', ts: live.ts });
    const card = await slack.waitFor(({ text }) => text.includes(': cancelled.'), { channel: 'ops', since });
    const shown = slack.renderText(card);
    expect(shown).toContain('alice cancelled it. Nothing had been changed.');
    expect(linesOf(shown).length).toBeGreaterThan(0);
    expect(await fileOf(card.ts)).toMatch(/tick \d/);
  });

  it('says whose lines cannot be read now', async () => {
    await bench.lab.faults.engineDies('fedora-01');
    const { shown, well } = await logs('websky --tail 5');
    expect(well, shown).toBe(true);
    expect(shown).toContain('What was written on fedora-01 cannot be read now: the node is not available.');
    expect(linesOf(shown)).toHaveLength(5);
    expect(linesOf(shown).join()).not.toContain('@fedora-01');
  });

  it.each([
    ['logs nope', 'No service is called nope.', '/swarm services'],
    ['logs webskx', 'No service is called webskx.', 'Did you mean websky?'],
    ['logs websky.9', 'websky has no task 9.', '/swarm ps websky'],
    ['logs websky --node fedora-09', 'No node is called fedora-09.', 'Did you mean fedora-01?'],
    ['logs mute', 'mute keeps no logs: its log driver is "none".', 'Deploy it without'],
    ['logs websky --follow 3m', 'longer than logs are followed', 'logs websky --follow 2m'],
    ['logs websky --tail 0', 'is not a number of lines', 'logs websky --tail 100'],
  ])('refuses: %s', async (line, says, next) => {
    const shown = await refused(bench.system.slack, line);
    expect(shown).toContain(says);
    expect(shown).toContain(next);
  });
});
