/* oxlint-disable unicorn/require-post-message-target-origin -- Slack's postMessage, not a window's */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { webClient } from './connect.ts';

let slack: LocalSlack;
beforeAll(async () => {
  slack = await startLocalSlack({ tierScale: 1000 });
});
afterAll(() => slack.close());

const channel = 'C00000OPS1';
const plain = (text: string): object => ({ type: 'plain_text', text });
const mrkdwn = (text: string): object => ({ type: 'mrkdwn', text });
const rich = (...texts: string[]): object => ({
  type: 'rich_text',
  elements: texts.map((text) => ({ type: 'rich_text_section', elements: [{ type: 'text', text }] })),
});
const raw = (text: string): object => ({ type: 'raw_text', text });

/** Posts the blocks and gives back how they read. */
async function rendered(...blocks: object[]): Promise<string> {
  await webClient(slack).apiCall('chat.postMessage', { channel, text: 'fallback', blocks });
  const message = slack.messages('ops').at(-1);
  if (!message) throw new Error('nothing was posted');
  return slack.renderText(message);
}

test('a plan with its steps', async () => {
  const task = (task_id: string, title: string, status: string, more: object = {}): object => ({
    type: 'task_card',
    task_id,
    title,
    status,
    ...more,
  });
  const tasks = [
    task('1', 'Check the host', 'complete'),
    task('2', 'Join', 'error', { output: rich('Timeout was reached', 'before node joined.') }),
    task('3', 'Verify', 'in_progress'),
    task('4', 'Summary', 'pending'),
  ];
  expect(await rendered({ type: 'plan', title: 'Join fedora-03', tasks })).toMatchInlineSnapshot(`
    "Join fedora-03
      ✔ Check the host
      ✖ Join
          Timeout was reached
          before node joined.
      ▶ Verify
      ○ Summary"
  `);
});

test('tables are aligned, numbers to the right', async () => {
  const rows = [
    [raw('Node'), raw('Tasks')],
    [raw('fedora-03'), { type: 'raw_number', value: 4, text: '4' }],
    [raw('manager'), { type: 'raw_number', value: 12, text: '12' }],
  ];
  expect(await rendered({ type: 'data_table', caption: 'Where they run', rows })).toMatchInlineSnapshot(`
    "Where they run
    Node       Tasks
    ─────────  ─────
    fedora-03      4
    manager       12"
  `);
});

test('sections, fields, context, buttons, menus, pictures and a container', async () => {
  const blocks = [
    { type: 'header', text: plain('websky') },
    {
      type: 'section',
      text: mrkdwn(
        '*fedora-03* is _Ready_ &amp; well, says <@U000000BOB> in <#C00000OPS1|ops> :white_check_mark:',
      ),
    },
    { type: 'section', fields: [mrkdwn('*Role*\nworker'), mrkdwn('*Engine:*\n20.10.24')] },
    { type: 'divider' },
    {
      type: 'container',
      title: plain('docker info'),
      subtitle: plain('manager'),
      is_collapsible: true,
      child_blocks: [rich('Raft'), { type: 'section', text: mrkdwn('```\nNodes: 3\n```') }],
    },
    { type: 'context', elements: [mrkdwn('job 42'), mrkdwn('<https://example.org/42|log>')] },
    { type: 'image', alt_text: 'the swarm', image_url: 'https://example.org/x.png' },
    {
      type: 'actions',
      elements: [
        { type: 'button', text: plain('Approve'), action_id: 'a' },
        { type: 'button', text: plain('Deny'), action_id: 'b' },
        { type: 'external_select', action_id: 'c', placeholder: plain('Node') },
      ],
    },
  ];
  expect(await rendered(...blocks)).toMatchInlineSnapshot(`
    "websky
    fedora-03 is Ready & well, says @bob in #ops ✅
    Role: worker
    Engine: 20.10.24
    ────────
    ▾ docker info · manager
      Raft
      Nodes: 3
    job 42 · log (https://example.org/42)
    [image: the swarm]
    [Approve] [Deny] (Node)"
  `);
});

test('rich text: lists, quotes, mentions', async () => {
  const section = (...elements: object[]): object => ({ type: 'rich_text_section', elements });
  const text = (value: string): object => ({ type: 'text', text: value });
  const elements = [
    section(text('Ask '), { type: 'usergroup', usergroup_id: 'S00ONCALL1' }, text(' about *this*')),
    { type: 'rich_text_list', style: 'ordered', elements: [section(text('one')), section(text('two'))] },
    { type: 'rich_text_list', style: 'bullet', indent: 1, elements: [section(text('deep'))] },
    { type: 'rich_text_quote', elements: [text('said\nso')] },
    { type: 'rich_text_preformatted', elements: [text('a  b')] },
  ];
  expect(await rendered({ type: 'rich_text', elements })).toMatchInlineSnapshot(`
    "Ask @oncall about *this*
    1. one
    2. two
      • deep
    > said
    > so
    a  b"
  `);
});

test('formatting marks inside words and stars that mean stars stay', async () => {
  await slack.say('alice', 'alerts', 'scale web_1_a to 2*3, *not* 4 * 5 <b>');
  const [message] = slack.messages('alerts');
  expect(message && slack.renderText(message)).toBe('scale web_1_a to 2*3, not 4 * 5 <b>');
});

test('a transcript shows who, for whom, edits and threads', async () => {
  const web = webClient(slack);
  const { carol } = slack.users;
  const target = slack.channels.alerts.id;
  const { ts = '' } = await web.chat.postMessage({ channel: target, text: 'fedora-03 is down' });
  await web.chat.update({ channel: target, ts, text: 'fedora-03 is back' });
  await slack.say('bob', 'alerts', 'thanks', ts);
  await web.chat.postEphemeral({ channel: target, user: carol.id, text: 'Acknowledge?' });
  const read = slack.transcript('alerts', { as: 'carol', since: slack.messages('alerts')[0]?.ts ?? '' });
  expect(read.replaceAll(/\d\d:\d\d/g, '10:31')).toMatchInlineSnapshot(`
    "swarmkeeper  10:31  (edited)
      fedora-03 is back

        bob  10:31
          thanks

    swarmkeeper  10:31  (only visible to you)
      Acknowledge?"
  `);
  expect(slack.transcript('alerts', { as: 'bob' })).not.toContain('Acknowledge?');
});
