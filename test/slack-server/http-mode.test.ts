/* oxlint-disable unicorn/require-post-message-target-origin -- Slack's postMessage, not a window's */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sign } from '../../demo/slack/http-delivery.ts';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import type { Connected } from './connect.ts';
import { connectByHttp, webClient } from './connect.ts';

let slack: LocalSlack;
let connected: (Connected & { requestUrl: string }) | undefined;
let server: Server | undefined;

beforeEach(async () => {
  slack = await startLocalSlack();
});
afterEach(async () => {
  await connected?.stop();
  connected = undefined;
  server?.close();
  server = undefined;
  await slack.close();
});

/** An app without Bolt: answers by this function of path-independent body and headers. */
async function bareApp(
  answer: (body: string, headers: NodeJS.Dict<string | string[]>) => [status: number, body: string],
): Promise<string> {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const challenge = /"challenge":"([^"]+)"/.exec(body)?.[1];
      const [status, text] = challenge ? [200, challenge] : answer(body, request.headers);
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => {
    server?.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const plain = (text: string): { type: 'plain_text'; text: string } => ({ type: 'plain_text', text });

test('commands, buttons, modals, type-ahead and events reach Bolt behind its signature check', async () => {
  connected = await connectByHttp(slack, (app) => {
    app.command('/swarm', async ({ ack, command, client }) => {
      await ack(`You said ${command.text}`);
      await client.chat.postMessage({
        channel: command.channel_id,
        text: 'Approve?',
        blocks: [
          {
            type: 'actions',
            elements: [
              { type: 'button', text: plain('Approve'), action_id: 'approve' },
              { type: 'external_select', action_id: 'node' },
            ],
          },
        ],
      });
    });
    app.action('approve', async ({ ack, body, client }) => {
      await ack();
      const blocks = [
        { type: 'input' as const, label: plain('Reason'), element: { type: 'plain_text_input' as const } },
      ];
      const view = {
        type: 'modal' as const,
        callback_id: 'why',
        title: plain('Why'),
        submit: plain('Go'),
        blocks,
      };
      if ('trigger_id' in body) await client.views.open({ trigger_id: body.trigger_id, view });
    });
    app.view('why', async ({ ack }) => {
      await ack({ response_action: 'clear' });
    });
    app.options('node', async ({ ack }) => {
      await ack({ options: [{ text: plain('fedora-03'), value: 'fedora-03' }] });
    });
    app.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({
        user_id: event.user,
        view: { type: 'home', blocks: [{ type: 'divider' }] },
      });
    });
  });
  await slack.command('alice', 'ops', '/swarm "scale" web=3 & more');
  expect(slack.messages('ops')[0]).toMatchObject({
    text: 'You said "scale" web=3 &amp; more',
    ephemeral: true,
  });
  await slack.waitFor('[Approve]');
  expect(await slack.suggest('bob', 'node', 'f')).toEqual(['fedora-03']);
  await slack.press('bob', 'Approve');
  await slack.until(() => slack.modals('bob')[0]);
  await slack.submitView('bob', { Reason: 'because' });
  expect(slack.modals('bob')).toEqual([]);
  await slack.openHome('carol');
  await slack.until(() => slack.home('carol'));
  expect(slack.sends().every((send) => send.via === 'http' && send.latencyMs !== undefined)).toBe(true);
});

describe('the signature', () => {
  const post = (url: string, body: string, timestamp: number, signature: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': signature,
      },
    });
  const body = 'command=%2Fswarm&text=x&user_id=U1';
  const now = (): number => Math.floor(Date.now() / 1000);

  beforeEach(async () => {
    connected = await connectByHttp(slack, (app) => {
      app.command('/swarm', async ({ ack }) => ack());
    });
  });

  test('that of another secret or body is refused by Bolt', async () => {
    const url = connected?.requestUrl ?? '';
    expect((await post(url, body, now(), sign(slack.signingSecret, now(), body))).status).toBe(200);
    expect((await post(url, body, now(), sign('another secret', now(), body))).status).toBe(401);
    expect((await post(url, `${body}9`, now(), sign(slack.signingSecret, now(), body))).status).toBe(401);
  });

  test('trap: Bolt refuses what is older than five minutes but takes what is from the future', async () => {
    const url = connected?.requestUrl ?? '';
    const at = (time: number): Promise<Response> =>
      post(url, body, time, sign(slack.signingSecret, time, body));
    expect((await at(now() - 400)).status).toBe(401);
    expect((await at(now() + 86_400)).status).toBe(200);
  });
});

test('a URL that does not answer the challenge is not taken', async () => {
  const requestUrl = await bareApp(() => [200, '']);
  await slack.configureHttpMode({ requestUrl });
  await slack.configureHttpMode(undefined);
  const elsewhere = `${slack.url}/nothing`;
  await expect(slack.configureHttpMode({ requestUrl: elsewhere })).rejects.toThrow(
    "didn't respond with the value of the challenge",
  );
  await slack.command('alice', 'ops', '/swarm nodes');
  expect(slack.sends()).toEqual([]);
});

test('an error of the app is shown to the person who typed', async () => {
  await slack.configureHttpMode({ requestUrl: await bareApp(() => [500, 'oops']) });
  await slack.command('alice', 'ops', '/swarm nodes');
  expect(slack.transcript('ops', { as: 'alice' })).toContain(
    '/swarm failed with the error "http_service_error"',
  );
});

test('an event that is not answered with 2xx comes three times more, with its number', async () => {
  const numbers: unknown[] = [];
  const ids = new Set<string>();
  const requestUrl = await bareApp((body, headers) => {
    numbers.push(headers['x-slack-retry-num']);
    ids.add(/"event_id":"(\w+)"/.exec(body)?.[1] ?? '');
    return numbers.length < 4 ? [503, ''] : [200, ''];
  });
  await slack.configureHttpMode({ requestUrl, retryMs: [0, 10, 20] });
  await slack.openHome('alice');
  await expect.poll(() => numbers, { timeout: 6000 }).toEqual([undefined, '1', '2', '3']);
  expect(ids.size).toBe(1);
});

test('trap: Bolt runs the same signed request twice', async () => {
  const heard: string[] = [];
  connected = await connectByHttp(slack, (app) => {
    app.command('/swarm', async ({ ack, command }) => {
      heard.push(command.trigger_id);
      await ack();
    });
  });
  slack.faults.resendEnvelopes(1);
  await slack.command('alice', 'ops', '/swarm rm web');
  expect(heard).toHaveLength(2);
  expect(new Set(heard).size).toBe(1);
});

test('a command over HTTP may be answered through its response_url', async () => {
  connected = await connectByHttp(slack, (app) => {
    app.command('/swarm', async ({ ack, respond }) => {
      await ack();
      await respond({ response_type: 'in_channel', text: 'done' });
    });
  });
  await slack.command('alice', 'ops', '/swarm help');
  expect(await slack.waitFor('done')).toMatchObject({ ephemeral: false });
  expect((await webClient(slack).conversations.history({ channel: 'C00000OPS1' })).messages).toHaveLength(1);
});
