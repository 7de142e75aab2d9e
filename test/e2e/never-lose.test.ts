import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, key } from '../../src/queue/redis.ts';
import { finalUpdates, QUICK_DEATH } from './crash-walk.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';

const ENDED = /: (done|not everything worked|failed|refused|cancelled|expired)\./;

describe.skipIf(leftOut)(`nothing is lost and nothing is done twice${leftOut ? ` (${leftOut})` : ''}`, () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager'],
      swarm: ['manager'],
      system: { env: QUICK_DEATH, slack: { tierScale: 20 } },
    });
    await createService(bench.lab, 'manager', 'websky', 1);
    await createService(bench.lab, 'manager', 'api', 1);
  });
  afterAll(async () => {
    await bench?.stop();
  });
  afterEach(() => {
    bench.system.slack.faults.clear();
  });

  const newest = (): string => bench.system.slack.messages('ops').at(-1)?.ts ?? '0';
  const cards = (since: string) =>
    bench.system.slack.messages('ops', { since }).filter(({ ephemeral }) => !ephemeral);
  const ended = (since: string, title: string) =>
    bench.system.slack.waitFor(({ text }) => text.startsWith(`${title}:`) && ENDED.test(text), {
      channel: 'ops',
      since,
      timeoutMs: 60_000,
    });
  const running = (since: string, title: string) =>
    bench.system.slack.waitFor(({ text }) => text.startsWith(`${title}: running`), {
      channel: 'ops',
      since,
      timeoutMs: 30_000,
    });
  const replicas = async (service: string): Promise<number> => {
    const { Spec } = (await bench.lab.engine('manager').getService(service).inspect()) as {
      Spec: { Mode: { Replicated: { Replicas: number } } };
    };
    return Spec.Mode.Replicated.Replicas;
  };

  it('takes an envelope that Slack delivers three times as one job', async () => {
    const { slack } = bench.system;
    const since = newest();
    slack.faults.resendEnvelopes(1);
    await slack.command('alice', 'ops', '/swarm nodes');
    await slack.deliverAgain();
    expect((await ended(since, 'nodes')).text).toContain('done');
    expect(cards(since)).toHaveLength(1);
  });

  it(
    'runs two scales of one service one after the other, and the second says whom it waits for',
    { timeout: 60_000 },
    async () => {
      const { slack } = bench.system;
      const since = newest();
      await Promise.all([
        slack.command('alice', 'ops', '/swarm scale websky 2'),
        slack.command('bob', 'ops', '/swarm scale websky=3'),
      ]);
      const waiting = await slack.waitFor(
        ({ text }) => /: waiting its turn\. It waits for scale websky/.test(text),
        { channel: 'ops', since, timeoutMs: 30_000 },
      );
      const second = waiting.text.startsWith('scale websky=3:') ? 'scale websky=3' : 'scale websky 2';
      const [first] = ['scale websky 2', 'scale websky=3'].filter((title) => title !== second);
      expect(slack.renderText(waiting)).toMatch(second === 'scale websky=3' ? /@alice/ : /@bob/);
      expect(
        slack.messages('ops', { since }).some(({ text }) => text.startsWith(`${first}:`) && ENDED.test(text)),
      ).toBe(false);
      expect((await ended(since, second)).text).toContain('done');
      expect((await ended(since, first ?? '')).text).toContain('done');
      expect(await replicas('websky')).toBe(second === 'scale websky=3' ? 3 : 2);
    },
  );

  it('shows the end of a job although the bot was killed while it ran', { timeout: 60_000 }, async () => {
    const { system } = bench;
    const since = newest();
    await system.slack.command('alice', 'ops', '/swarm scale api 2');
    await running(since, 'scale api 2');
    await system.bots.at(-1)?.end('SIGKILL');
    await system.startBot();
    const card = await ended(since, 'scale api 2');
    expect(card.text).toContain('done');
    expect(cards(since)).toHaveLength(1);
    expect(finalUpdates(system, card.ts)).toBe(1);
  });

  it(
    'posts one card although the bot was killed between Slack’s taking it and the record of it',
    { timeout: 60_000 },
    async () => {
      const { system } = bench;
      const since = newest();
      const { slack } = system;
      slack.faults.slow('chat.postMessage', 20_000, 1);
      const posted = slack.waitFor(({ text }) => text.startsWith('services:'), { channel: 'ops', since });
      await slack.command('alice', 'ops', '/swarm services');
      await posted;
      await system.bots.at(-1)?.end('SIGKILL');
      await system.startBot();
      expect((await ended(since, 'services')).text).toContain('done');
      expect(cards(since)).toHaveLength(1);
    },
  );

  it('goes on after a restart of Redis with its data', { timeout: 60_000 }, async () => {
    const { system } = bench;
    const since = newest();
    await system.slack.command('alice', 'ops', '/swarm scale api 3');
    await running(since, 'scale api 3');
    await system.redis.kill();
    await system.redis.start();
    const card = await ended(since, 'scale api 3');
    expect(card.text).toContain('done');
    expect(finalUpdates(system, card.ts)).toBe(1);
    expect(await replicas('api')).toBe(3);
  });

  it('shows the end, once, of a job that ended while Slack was down', { timeout: 90_000 }, async () => {
    const { system } = bench;
    const since = newest();
    await system.slack.command('alice', 'ops', '/swarm scale api 1');
    await running(since, 'scale api 1');
    await system.slack.faults.down();
    await system.workers.at(-1)?.printed('"title":"scale api 1","phase":"done"');
    // The bot has tried to show the end and was refused: everything pauses.
    const redis = connectRedis(system.redis.url, () => undefined);
    await expect.poll(() => redis.exists(key('outbox-pause')), { timeout: 20_000 }).toBe(1);
    redis.disconnect();
    await system.slack.faults.up();
    await expect.poll(() => system.slack.socketCount(), { timeout: 30_000 }).toBeGreaterThan(0);
    const card = await ended(since, 'scale api 1');
    expect(card.text).toContain('done');
    expect(finalUpdates(system, card.ts)).toBe(1);
  });

  it('hands a running job over when the worker is told to stop', { timeout: 60_000 }, async () => {
    const { system } = bench;
    const since = newest();
    await system.slack.command('alice', 'ops', '/swarm scale api 4 --timeout 5m');
    await running(since, 'scale api 4 --timeout 5m');
    const before = system.workers.at(-1);
    await system.startWorker();
    await before?.end('SIGTERM');
    expect(await before?.gone).toBe(0);
    const card = await ended(since, 'scale api 4 --timeout 5m');
    expect(card.text).toContain('done');
    expect(finalUpdates(system, card.ts)).toBe(1);
  });

  it('cancels a job that runs and one that waits, and says what stays', { timeout: 60_000 }, async () => {
    const { slack } = bench.system;
    const since = newest();
    await slack.command('alice', 'ops', '/swarm scale api 2');
    await running(since, 'scale api 2');
    await slack.command('bob', 'ops', '/swarm scale api 5');
    const waiting = await slack.waitFor(({ text }) => text.startsWith('scale api 5: waiting its turn'), {
      channel: 'ops',
      since,
      timeoutMs: 20_000,
    });
    await slack.press('carol', 'Cancel', { channel: 'ops', ts: waiting.ts });
    expect((await ended(since, 'scale api 5')).text).toContain('carol cancelled it before it began');
    await slack.press('carol', 'Cancel', { channel: 'ops' });
    expect((await ended(since, 'scale api 2')).text).toContain('cancelled');
    await slack.command('alice', 'ops', '/swarm scale api 1');
    expect((await ended(since, 'scale api 1')).text).toContain('done');
  });
});
