/* oxlint-disable unicorn/require-post-message-target-origin -- Slack's postMessage, not a window's */
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PageAction, PageAnswer, PageEvent, PageState, PageSuggest } from '../../demo/slack/page-api.ts';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { connectBySocket, webClient } from './connect.ts';

let slack: LocalSlack;
let stop: (() => Promise<void>) | undefined;

beforeEach(async () => {
  slack = await startLocalSlack();
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
  await slack.close();
});

const state = async (as: string): Promise<PageState> =>
  (await (await fetch(`${slack.url}/page/state?as=${as}`)).json()) as PageState;

async function post(path: string, body: object): Promise<PageAnswer & Record<string, unknown>> {
  const answer = await fetch(`${slack.url}/page/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as PageAnswer & Record<string, unknown>;
}

/** Reads the event stream of a person; `next` resolves with the next event of that type. */
async function events(
  as: string,
): Promise<{ next<T extends PageEvent['type']>(type: T): Promise<Extract<PageEvent, { type: T }>> }> {
  const { body } = await fetch(`${slack.url}/page/events?as=${as}`);
  if (!body) throw new Error('no stream');
  const got: PageEvent[] = [];
  let wake = (): void => {};
  void (async () => {
    let rest = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts)
        if (part.startsWith('data: ')) got.push(JSON.parse(part.slice(6)) as PageEvent);
      wake();
    }
  })().catch(() => {});
  return {
    async next(type) {
      for (;;) {
        const index = got.findIndex((event) => event.type === type);
        const [found] = index < 0 ? [] : got.splice(index, 1);
        if (found) return found as Extract<PageEvent, { type: typeof type }>;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const plain = (text: string): { type: 'plain_text'; text: string } => ({ type: 'plain_text', text });

test('the state is what that person sees', async () => {
  const { alice, bob } = slack.users;
  const ops = slack.channels.ops.id;
  await slack.say('alice', 'ops', 'hello');
  await webClient(slack).chat.postEphemeral({ channel: ops, user: alice.id, text: 'psst' });
  await webClient(slack).chat.postMessage({ channel: bob.id, text: 'direct' });
  const [hers, his] = [await state('alice'), await state('bob')];
  expect(hers.me).toMatchObject({ id: alice.id, name: 'alice' });
  expect(hers.channels.map((channel) => channel.name)).toEqual(['ops', 'alerts', 'random']);
  expect(hers.messages[ops]?.map((message) => message.text)).toEqual(['hello', 'psst']);
  expect(his.messages[ops]?.map((message) => message.text)).toEqual(['hello']);
  expect([hers.dms.length, his.dms.length]).toEqual([0, 1]);
  expect(his.dms[0]).toMatchObject({ user: slack.app.botUserId, unread: 1 });
  expect(his.channels.find((channel) => channel.id === ops)?.unread).toBe(1);
  await post('read', { as: 'bob', channel: ops });
  expect((await state('bob')).channels.find((channel) => channel.id === ops)?.unread).toBe(0);
});

test("messages, edits, deletions and threads arrive as events, others' ephemeral ones do not", async () => {
  const web = webClient(slack);
  const channel = slack.channels.ops.id;
  const [hers, his] = [await events('alice'), await events('bob')];
  await web.chat.postEphemeral({ channel, user: slack.users.alice.id, text: 'psst' });
  const { ts = '' } = await web.chat.postMessage({ channel, text: 'first' });
  expect((await hers.next('message_posted')).message).toMatchObject({ text: 'psst', ephemeral: true });
  expect((await his.next('message_posted')).message).toMatchObject({ text: 'first' });
  await web.chat.update({ channel, ts, text: 'second' });
  expect((await his.next('message_changed')).message).toMatchObject({ ts, text: 'second', edited: true });
  await post('message', { as: 'alice', channel, text: 'a reply', thread_ts: ts });
  expect((await his.next('message_changed')).message).toMatchObject({ ts, reply_count: 1 });
  await web.chat.delete({ channel, ts });
  expect(await his.next('message_deleted')).toMatchObject({ channel, ts });
});

test('commands, buttons, modals, type-ahead and Home work through the page', async () => {
  ({ stop } = await connectBySocket(slack, (app) => {
    app.command('/swarm', async ({ ack, client, command }) => {
      await ack();
      const elements = [
        { type: 'button' as const, text: plain('Join'), action_id: 'join' },
        { type: 'external_select' as const, action_id: 'node' },
      ];
      await client.chat.postMessage({
        channel: command.channel_id,
        text: 'x',
        blocks: [{ type: 'actions', block_id: 'b', elements }],
      });
    });
    app.action('join', async ({ ack, body, client }) => {
      await ack();
      const element = { type: 'plain_text_input' as const, action_id: 'name' };
      const blocks = [{ type: 'input' as const, block_id: 'host', label: plain('Host'), element }];
      const view = {
        type: 'modal' as const,
        callback_id: 'join',
        title: plain('Join'),
        submit: plain('Go'),
        blocks,
      };
      if ('trigger_id' in body) await client.views.open({ trigger_id: body.trigger_id, view });
    });
    app.view('join', async ({ ack, view }) => {
      const value = view.state.values['host']?.['name']?.value;
      if (value === 'web') await ack();
      else await ack({ response_action: 'errors', errors: { host: 'No such host.' } });
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
  }));
  const bob = await events('bob');
  const channel = slack.channels.ops.id;
  expect(await post('command', { as: 'bob', channel, text: '/swarm join' })).toEqual({ ok: true });
  const { message } = await bob.next('message_posted');
  const place = { as: 'bob', channel, ts: message.ts, block_id: 'b' };
  expect(
    await post('suggest', { ...place, action_id: 'node', value: 'f' } satisfies PageSuggest),
  ).toMatchObject({
    ok: true,
    options: [{ value: 'fedora-03' }],
  });
  expect(await post('action', { ...place, action_id: 'join' } satisfies PageAction)).toEqual({ ok: true });
  const { modals } = await bob.next('modals_changed');
  const view_id = modals[0]?.id;
  const submit = (value: string): Promise<PageAnswer> =>
    post('view/submit', { as: 'bob', view_id, values: { host: { name: { value } } } });
  expect(await submit('')).toMatchObject({
    ok: false,
    errors: { host: 'Please complete this required field.' },
  });
  expect(await submit('wbe')).toMatchObject({ ok: false, errors: { host: 'No such host.' } });
  expect(await post('view/submit', { as: 'carol', view_id, values: {} })).toMatchObject({ ok: false });
  expect(await submit('web')).toEqual({ ok: true });
  expect(await bob.next('modals_changed')).toMatchObject({ modals: [] });
  expect(await post('home', { as: 'bob' })).toEqual({ ok: true });
  expect((await bob.next('home_changed')).home.blocks).toHaveLength(1);
  expect(await post('action', { ...place, action_id: 'gone' })).toMatchObject({
    ok: false,
    error: /has changed/,
  });
});

describe('strangers', () => {
  /** fetch cannot send a Host of its own. */
  const status = (
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const sent = request(slack.url + path, { headers, method: body ? 'POST' : 'GET' }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on('error', reject);
      sent.end(body);
    });

  test('another Host name is refused everywhere (DNS rebinding)', async () => {
    const host = 'evil.example:80';
    for (const path of ['/', '/page/state?as=alice', '/api/auth.test'])
      expect(await status(path, { host })).toBe(403);
  });

  test('another Origin is refused on the page', async () => {
    expect(await status('/page/state?as=alice', { origin: 'https://evil.example' })).toBe(403);
    expect(await status('/page/state?as=alice', { origin: slack.url })).toBe(200);
  });

  test('a form cannot act for a person', async () => {
    const body = JSON.stringify({ as: 'alice', channel: 'ops', text: 'x' });
    expect(await status('/page/message', { 'content-type': 'text/plain' }, body)).toBe(400);
    expect(slack.messages('ops')).toEqual([]);
  });

  test('nothing outside the folder of the page is served', async () => {
    for (const path of [
      '/../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/slack/server.ts',
      '/none.js',
      '/%',
    ]) {
      expect(await status(path, {})).toBe(404);
    }
  });
});
