/* oxlint-disable unicorn/require-post-message-target-origin -- Slack's postMessage, not a window's */
import { LogLevel } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { quiet, webClient } from './connect.ts';

let slack: LocalSlack;
const channel = 'C00000OPS1';

beforeEach(async () => {
  slack = await startLocalSlack();
});
afterEach(() => slack.close());

test('a 5xx is an HTTP error to the client, and the call did nothing', async () => {
  slack.faults.failHttp('chat.postMessage', { status: 503, times: 2 });
  const post = (): Promise<unknown> => webClient(slack).chat.postMessage({ channel, text: 'x' });
  await expect(post()).rejects.toMatchObject({ code: 'slack_webapi_http_error', statusCode: 503 });
  await expect(post()).rejects.toThrow('503');
  expect(slack.messages('ops')).toEqual([]);
  await post();
  expect(slack.messages('ops')).toHaveLength(1);
});

test('a 5xx afterwards: the message is there although the client was told otherwise', async () => {
  slack.faults.failHttp('*', { status: 500, afterwards: true });
  await expect(webClient(slack).chat.postMessage({ channel, text: 'x' })).rejects.toMatchObject({
    statusCode: 500,
  });
  expect(slack.messages('ops')).toHaveLength(1);
});

test('a slow answer comes after the work was done: a client with a timeout and retries posts twice', async () => {
  slack.faults.slow('chat.postMessage', 60_000);
  const impatient = new WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    timeout: 1500,
    retryConfig: { retries: 1, minTimeout: 1 },
    logger: quiet,
    logLevel: LogLevel.ERROR,
  });
  await impatient.chat.postMessage({ channel, text: 'x' });
  expect(slack.messages('ops')).toHaveLength(2);
});

test('trap: the default timeout is none', async () => {
  slack.faults.slow('auth.test', 500);
  const started = performance.now();
  await webClient(slack).auth.test();
  expect(performance.now() - started).toBeGreaterThan(490);
});

test('a 429 on request has the Retry-After that was asked for', async () => {
  slack.faults.rateLimit('*', { retryAfterS: 7 });
  await expect(webClient(slack).auth.test()).rejects.toMatchObject({ retryAfter: 7 });
  await webClient(slack).auth.test();
});

test('faults for one method leave the others alone, and can be cleared', async () => {
  slack.faults.failHttp('chat.update', { times: 5 });
  await webClient(slack).auth.test();
  slack.faults.clear();
  const { ts = '' } = await webClient(slack).chat.postMessage({ channel, text: 'x' });
  await webClient(slack).chat.update({ channel, ts, text: 'y' });
  expect(slack.messages('ops')).toMatchObject([{ text: 'y' }]);
});

test('down and up: a retrying client gets its message through, once', async () => {
  await slack.faults.down();
  await expect(webClient(slack).auth.test()).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
  const patient = new WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 50, factor: 1, minTimeout: 20 },
    logger: quiet,
  });
  const posted = patient.chat.postMessage({ channel, text: 'late' });
  await slack.faults.up();
  await posted;
  expect(slack.messages('ops')).toMatchObject([{ text: 'late' }]);
});
