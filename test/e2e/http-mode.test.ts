import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../demo/people.ts';
import { sign } from '../../demo/slack/http-delivery.ts';
import { replicasOf } from './engines.ts';
import { createService, leftOut, startBench, type Bench } from './lab.ts';

describe.skipIf(leftOut)(`a bot that Slack reaches over HTTP ${leftOut ?? ''}`, { timeout: 60_000 }, () => {
  let bench: Bench;
  let requestUrl: string;

  beforeAll(async () => {
    bench = await startBench({
      hosts: ['manager'],
      swarm: ['manager'],
      // Slack's limits on how fast a bot may write are another test's.
      system: { bots: 0, slack: { tierScale: 100 } },
    });
    const { lab, system } = bench;
    const port = await freePort();
    requestUrl = `http://127.0.0.1:${port}/slack/events`;
    await system.startBot({
      SLACK_APP_TOKEN: '',
      SLACK_SIGNING_SECRET: system.slack.signingSecret,
      PORT: String(port),
    });
    await system.slack.configureHttpMode({ requestUrl });
    await createService(lab, 'manager', 'websky', 1);
  });
  afterAll(() => bench?.stop());

  const newest = (): string => bench.system.slack.messages('ops').at(-1)?.ts ?? '0';
  const cards = (since: string) =>
    bench.system.slack.messages('ops', { since }).filter(({ ephemeral }) => !ephemeral);

  it('takes commands and buttons, each acknowledged in time', async () => {
    const { slack } = bench.system;
    const { shown, well } = await command(slack, 'alice', '/swarm scale websky 2');
    expect(well, shown).toBe(true);
    expect(shown).toContain('websky went from 1 to 2; all 2 tasks run.');
    expect((await command(slack, 'bob', '/swarm jobs')).shown).toContain('scale websky 2');

    const since = newest();
    await slack.command('alice', 'ops', '/swarm scale websky 4');
    await slack.waitFor(({ text }) => text.startsWith('scale websky 4: running'), { channel: 'ops', since });
    await slack.press('carol', 'Cancel', { channel: 'ops' });
    const { text } = await slack.waitFor((card) => card.text.startsWith('scale websky 4: cancelled'), {
      channel: 'ops',
      since,
    });
    expect(text).toContain('carol cancelled it.');

    expect(slack.socketCount()).toBe(0);
    const sends = slack.sends();
    expect(sends.length).toBeGreaterThan(3);
    expect(sends.every(({ via, latencyMs = Infinity }) => via === 'http' && latencyMs < 3000)).toBe(true);
  });

  it('makes one job of a command that is delivered three times', async () => {
    const { slack } = bench.system;
    const since = newest();
    slack.faults.resendEnvelopes(1);
    await slack.command('alice', 'ops', '/swarm scale websky 3');
    await slack.deliverAgain();
    await slack.waitFor(({ text }) => text.startsWith('scale websky 3: done'), {
      channel: 'ops',
      since,
      timeoutMs: 30_000,
    });
    expect(cards(since)).toHaveLength(1);
    expect(await replicasOf(bench.lab, 'websky')).toBe(3);
  });

  describe('the signature', () => {
    const now = (): number => Math.floor(Date.now() / 1000);
    let number = 0;
    /** A command as Slack would send it, each time another one. */
    const body = (text: string): string =>
      new URLSearchParams({
        command: '/swarm',
        text,
        trigger_id: `1.2.${(number += 1)}`,
        team_id: bench.system.slack.team.id,
        channel_id: bench.system.slack.channels.ops.id,
        user_id: bench.system.slack.users.alice.id,
        user_name: 'alice',
        response_url: `${bench.system.slack.url}/nowhere`,
      }).toString();
    const post = async (content: string, headers: Record<string, string>): Promise<number> => {
      const { status } = await fetch(requestUrl, {
        method: 'POST',
        body: content,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
      return status;
    };
    const signed = (content: string, at: number, secret = bench.system.slack.signingSecret) => ({
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': sign(secret, at, content),
    });

    it.each([
      ['is of another secret', (content: string) => signed(content, now(), 'another secret')],
      ['is of another command', () => signed(body('scale websky 1'), now())],
      ['is an old one', (content: string) => signed(content, now() - 301)],
      ['is from the future', (content: string) => signed(content, now() + 330)],
      [
        'is of another time than it says',
        (content: string) => ({
          ...signed(content, now() - 3600),
          'x-slack-request-timestamp': String(now()),
        }),
      ],
      ['has no time', (content: string) => ({ 'x-slack-signature': sign('', now(), content) })],
      [
        'has no number for a time',
        (content: string) => ({ ...signed(content, now()), 'x-slack-request-timestamp': 'soon' }),
      ],
      ['is not there', () => ({})],
    ])('a command whose signature %s is refused, and nothing happens', async (_why, headers) => {
      const since = newest();
      const content = body('scale websky 1');
      expect(await post(content, headers(content))).toBe(401);
      // A good one after it: whatever the bad one had begun would be there by now.
      const good = body('services');
      expect(await post(good, signed(good, now()))).toBe(200);
      await bench.system.slack.waitFor(({ text }) => text.startsWith('services: done'), {
        channel: 'ops',
        since,
      });
      expect(cards(since)).toHaveLength(1);
      expect(await replicasOf(bench.lab, 'websky')).toBe(3);
    });

    it('a clock that is a little off is forgiven, either way', async () => {
      for (const at of [now() - 240, now() + 240]) {
        const content = body('help');
        expect(await post(content, signed(content, at))).toBe(200);
      }
    });
  });

  it('answers what is no request of Slack without falling over', async () => {
    const statuses = [];
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/slack/events'],
      ['POST', '/elsewhere'],
    ] as const) {
      statuses.push((await fetch(new URL(path, requestUrl), { method })).status);
    }
    expect(statuses).toEqual([404, 404, 404]);
    expect((await command(bench.system.slack, 'alice', '/swarm help')).well).toBe(true);
  });
});

/** A port that nobody listens on at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
