/* oxlint-disable unicorn/require-post-message-target-origin -- Slack's postMessage, not a window's */
import type { App } from '@slack/bolt';
import type { ActionsBlockElement, Button, ModalView } from '@slack/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { connectBySocket, refusedWith, webClient } from './connect.ts';

let slack: LocalSlack;
let stop: (() => Promise<void>) | undefined;
const ops = 'C00000OPS1';

beforeEach(async () => {
  slack = await startLocalSlack();
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
  await slack.close();
});

async function connect(listen: (app: App) => void): Promise<void> {
  ({ stop } = await connectBySocket(slack, listen));
}

const plain = (text: string): { type: 'plain_text'; text: string } => ({ type: 'plain_text', text });
const button = (text: string, action_id: string): Button => ({
  type: 'button',
  text: plain(text),
  action_id,
  value: 'job-1',
});
const modal = (more: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: 'join',
  title: plain('Join a host'),
  submit: plain('Join'),
  blocks: [
    {
      type: 'input',
      block_id: 'host',
      label: plain('Host'),
      element: { type: 'plain_text_input', action_id: 'name', max_length: 20 },
    },
  ],
  ...more,
});

async function postButtons(...elements: ActionsBlockElement[]): Promise<string> {
  const blocks = [{ type: 'actions' as const, block_id: 'approval', elements }];
  return (await webClient(slack).chat.postMessage({ channel: ops, text: 'Approve?', blocks })).ts ?? '';
}

describe('answers to a command', () => {
  test('an ack with text is ephemeral unless it says in_channel', async () => {
    await connect((app) => {
      app.command('/swarm', async ({ ack, command }) =>
        ack(command.text === 'aloud' ? { response_type: 'in_channel', text: 'for all' } : 'for you'),
      );
    });
    await slack.command('alice', 'ops', '/swarm softly');
    expect(slack.messages('ops')).toMatchObject([{ text: 'for you', ephemeral: true }]);
    await slack.command('alice', 'ops', '/swarm aloud');
    expect(slack.messages('ops', { as: 'bob' })).toMatchObject([
      { text: '/swarm aloud', user: slack.users.alice.id },
      { text: 'for all', ephemeral: false, user: slack.app.botUserId },
    ]);
  });

  test('an answer without response_type is ephemeral, also where the bot is not a member', async () => {
    await connect((app) => {
      app.command('/swarm', async ({ ack, respond }) => {
        await ack();
        await respond('here too');
      });
    });
    await slack.command('alice', 'random', '/swarm help');
    expect(await slack.waitFor('here too')).toMatchObject({
      ephemeral: true,
      channel: slack.channels.random.id,
    });
    expect(slack.messages('random', { as: 'bob' })).toEqual([]);
  });

  test('a response_url works five times', async () => {
    let url = '';
    await connect((app) => {
      app.command('/swarm', async ({ ack, command }) => {
        url = command.response_url;
        await ack();
      });
    });
    await slack.command('alice', 'ops', '/swarm help');
    const respond = (body: object): Promise<Response> =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await respond({ blocks: [{ type: 'nonsense' }] })).status).toBe(400);
    for (let n = 0; n < 4; n += 1) expect((await respond({ text: `answer ${n}` })).status).toBe(200);
    const sixth = await respond({ text: 'one too many' });
    expect(sixth.status).toBe(404);
    expect(await sixth.json()).toEqual({ ok: false, error: 'used_url' });
    expect(slack.messages('ops').map((message) => message.text)).toEqual(
      [0, 1, 2, 3].map((n) => `answer ${n}`),
    );
  });

  test('a response_url expires', async () => {
    let url = '';
    await connect((app) => {
      app.command('/swarm', async ({ ack, command }) => {
        url = command.response_url;
        await ack();
      });
    });
    await slack.command('alice', 'ops', '/swarm help');
    slack.faults.expire();
    const late = await fetch(url, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(await late.json()).toEqual({ ok: false, error: 'expired_url' });
  });
});

describe('buttons', () => {
  test('a press carries who, where and what; the answer edits the message in place', async () => {
    const seen: unknown[] = [];
    await connect((app) => {
      app.action('approve', async ({ ack, body, action, client }) => {
        await ack();
        seen.push(body.user.id, action);
        if (!('message' in body) || !body.message || !body.channel) throw new Error('no message');
        await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: 'Approved' });
      });
    });
    const ts = await postButtons(button('Approve', 'approve'), button('Deny', 'deny'));
    await slack.press('bob', 'Approve');
    expect(await slack.waitFor('Approved')).toMatchObject({ ts });
    expect(seen).toMatchObject([
      slack.users.bob.id,
      { type: 'button', block_id: 'approval', action_id: 'approve', value: 'job-1' },
    ]);
  });

  test('the newest button with the label is pressed; a missing one names those that are there', async () => {
    const pressed: string[] = [];
    await connect((app) => {
      app.action('go', async ({ ack, body }) => {
        await ack();
        if ('message' in body && body.message) pressed.push(body.message.ts);
      });
    });
    const older = await postButtons(button('Go', 'go'));
    const newer = await postButtons(button('Go', 'go'));
    await slack.press('bob', 'Go');
    await slack.press('bob', 'Go', { ts: older });
    expect(pressed).toEqual([newer, older]);
    await expect(slack.press('bob', 'Stop')).rejects.toThrow(
      'bob sees no button "Stop". The buttons there are: Go.',
    );
  });

  test('buttons of an ephemeral message: only for its reader, without `message`, replaced through the response_url', async () => {
    let hasMessage: boolean | undefined;
    await connect((app) => {
      app.action('go', async ({ ack, body, respond }) => {
        await ack();
        hasMessage = 'message' in body;
        await respond({ replace_original: true, text: 'Went' });
      });
    });
    const blocks = [{ type: 'actions' as const, elements: [button('Go', 'go')] }];
    await webClient(slack).chat.postEphemeral({
      channel: ops,
      user: slack.users.alice.id,
      text: 'x',
      blocks,
    });
    await expect(slack.press('bob', 'Go')).rejects.toThrow('There are no buttons');
    await slack.press('alice', 'Go');
    await slack.waitFor('Went');
    expect(hasMessage).toBe(false);
    expect(slack.messages('ops')).toMatchObject([{ text: 'Went', ephemeral: true, blocks: [] }]);
  });

  test('a press that nobody acknowledges is an error after 3 s', async () => {
    await connect(() => {});
    await postButtons(button('Go', 'go'));
    await expect(slack.press('bob', 'Go')).rejects.toThrow('operation_timeout');
  });

  test('trap: Bolt has no idempotency, the same press delivered twice runs twice', async () => {
    const triggers: string[] = [];
    await connect((app) => {
      app.action('go', async ({ ack, body }) => {
        await ack();
        if ('trigger_id' in body) triggers.push(body.trigger_id);
      });
    });
    await postButtons(button('Go', 'go'));
    await slack.press('bob', 'Go');
    await slack.deliverAgain();
    expect(triggers).toHaveLength(2);
    expect(triggers[0]).toBe(triggers[1]);
  });
});

describe('trigger ids', () => {
  /** A trigger_id as a command brings it. */
  async function trigger(): Promise<string> {
    let id = '';
    await connect((app) => {
      app.command('/swarm', async ({ ack, command }) => {
        id = command.trigger_id;
        await ack();
      });
    });
    await slack.command('alice', 'ops', '/swarm join');
    return id;
  }

  test('work once', async () => {
    const trigger_id = await trigger();
    const { views } = webClient(slack);
    await views.open({ trigger_id, view: modal() });
    expect(await refusedWith(views.open({ trigger_id, view: modal() }))).toBe('exchanged_trigger_id');
    expect(slack.modals('alice')).toMatchObject([{ title: 'Join a host' }]);
  });

  test('work for 3 s', async () => {
    const trigger_id = await trigger();
    slack.faults.expire();
    expect(await refusedWith(webClient(slack).views.open({ trigger_id, view: modal() }))).toBe(
      'expired_trigger_id',
    );
  });

  test('are not used up by a view that is refused', async () => {
    const trigger_id = await trigger();
    const { views } = webClient(slack);
    const bad = modal({ title: plain('x'.repeat(25)) });
    expect(await refusedWith(views.open({ trigger_id, view: bad }))).toBe('invalid_arguments');
    await views.open({ trigger_id, view: modal() });
  });
});

describe('modals', () => {
  /** An app whose command opens the modal and whose submission is answered by `answer`. */
  async function withModal(
    answer: (name: string | null | undefined) => object,
    view = modal(),
  ): Promise<string[]> {
    const submitted: string[] = [];
    await connect((app) => {
      app.command('/swarm', async ({ ack, command, client }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view });
      });
      app.view('join', async ({ ack, view: shown }) => {
        const name = shown.state.values['host']?.['name']?.value;
        submitted.push(name ?? '');
        const response = answer(name);
        await (Object.keys(response).length > 0 ? ack(response as { response_action: 'clear' }) : ack());
      });
    });
    await slack.command('alice', 'ops', '/swarm join');
    await slack.until(() => slack.modals('alice')[0]);
    return submitted;
  }

  test('values arrive, and an empty ack closes the modal', async () => {
    const submitted = await withModal(() => ({}));
    await slack.submitView('alice', { Host: 'fedora-03' });
    expect(submitted).toEqual(['fedora-03']);
    expect(slack.modals('alice')).toEqual([]);
  });

  test('errors stay beside their inputs', async () => {
    await withModal(() => ({ response_action: 'errors', errors: { host: 'No such host.' } }));
    await expect(slack.submitView('alice', { host: 'fedora-99' })).rejects.toMatchObject({
      errors: { host: 'No such host.' },
    });
    expect(slack.modals('alice')).toHaveLength(1);
  });

  test('errors for an input that is not there are trouble', async () => {
    await withModal(() => ({ response_action: 'errors', errors: { elsewhere: 'x' } }));
    await expect(slack.submitView('alice', { host: 'x' })).rejects.toThrow('We had some trouble connecting');
  });

  test('an empty required input and a long text never reach the app', async () => {
    const submitted = await withModal(() => ({}));
    await expect(slack.submitView('alice')).rejects.toMatchObject({
      errors: { host: 'Please complete this required field.' },
    });
    await expect(slack.submitView('alice', { host: 'x'.repeat(21) })).rejects.toMatchObject({
      errors: { host: 'Must be at most 20 characters.' },
    });
    expect(submitted).toEqual([]);
  });

  test('update and push change the stack, which holds three', async () => {
    await withModal(() => ({ response_action: 'push', view: modal({ title: plain('Next') }) }));
    await slack.submitView('alice', { host: 'a' });
    await slack.submitView('alice', { host: 'b' });
    expect(slack.modals('alice').map((view) => view.title)).toEqual(['Join a host', 'Next', 'Next']);
    await expect(slack.submitView('alice', { host: 'c' })).rejects.toThrow('push_limit_reached');
    await slack.closeView('alice');
    expect(slack.modals('alice')).toHaveLength(2);
    await slack.closeView('alice', { all: true });
    expect(slack.modals('alice')).toEqual([]);
  });

  test('an update with an old hash is a conflict', async () => {
    await withModal(() => ({}));
    const [shown] = slack.modals('alice');
    const view_id = shown?.id ?? '';
    const { views } = webClient(slack);
    await views.update({ view_id, hash: shown?.hash ?? '', view: modal({ title: plain('Changed') }) });
    const stale = views.update({ view_id, hash: shown?.hash ?? '', view: modal() });
    expect(await refusedWith(stale)).toBe('hash_conflict');
    expect(slack.modals('alice')).toMatchObject([{ id: view_id, title: 'Changed' }]);
    expect(await refusedWith(views.update({ view_id: 'V0NOTHING1', view: modal() }))).toBe('not_found');
  });

  test('modals belong to one person', async () => {
    await withModal(() => ({}));
    expect(slack.modals('bob')).toEqual([]);
    await expect(slack.submitView('bob', {})).rejects.toThrow('bob has no modal open');
  });

  test('an external_id is taken once', async () => {
    await withModal(() => ({}), modal({ external_id: 'join-1' }));
    const { views } = webClient(slack);
    const home = { type: 'home' as const, blocks: [], external_id: 'join-1' };
    expect(await refusedWith(views.publish({ user_id: slack.users.bob.id, view: home }))).toBe(
      'duplicate_external_id',
    );
    await views.update({
      external_id: 'join-1',
      view: modal({ external_id: 'join-1', title: plain('By name') }),
    });
    expect(slack.modals('alice')).toMatchObject([{ title: 'By name' }]);
  });

  test('closing is reported when the app asked for it', async () => {
    const closed: unknown[] = [];
    await connect((app) => {
      app.command('/swarm', async ({ ack, command, client }) => {
        await ack();
        await client.views.open({ trigger_id: command.trigger_id, view: modal({ notify_on_close: true }) });
      });
      app.view({ callback_id: 'join', type: 'view_closed' }, async ({ ack, body }) => {
        await ack();
        closed.push('is_cleared' in body && body.is_cleared);
      });
    });
    await slack.command('alice', 'ops', '/swarm join');
    await slack.until(() => slack.modals('alice')[0]);
    await slack.closeView('alice');
    expect(closed).toEqual([false]);
  });
});

test('type-ahead asks the app, and shows nothing when an option is too long', async () => {
  await connect((app) => {
    app.options('node', async ({ ack, options }) => {
      const text = options.value === 'long' ? 'x'.repeat(76) : `${options.value}-03`;
      await ack({ options: [{ text: plain(text), value: text.slice(0, 75) }] });
    });
    app.action('node', async ({ ack, action, respond }) => {
      await ack();
      if (action.type === 'external_select')
        await respond(`You chose ${action.selected_option?.value ?? ''}`);
    });
  });
  await postButtons({
    type: 'external_select',
    action_id: 'node',
    placeholder: plain('Node'),
    min_query_length: 1,
  });
  expect(await slack.suggest('alice', 'node', 'fedora')).toEqual(['fedora-03']);
  expect(await slack.suggest('alice', 'node', 'long')).toEqual([]);
  await slack.choose('alice', 'node', 'fedora-03');
  expect(await slack.waitFor('You chose fedora-03')).toMatchObject({ ephemeral: true });
});

test('Home is published per person when it is opened', async () => {
  await connect((app) => {
    app.event('app_home_opened', async ({ event, client }) => {
      const blocks = [
        { type: 'header' as const, text: plain(`For ${event.user}`) },
        { type: 'actions' as const, elements: [button('Refresh', 'refresh')] },
      ];
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
    });
    app.action('refresh', async ({ ack, body, client }) => {
      await ack();
      await client.chat.postMessage({ channel: body.user.id, text: 'refreshed' });
    });
  });
  await slack.openHome('carol');
  const home = await slack.until(() => slack.home('carol'));
  expect(home.blocks[0]).toMatchObject({ text: { text: `For ${slack.users.carol.id}` } });
  expect(slack.home('alice')).toBeUndefined();
  await slack.press('carol', 'Refresh');
  expect(await slack.waitFor('refreshed', { channel: '@carol' })).toMatchObject({ ephemeral: false });
});

test('events come only to those who subscribed', async () => {
  const heard: string[] = [];
  const listen = (app: App): void => {
    app.event('app_mention', async ({ event }) => {
      heard.push(event.text);
    });
  };
  await connect(listen);
  await slack.say('alice', 'ops', 'hello @swarmkeeper');
  expect(slack.sends()).toEqual([]);
  await stop?.();
  await slack.close();
  slack = await startLocalSlack({ events: ['app_mention'] });
  await connect(listen);
  await slack.say('alice', 'ops', 'hello @swarmkeeper');
  await expect.poll(() => heard, { timeout: 6000 }).toEqual([`hello <@${slack.app.botUserId}>`]);
});

test('waitFor tells what the channel shows when the time is over', async () => {
  await slack.say('alice', 'ops', 'something else');
  await expect(slack.waitFor('done', { channel: 'ops', timeoutMs: 20 })).rejects.toThrow(
    /"done".*something else/s,
  );
});
