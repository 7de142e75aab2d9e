import type { BlockAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import type { Connected } from '../slack-server/connect.ts';
import { connectBySocket, webClient } from '../slack-server/connect.ts';
import { button, plain, plan } from './blocks.ts';
import { Browser, inPage, leftOut, underLoad } from './browser.ts';

const option = (value: string) => ({ text: plain(value), value });

function scaleModal(title: string): ModalView {
  return {
    type: 'modal',
    callback_id: 'scale',
    title: plain(title),
    submit: plain('Scale'),
    close: plain('Cancel'),
    blocks: [
      { type: 'alert', level: 'warning', text: plain('fedora-03 lacks the image.') },
      {
        type: 'input',
        block_id: 'service',
        label: plain('Service'),
        element: { type: 'external_select', action_id: 'service', min_query_length: 1 },
      },
      {
        type: 'input',
        block_id: 'count',
        label: plain('Replicas'),
        element: { type: 'number_input', action_id: 'count', is_decimal_allowed: false },
      },
      {
        type: 'input',
        block_id: 'also',
        optional: true,
        label: plain('Also'),
        element: { type: 'checkboxes', action_id: 'also', options: [option('rebalance'), option('tell')] },
      },
      { type: 'actions', elements: [button('Forecast', 'forecast')] },
    ],
  };
}

describe.skipIf(leftOut)(`what is pressed and typed in the page${leftOut ?? ''}`, underLoad, () => {
  let browser: Browser;
  let slack: LocalSlack;
  let web: WebClient;
  let connected: Connected;
  /** `action_id value by user`, in the order in which the app got them. */
  let got: string[];
  const post = async (content: object): Promise<string> => {
    const message = { channel: slack.channels.ops.id, text: 'fallback', ...content };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's postMessage, not a window's
    const { ts } = await web.chat.postMessage(message);
    return ts ?? '';
  };

  beforeAll(async () => {
    browser = await Browser.start();
  });
  afterAll(() => browser?.stop());
  beforeEach(async () => {
    got = [];
    slack = await startLocalSlack({ tierScale: 1000 });
    web = webClient(slack);
    connected = await connectBySocket(slack, (app) => {
      app.action<BlockAction>({ type: 'block_actions' }, async ({ ack, body, action, client }) => {
        await ack();
        const chosen = 'selected_option' in action ? action.selected_option?.value : undefined;
        const value = action.type === 'button' ? action.value : chosen;
        got.push(`${action.action_id} ${value ?? 'nothing'} by ${body.user.name}`);
        const { trigger_id } = body;
        if (action.action_id === 'open')
          await client.views.open({ trigger_id, view: scaleModal('Scale a service') });
        if (action.action_id === 'forecast') {
          await client.views.push({
            trigger_id,
            view: scaleModal(`Forecast ${body.view?.previous_view_id ? 2 : 1}`),
          });
        }
      });
      app.options('service', async ({ ack, payload }) => {
        const names = ['websky', 'web-canary', 'redis'].filter((name) => name.includes(payload.value));
        await ack({ options: names.map(option) });
      });
      app.view('scale', async ({ ack, view }) => {
        const { count, service, also } = view.state.values;
        const wanted = count?.['count']?.value ?? '';
        got.push(
          `scale ${service?.['service']?.selected_option?.value ?? ''} ${wanted} ${also?.['also']?.selected_options?.length ?? ''}`,
        );
        if (Number(wanted) > 24)
          await ack({ response_action: 'errors', errors: { count: 'Room for 24 at most.' } });
        else await ack();
      });
      app.command('/swarm', async ({ ack, command }) => ack(`You said: ${command.text}`));
      app.event('app_home_opened', async ({ event, client }) => {
        const blocks = [
          { type: 'header' as const, text: plain('The swarm at a glance') },
          { type: 'actions' as const, elements: [button('Refresh', 'refresh')] },
        ];
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
      });
    });
  });
  afterEach(async () => {
    await browser.closePages();
    await connected.stop();
    await slack.close();
    browser.assertNoComplaints();
  });

  /** Waits until the app got this many things. */
  const received = async (count: number): Promise<string[]> => {
    await expect.poll(() => got.length, { timeout: 5000 }).toBeGreaterThanOrEqual(count);
    return got;
  };

  test('a button asks to confirm, also across an edit, and reaches the app as the person who pressed', async () => {
    const confirm = {
      title: plain('Deny it?'),
      text: plain('fedora-03 stays out.'),
      confirm: plain('Deny'),
      deny: plain('Go back'),
    };
    const actions = {
      type: 'actions',
      elements: [
        button('Approve', 'approve', { style: 'primary', value: 'job-7' }),
        button('Deny', 'deny', { style: 'danger', confirm, value: 'job-7' }),
      ],
    };
    const ts = await post({ blocks: [plan(0), actions] });
    const page = await browser.open(slack, 'bob');
    const dialog = page.getByRole('alertdialog', { name: 'Deny it?' });
    await page.getByRole('button', { name: 'Deny' }).click();
    expect(await dialog.innerText()).toContain('fedora-03 stays out.');
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Deny' }).click();
    // Slack gives the actions block a new block_id with each edit.
    await web.chat.update({
      channel: slack.channels.ops.id,
      ts,
      text: 'fallback',
      blocks: [plan(1), actions],
    });
    await page.locator('[data-task="step-0"] [aria-label="Done"]').waitFor();
    await dialog.getByRole('button', { name: 'Deny' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Approve' }).click();
    expect(await received(2)).toEqual(['deny job-7 by bob', 'approve job-7 by bob']);
  });

  test('menus: an overflow, a select searched with the keyboard, a type-ahead that asks the app', async () => {
    const options = Array.from({ length: 100 }, (_, i) => option(`web-${i + 1}`));
    const placeholder = plain('Find a service');
    await post({
      blocks: [
        {
          type: 'section',
          block_id: 'a',
          text: plain('fedora-03'),
          accessory: { type: 'overflow', action_id: 'more', options: [option('drain'), option('promote')] },
        },
        {
          type: 'actions',
          block_id: 'b',
          elements: [
            { type: 'static_select', action_id: 'node', placeholder: plain('Choose a node'), options },
          ],
        },
        {
          type: 'actions',
          block_id: 'c',
          elements: [{ type: 'external_select', action_id: 'service', placeholder, min_query_length: 2 }],
        },
      ],
    });
    const page = await browser.open(slack, 'alice');
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await received(1);
    await page.getByRole('button', { name: 'Choose a node' }).click();
    expect(await page.getByRole('option').count()).toBe(100);
    await page.keyboard.type('web-42');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Choose a node' }).getByText('web-42').waitFor();
    await received(2);
    await page.getByRole('button', { name: 'Find a service' }).click();
    await page.keyboard.type('w');
    await page.getByText('Type a letter more to search.').waitFor();
    await page.keyboard.type('e');
    // Before the app has answered: it means the first of what comes.
    await page.keyboard.press('Enter');
    expect(await received(3)).toEqual([
      'more promote by alice',
      'node web-42 by alice',
      'service websky by alice',
    ]);
  });

  test("a modal: required inputs, the app's own errors, what is sent, and what closes it", async () => {
    await post({ blocks: [{ type: 'actions', elements: [button('Scale…', 'open')] }] });
    const page = await browser.open(slack, 'alice');
    await page.getByRole('button', { name: 'Scale…' }).click();
    const modal = page.getByRole('dialog', { name: 'Scale a service' });
    await modal.getByText('fedora-03 lacks the image.').waitFor();
    await modal.getByRole('button', { name: 'Scale' }).click();
    expect(await modal.locator('.input-error').allInnerTexts()).toEqual(
      Array(2).fill('Please complete this required field.'),
    );

    // Tab goes round inside the modal.
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      expect(await inPage(page, `document.querySelector('dialog').contains(document.activeElement)`)).toBe(
        'true',
      );
    }
    await modal.getByRole('button', { name: 'Service' }).click();
    await page.keyboard.type('web');
    await page.getByRole('option', { name: 'websky' }).click();
    await modal.getByLabel('Replicas').fill('99');
    await modal.getByLabel('rebalance').check();
    await page.getByLabel('Replicas').press('Enter');
    await modal.getByText('Room for 24 at most.').waitFor();
    expect(await modal.getByLabel('Replicas').getAttribute('aria-invalid')).toBe('true');
    expect(await modal.locator('.input-error').count()).toBe(1);
    await modal.getByLabel('Replicas').fill('12');
    await modal.getByRole('button', { name: 'Scale' }).click();
    await modal.waitFor({ state: 'detached' });
    expect(got.slice(1)).toEqual(['scale websky 99 1', 'scale websky 12 1']);
  });

  test('modals stack three deep, each keeps what was typed, and the cross closes all', async () => {
    await post({ blocks: [{ type: 'actions', elements: [button('Scale…', 'open')] }] });
    const page = await browser.open(slack, 'alice');
    await page.getByRole('button', { name: 'Scale…' }).click();
    for (const title of ['Scale a service', 'Forecast 1', 'Forecast 2']) {
      const modal = page.getByRole('dialog', { name: title });
      await modal.getByLabel('Replicas').fill(title);
      if (title !== 'Forecast 2') await modal.getByRole('button', { name: 'Forecast' }).click();
    }
    await page.getByRole('button', { name: 'Back' }).click();
    expect(await page.getByRole('dialog', { name: 'Forecast 1' }).getByLabel('Replicas').inputValue()).toBe(
      'Forecast 1',
    );
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(slack.modals('alice')).toEqual([]);
  });

  test('the composer: suggestions, a slash command, what was sent before', async () => {
    const page = await browser.open(slack, 'alice');
    const input = page.getByRole('textbox', { name: 'Message #ops' });
    await input.fill('/');
    await page.getByRole('option', { name: 'Run the Docker Swarm' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await input.inputValue()).toBe('/swarm ');
    await page.keyboard.type('scale websky 12');
    await page.keyboard.press('Enter');
    await page.locator('.message.ephemeral').getByText('You said: scale websky 12').waitFor();
    await page.keyboard.type('hello @bo');
    await page.getByRole('option', { name: 'bob' }).click();
    await page.keyboard.press('Enter');
    await page.locator('.message').getByText('@bob').waitFor();
    await page.keyboard.press('ArrowUp');
    expect(await input.inputValue()).toBe('hello @bob');
    await page.keyboard.press('ArrowUp');
    expect(await input.inputValue()).toBe('/swarm scale websky 12');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await input.inputValue()).toBe('');
  });

  test('the Home tab is asked for, shown, and its buttons work', async () => {
    const page = await browser.open(slack, 'carol');
    await page.locator('[data-entry="Swarmkeeper"]').click();
    await page.getByText('The swarm at a glance').waitFor();
    await page.getByRole('button', { name: 'Refresh' }).click();
    expect(await received(1)).toEqual(['refresh nothing by carol']);
    await page.getByRole('button', { name: 'Messages' }).click();
    await page.getByRole('textbox', { name: 'Message Swarmkeeper' }).fill('hello');
    await page.keyboard.press('Enter');
    await page.locator('.message').getByText('hello').waitFor();
  });

  test('an action that nobody acknowledges is told to the person', async () => {
    await post({ blocks: [{ type: 'actions', elements: [button('Approve', 'approve')] }] });
    const page = await browser.open(slack, 'alice');
    await connected.stop();
    await page.getByRole('button', { name: 'Approve' }).click();
    const notice = page.getByRole('alert').getByText('the app did not acknowledge it');
    await notice.waitFor();
    expect(await notice.innerText()).toContain('"Approve"');
  });
});
