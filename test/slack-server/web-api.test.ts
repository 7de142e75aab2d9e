/* oxlint-disable unicorn/require-post-message-target-origin -- Slack's postMessage, not a window's */
import type { ConversationsHistoryResponse } from '@slack/web-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { connectBySocket, refusal, refusedWith, webClient } from './connect.ts';

let slack: LocalSlack;
const { ops, random } = { ops: 'C00000OPS1', random: 'C0RANDOM01' };

beforeEach(async () => {
  slack = await startLocalSlack();
});
afterEach(() => slack.close());

test('auth.test says who the bot is', async () => {
  const { user_id, bot_id, team_id } = await webClient(slack).auth.test();
  expect({ user_id, bot_id, team_id }).toEqual({
    user_id: slack.app.botUserId,
    bot_id: slack.app.botId,
    team_id: slack.team.id,
  });
});

test.each([
  ['no token', '', 'not_authed'],
  ['a wrong token', 'xoxb-wrong', 'invalid_auth'],
])('%s is refused', async (_what, token, error) => {
  expect(await refusedWith(webClient(slack, { token }).auth.test())).toBe(error);
});

test('bot and app tokens are not interchangeable', async () => {
  const appLevel = webClient(slack, { token: slack.appToken });
  expect(await refusedWith(appLevel.chat.postMessage({ channel: ops, text: 'x' }))).toBe(
    'not_allowed_token_type',
  );
  expect(await refusedWith(webClient(slack).apps.connections.open({}))).toBe('not_allowed_token_type');
});

test('a method that is not there is unknown_method', async () => {
  expect(await refusedWith(webClient(slack).apiCall('chat.teleport'))).toBe('unknown_method');
});

test('a missing scope names what is needed and what is granted', async () => {
  await slack.close();
  slack = await startLocalSlack({ scopes: ['commands', 'users:read'] });
  expect(await refusal(webClient(slack).chat.postMessage({ channel: ops, text: 'x' }))).toMatchObject({
    error: 'missing_scope',
    needed: 'chat:write',
    provided: 'commands,users:read',
  });
});

test('the default scopes are those of the manifest: no channel list, no joining', async () => {
  const web = webClient(slack);
  expect(await refusedWith(web.conversations.list())).toBe('missing_scope');
  expect(await refusedWith(web.conversations.join({ channel: random }))).toBe('missing_scope');
  expect(await refusedWith(web.reactions.add({ channel: ops, timestamp: '1', name: 'wave' }))).toBe(
    'missing_scope',
  );
});

test('answers carry the scopes in their headers', async () => {
  const { response_metadata } = await webClient(slack).users.info({ user: slack.users.alice.id });
  expect(response_metadata).toMatchObject({ acceptedScopes: ['users:read'] });
  expect(response_metadata?.scopes).toContain('chat:write');
});

test('the bot posts only where it is a member', async () => {
  const web = webClient(slack);
  expect(await refusedWith(web.chat.postMessage({ channel: random, text: 'x' }))).toBe('not_in_channel');
  expect(await refusedWith(web.chat.postMessage({ channel: 'C0NOWHERE1', text: 'x' }))).toBe(
    'channel_not_found',
  );
  await expect(web.chat.postMessage({ channel: '#ops', text: 'by name' })).resolves.toMatchObject({
    channel: ops,
  });
});

test('a message needs something to show', async () => {
  expect(await refusedWith(webClient(slack).chat.postMessage({ channel: ops, text: '' }))).toBe('no_text');
});

test('text has its limit, and that of an update is lower', async () => {
  const web = webClient(slack);
  const post = (length: number): Promise<unknown> =>
    web.chat.postMessage({ channel: ops, text: 'x'.repeat(length) });
  expect(await refusedWith(post(40_001))).toBe('msg_too_long');
  const { ts = '' } = await web.chat.postMessage({ channel: ops, text: 'x'.repeat(40_000) });
  const update = (length: number): Promise<unknown> =>
    web.chat.update({ channel: ops, ts, text: 'x'.repeat(length) });
  expect(await refusedWith(update(4001))).toBe('msg_too_long');
  await update(4000);
});

test('an update with text and no blocks removes the blocks and shows as edited', async () => {
  const web = webClient(slack);
  const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'Joining' } }];
  const { ts = '' } = await web.chat.postMessage({ channel: ops, text: 'fallback', blocks });
  await web.chat.update({ channel: ops, ts, text: 'fallback 2', blocks });
  expect(slack.messages('ops')).toMatchObject([
    { text: 'fallback 2', edited: false, blocks: [{ type: 'header' }] },
  ]);
  await web.chat.update({ channel: ops, ts, text: 'done' });
  expect(slack.messages('ops')).toMatchObject([{ text: 'done', edited: true, blocks: [] }]);
});

test('the bot changes and deletes only its own messages', async () => {
  const web = webClient(slack);
  const ts = await slack.say('alice', 'ops', 'mine');
  expect(await refusedWith(web.chat.update({ channel: ops, ts, text: 'x' }))).toBe('cant_update_message');
  expect(await refusedWith(web.chat.delete({ channel: ops, ts }))).toBe('cant_delete_message');
  expect(await refusedWith(web.chat.update({ channel: ops, ts: '1.000001', text: 'x' }))).toBe(
    'message_not_found',
  );
  const own = await web.chat.postMessage({ channel: ops, text: 'own' });
  await web.chat.delete({ channel: ops, ts: own.ts ?? '' });
  expect(slack.messages('ops').map((message) => message.text)).toEqual(['mine']);
});

test('an ephemeral message is seen by one person, is not in the history and cannot be updated', async () => {
  const web = webClient(slack);
  const { alice, bob } = slack.users;
  const { message_ts = '' } = await web.chat.postEphemeral({ channel: ops, user: alice.id, text: 'psst' });
  expect(slack.messages('ops', { as: 'alice' })).toMatchObject([{ text: 'psst', ephemeral: true }]);
  expect(slack.messages('ops', { as: 'bob' })).toEqual([]);
  expect((await web.conversations.history({ channel: ops })).messages).toEqual([]);
  expect(await refusedWith(web.chat.update({ channel: ops, ts: message_ts, text: 'x' }))).toBe(
    'message_not_found',
  );
  const stranger = web.chat.postEphemeral({ channel: ops, user: 'USLACKBOT', text: 'x' });
  expect(await refusedWith(stranger)).toBe('user_not_in_channel');
  expect(await refusedWith(web.chat.postEphemeral({ channel: random, user: bob.id, text: 'x' }))).toBe(
    'not_in_channel',
  );
});

test('metadata comes back only from a history that asks for it, and stays through updates', async () => {
  const web = webClient(slack);
  const metadata = { event_type: 'job', event_payload: { id: '42' } };
  const { ts = '' } = await web.chat.postMessage({ channel: ops, text: 'card', metadata });
  await web.chat.update({ channel: ops, ts, text: 'card, edited' });
  const without = await web.conversations.history({ channel: ops });
  expect(without.messages?.[0]).not.toHaveProperty('metadata');
  const withIt = await web.conversations.history({ channel: ops, include_all_metadata: true });
  expect(withIt.messages?.[0]).toMatchObject({ text: 'card, edited', metadata });
  const bad = web.apiCall('chat.postMessage', { channel: ops, text: 'x', metadata: { event_type: 'job' } });
  expect(await refusedWith(bad)).toBe('invalid_metadata_schema');
});

test('the history is newest first, in pages, without replies', async () => {
  await slack.close();
  slack = await startLocalSlack({ tierScale: 100 });
  const web = webClient(slack);
  const posted: string[] = [];
  for (const text of ['one', 'two', 'three']) {
    posted.push((await web.chat.postMessage({ channel: ops, text })).ts ?? '');
  }
  const thread_ts = posted[0] ?? '';
  await web.chat.postMessage({ channel: ops, text: 'a reply', thread_ts });
  const seen: unknown[] = [];
  for await (const page of web.paginate('conversations.history', { channel: ops, limit: 2 })) {
    seen.push((page as ConversationsHistoryResponse).messages?.map((message) => message.text));
  }
  expect(seen).toEqual([['three', 'two'], ['one']]);
  const { messages } = await web.conversations.replies({ channel: ops, ts: thread_ts });
  expect(messages?.map((message) => message.text)).toEqual(['one', 'a reply']);
  expect(messages?.[0]).toMatchObject({ reply_count: 1, latest_reply: messages?.[1]?.ts });
  const since = await web.conversations.history({ channel: ops, oldest: posted[1] ?? '' });
  expect(since.messages?.map((message) => message.text)).toEqual(['three']);
});

test('a reply to what is not there is refused', async () => {
  const lost = webClient(slack).chat.postMessage({ channel: ops, text: 'x', thread_ts: '1.000001' });
  expect(await refusedWith(lost)).toBe('thread_not_found');
});

test('a direct message: opened once, posted to by user id, updated only by the channel id', async () => {
  const web = webClient(slack);
  const { bob } = slack.users;
  const opened = await web.conversations.open({ users: bob.id });
  const posted = await web.chat.postMessage({ channel: bob.id, text: 'hello' });
  expect(posted.channel).toBe(opened.channel?.id);
  const ts = posted.ts ?? '';
  expect(await refusedWith(web.chat.update({ channel: bob.id, ts, text: 'x' }))).toBe('channel_not_found');
  expect(slack.messages('@bob')).toMatchObject([{ text: 'hello' }]);
  expect(await refusedWith(web.conversations.open({ users: 'U0NOBODY01' }))).toBe('user_not_found');
});

test('people and user groups can be looked up', async () => {
  const web = webClient(slack);
  const { usergroups } = await web.usergroups.list({ include_users: true });
  const oncall = usergroups?.find((group) => group.handle === 'oncall');
  expect(oncall?.users).toEqual([slack.users.carol.id]);
  const { users } = await web.usergroups.users.list({ usergroup: oncall?.id ?? '' });
  expect(users).toEqual([slack.users.carol.id]);
  expect(await refusedWith(web.usergroups.users.list({ usergroup: 'S0NOTHING1' }))).toBe('no_such_subteam');
  expect((await web.users.info({ user: slack.users.carol.id })).user).toMatchObject({
    name: 'carol',
    is_bot: false,
  });
  expect((await web.users.list({})).members?.map((one) => one.name)).toContain('alice');
});

test('a file goes through the three steps and can be shown as a picture', async () => {
  const web = webClient(slack);
  const bytes = Buffer.from('89504e470d0a1a0a', 'hex');
  await web.filesUploadV2({
    channel_id: ops,
    filename: 'swarm.png',
    file: bytes,
    title: 'The swarm',
    initial_comment: 'Look',
  });
  const [message] = slack.messages('ops');
  expect(message).toMatchObject({
    text: 'Look',
    files: [{ title: 'The swarm', mimetype: 'image/png', size: 8 }],
  });
  const file = message?.files[0];
  const served = await fetch(slack.url + (file?.url ?? ''));
  expect(Buffer.from(await served.arrayBuffer())).toEqual(bytes);
  const picture = { type: 'image', alt_text: 'The swarm', slack_file: { id: file?.id ?? '' } };
  await web.chat.postMessage({ channel: ops, text: 'picture', blocks: [picture] });
  expect(slack.messages('ops').at(-1)?.blocks[0]).toMatchObject({ image_url: file?.url });
  const lost = { ...picture, slack_file: { id: 'F0NOTHING1' } };
  expect(await refusedWith(web.chat.postMessage({ channel: ops, text: 'x', blocks: [lost] }))).toBe(
    'invalid_blocks',
  );
});

test('an upload that was never sent cannot be completed', async () => {
  const web = webClient(slack);
  const { file_id = '' } = await web.files.getUploadURLExternal({ filename: 'a.txt', length: 3 });
  const files: [{ id: string }] = [{ id: file_id }];
  expect(await refusedWith(web.files.completeUploadExternal({ files, channel_id: ops }))).toBe(
    'file_not_found',
  );
});

test('JSON bodies work as forms do', async () => {
  const answer = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ channel: ops, blocks: [{ type: 'divider' }] }),
  });
  expect(await answer.json()).toMatchObject({ ok: true, message: { blocks: [{ type: 'divider' }] } });
});

test('calls are logged without their token', async () => {
  const next = slack.nextCall('chat.postMessage');
  await webClient(slack).chat.postMessage({ channel: ops, text: 'x' });
  expect(await next).toMatchObject({ token: 'bot', status: 200, args: { channel: ops, text: 'x' } });
  expect(slack.counts['chat.postMessage']).toBe(1);
  expect(JSON.stringify(slack.calls)).not.toContain(slack.botToken);
});

test('what people type arrives escaped, with mentions as references', async () => {
  const texts: string[] = [];
  const { stop } = await connectBySocket(slack, (app) => {
    app.command('/swarm', async ({ ack, command }) => {
      texts.push(command.text);
      await ack();
    });
  });
  await slack.command('alice', 'ops', '/swarm  a & b <c> @bob #ops @oncall   ');
  await slack.command(
    'alice',
    'ops',
    '/swarm create web registry.example.com/web:1.2 https://example.org/x?a=b&c',
  );
  expect(texts).toEqual([
    'a &amp; b &lt;c&gt; <@U000000BOB|bob> <#C00000OPS1|ops> <!subteam^S00ONCALL1|@oncall>',
    'create web <http://registry.example.com/web:1.2|registry.example.com/web:1.2> <https://example.org/x?a=b&amp;c>',
  ]);
  await stop();
});
