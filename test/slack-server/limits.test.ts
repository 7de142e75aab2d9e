/* oxlint-disable unicorn/require-post-message-target-origin -- Slack's postMessage, not a window's */
import { WebClient, WebClientEvent } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { RateLimits } from '../../demo/slack/tiers.ts';
import { quiet, webClient } from './connect.ts';

const ops = 'C00000OPS1';

describe('the tiers', () => {
  /** Calls at a steady pace for ten minutes; returns how many went through per minute. */
  const pace = (tier: 2 | 3 | 4 | 'per-channel', everyMs: number, scale = 1): number => {
    let now = 0;
    const limits = new RateLimits(scale, () => now);
    let allowed = 0;
    for (; now < 600_000; now += everyMs) if (limits.take('key', tier) === undefined) allowed += 1;
    return allowed / 10;
  };

  test.each([
    [2 as const, 20],
    [3 as const, 50],
    [4 as const, 100],
    ['per-channel' as const, 60],
  ])('tier %s lets a client at its pace through', (tier, perMinute) => {
    expect(pace(tier, 60_000 / perMinute)).toBe(perMinute);
  });

  test('a client at twice the pace gets no more than the tier allows', () => {
    expect(pace(3, 600)).toBeLessThanOrEqual(51.5);
    expect(pace(3, 600)).toBeGreaterThan(40);
  });

  test('the scale multiplies', () => {
    expect(pace(3, 600, 2)).toBe(100);
  });

  test('calls before the announced time are refused again', () => {
    let now = 0;
    const limits = new RateLimits(1, () => now);
    const take = (): number | undefined => limits.take('key', 3);
    const refused = Array.from({ length: 16 }, take).at(-1) ?? 0;
    expect(refused).toBeGreaterThanOrEqual(1);
    now = refused * 1000 - 1500;
    expect(take()).toBe(2);
    now = refused * 1000 + 500;
    expect(take()).toBeUndefined();
  });
});

describe('over the wire', () => {
  let slack: LocalSlack;
  beforeEach(async () => {
    slack = await startLocalSlack();
  });
  afterEach(() => slack.close());

  test('many messages at once into one channel are refused after the first few, another channel is free', async () => {
    const web = webClient(slack);
    const post = (): Promise<unknown> => web.chat.postMessage({ channel: ops, text: 'x' });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, post));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(slack.messages('ops').length).toBeGreaterThanOrEqual(5);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.reason).toMatchObject({ code: 'slack_webapi_rate_limited_error', retryAfter: 1 });
    await web.chat.postMessage({ channel: 'C0ALERTS01', text: 'x' });
  });

  test('updates of all messages share one allowance, and the answer is 429 with Retry-After', async () => {
    const web = webClient(slack);
    const sent = [
      await web.chat.postMessage({ channel: ops, text: 'a' }),
      await web.chat.postMessage({ channel: 'C0ALERTS01', text: 'b' }),
    ];
    const update = (n: number): Promise<Response> => {
      const { channel = '', ts = '' } = sent[n % 2] ?? {};
      return fetch(`${slack.apiUrl}chat.update`, {
        method: 'POST',
        headers: { authorization: `Bearer ${slack.botToken}` },
        body: new URLSearchParams({ channel, ts, text: String(n) }),
      });
    };
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => update(n)));
    expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThanOrEqual(15);
    const refused = answers.find((answer) => answer.status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused?.json()).toEqual({ ok: false, error: 'ratelimited' });
  });

  test('trap: one 429 pauses every method of that WebClient, but not another WebClient', async () => {
    const patient = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, logger: quiet });
    slack.faults.rateLimit('chat.postMessage', { retryAfterS: 2 });
    const limited = slack.nextCall('chat.postMessage');
    const paused = new Promise<void>((resolve) => {
      patient.once(WebClientEvent.RATE_LIMITED, () => resolve());
    });
    const posted = patient.chat.postMessage({ channel: ops, text: 'late' });
    const { at } = await limited;
    await paused;
    const held = patient.users.info({ user: slack.users.bob.id });
    await webClient(slack).auth.test();
    expect(slack.counts).toEqual({ 'chat.postMessage': 1, 'auth.test': 1 });
    await Promise.all([held, posted]);
    expect((slack.calls.at(-1)?.at ?? 0) - at).toBeGreaterThan(1900);
    expect(slack.messages('ops')).toMatchObject([{ text: 'late' }]);
  });
});
