import type { WebClient } from '@slack/web-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { webClient } from '../slack-server/connect.ts';
import { button, hundredRows, plain, plan } from './blocks.ts';
import { Browser, inPage, leftOut, underLoad } from './browser.ts';

describe.skipIf(leftOut)(`messages in the page${leftOut ?? ''}`, underLoad, () => {
  let browser: Browser;
  let slack: LocalSlack;
  let web: WebClient;
  let channel: string;
  const post = async (content: object, text = 'fallback'): Promise<string> => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's postMessage, not a window's
    const { ts } = await web.chat.postMessage({ channel, text, ...content });
    return ts ?? '';
  };

  beforeAll(async () => {
    browser = await Browser.start();
  });
  afterAll(() => browser?.stop());
  beforeEach(async () => {
    slack = await startLocalSlack({ tierScale: 1000 });
    web = webClient(slack);
    channel = slack.channels.ops.id;
  });
  afterEach(async () => {
    await browser.closePages();
    await slack.close();
    browser.assertNoComplaints();
  });

  test('what the app and people post appears at once, with who, when and the replies', async () => {
    const first = await post({}, 'Hello *world* from <@U000000BOB>');
    const page = await browser.open(slack, 'alice');
    const message = page.locator('.message').first();
    expect(await message.locator('.byline').innerText()).toMatch(/^Swarmkeeper\s+APP\s+\d+:\d\d [AP]M$/);
    expect(await message.locator('.body b').innerText()).toBe('world');
    expect(await message.locator('.mention').innerText()).toBe('@bob');

    await slack.say('bob', '#ops', 'I am here');
    await page.getByText('I am here').waitFor();
    await slack.say('bob', '#ops', 'in the thread', first);
    await message.getByText('1 reply').waitFor();
    expect(await page.getByText('in the thread').count()).toBe(0);
    await message.getByText('1 reply').click();
    await page.locator('.thread').getByText('in the thread').waitFor();
    await page.locator('.thread textarea').fill('and back');
    await page.keyboard.press('Enter');
    await page.locator('.thread').getByText('2 replies').waitFor();
    expect(slack.messages('#ops').at(-1)).toMatchObject({
      text: 'and back',
      thread_ts: first,
    });
  });

  test('an edit changes what it must and leaves what the person opened, sorted, read and focused', async () => {
    const ts = await post({
      blocks: [plan(1), hundredRows(), { type: 'actions', elements: [button('Cancel', 'cancel')] }],
    });
    for (let i = 0; i < 30; i++) await post({}, `message ${i}`);
    const page = await browser.open(slack, 'alice');
    const message = page.locator(`[data-ts="${ts}"]`);
    const task = message.locator('[data-task="step-0"]');
    await task.locator('button').click();
    await task.getByText('Details of step 0').waitFor();
    await message.locator('thead').getByRole('button', { name: 'Since' }).click();
    await message.getByRole('button', { name: 'Next page' }).click();
    const cancel = message.getByRole('button', { name: 'Cancel' });
    await cancel.focus();
    await inPage(page, 'document.activeElement.drawnOnce = true');
    // Reading further down, where the edited message is out of sight.
    await inPage(
      page,
      `document.querySelector('.message:nth-of-type(10)').scrollIntoView({ block: 'start' })`,
    );
    const place = `Math.round(document.querySelector('.message:nth-of-type(10)').getBoundingClientRect().top)`;
    const before = await inPage(page, place);
    expect(Number(before), 'near the top, so not at the end of the list').toBeLessThan(150);

    // Taller than before, and above what is being read; the ids that the app left out are new as well.
    await web.chat.update({
      channel,
      ts,
      text: 'fallback',
      blocks: [
        plan(2, 'error'),
        hundredRows('moved'),
        { type: 'actions', elements: [button('Cancel', 'cancel')] },
      ],
    });
    await message.locator('[data-task="step-2"] .status[aria-label="Failed"]').waitFor();
    expect(await task.getByText('Details of step 0').isVisible()).toBe(true);
    expect(await message.getByText('Details of step 2').isVisible()).toBe(true);
    expect(await message.getByText('Details of step 1').isVisible()).toBe(false);
    expect(await message.locator('.table-range').innerText()).toBe('11–20 of 100');
    expect(await message.locator('tbody tr').first().locator('td').first().innerText()).toBe('10');
    expect(await message.getByText('moved on').count()).toBe(10);
    expect(await inPage(page, `[document.activeElement.textContent, document.activeElement.drawnOnce]`)).toBe(
      'Cancel,true',
    );
    expect(await inPage(page, place)).toBe(before);
  });

  test('text edits show "(edited)", deletions go, and who is at the end stays at the end', async () => {
    for (let i = 0; i < 40; i++) await post({}, `message ${i}`);
    const page = await browser.open(slack, 'alice');
    const ts = await post({}, 'the last one');
    await page.getByText('the last one').waitFor();
    await web.chat.update({ channel, ts, text: 'the very last one' });
    await page.getByText('the very last one (edited)').waitFor();
    const fromEnd = `(() => { const t = document.querySelector('.timeline'); return t.scrollHeight - t.scrollTop - t.clientHeight < 2; })()`;
    expect(await inPage(page, fromEnd)).toBe('true');
    await inPage(page, `document.querySelector('.timeline').scrollTo(0, 0)`);
    await post({}, 'for whoever reads further up');
    await page.getByRole('button', { name: 'Latest messages' }).click();
    expect(await inPage(page, fromEnd)).toBe('true');
    await web.chat.delete({ channel, ts });
    await page.getByText('the very last one').waitFor({ state: 'detached' });
  });

  test('each person sees their own: ephemerals, unread channels, direct messages', async () => {
    const { alice } = slack.users;
    await web.chat.postEphemeral({ channel, user: alice.id, text: 'No host is called *fedora-99*.' });
    await post({ channel: slack.channels.alerts.id }, 'fedora-02 is Down');
    await post({ channel: alice.id }, 'Your join waits for bob');
    const page = await browser.open(slack, 'alice');
    const ephemeral = page.locator('.message.ephemeral');
    expect(await ephemeral.innerText()).toContain('Only visible to you');
    await page.locator('[data-entry="alerts"] .unread-count').waitFor();
    await page.locator('[data-entry="alerts"]').click();
    await page.getByText('fedora-02 is Down').waitFor();
    await page.locator('[data-entry="alerts"] .unread-count').waitFor({ state: 'detached' });
    await page.locator('[data-entry="Swarmkeeper"]').click();
    await page.getByText('Your join waits for bob').waitFor();

    await page.getByRole('radio', { name: 'Act as bob' }).click();
    await page.getByRole('radio', { name: 'Act as bob', checked: true }).waitFor();
    await page.locator('[data-entry="ops"]').click();
    await page.locator('.pane textarea').fill('typed as bob');
    await page.keyboard.press('Enter');
    await page
      .locator('.message', { hasText: 'typed as bob' })
      .locator('.author', { hasText: 'bob' })
      .waitFor();
    expect(await ephemeral.count()).toBe(0);
    expect(await page.getByText('Your join waits for bob').count()).toBe(0);
  });

  test('markup and script in any text stay text', async () => {
    const evil = '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script>';
    const escaped = evil.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const cell = (text: string) => ({ type: 'raw_text' as const, text });
    await post({}, evil);
    await post({
      blocks: [
        { type: 'header', text: plain(evil) },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: `${escaped} <javascript:window.hacked=true|press me>` },
        },
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'text', text: evil },
                { type: 'link', url: 'javascript:window.hacked=true', text: 'press this' },
              ],
            },
          ],
        },
        { type: 'data_table', caption: evil, rows: [[cell(evil)], [cell(evil)]] },
        { type: 'markdown', text: `${evil} [or this](javascript:window.hacked=true)` },
        { type: 'actions', elements: [button(evil.slice(0, 60), 'evil')] },
      ],
    });
    await slack.say('bob', '#ops', evil);
    const page = await browser.open(slack, 'alice');
    for (const label of ['press me', 'press this', 'or this']) await page.getByText(label).click();
    expect(
      await page.locator('.messages').locator('img, script, [onerror], a[href^="javascript"]').count(),
    ).toBe(0);
    expect(await page.locator('.message', { hasText: evil }).count()).toBe(3);
    expect(await inPage(page, 'window.hacked')).toBe('undefined');
  });

  test('a table sorts, filters and pages', async () => {
    await post({ blocks: [hundredRows()] });
    const page = await browser.open(slack, 'alice');
    const firstCells = () => page.locator('tbody tr > :first-child').allInnerTexts();
    const sort = page.locator('thead').getByRole('button', { name: 'Task' });
    expect(await page.getByRole('table', { name: 'Tasks of websky' }).count()).toBe(1);
    await sort.click();
    expect((await firstCells()).slice(0, 3)).toEqual(['websky.1', 'websky.2', 'websky.3']);
    await sort.click();
    expect((await firstCells()).slice(0, 2)).toEqual(['websky.100', 'websky.99']);
    await page.getByRole('searchbox').fill('fedora-3 websky.4');
    expect(await firstCells()).toEqual(['websky.46', 'websky.4']);
    await page.getByRole('searchbox').fill('nowhere');
    await page.getByText('No row matches the filter.').waitFor();
  });

  test('on a phone nothing is wider than the page, and the channels are a drawer', async () => {
    const wide = 'averyveryverylongwordthatcannotbreak'.repeat(8);
    await post({ blocks: [hundredRows(wide.slice(0, 20)), plan(1, 'error')] });
    await post({
      blocks: [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: `\`${wide}\` \`\`\`${wide}\`\`\`` },
          accessory: button('Why?', 'why'),
        },
      ],
    });
    await post({}, wide);
    const page = await browser.open(slack, 'alice', { width: 390, height: 844 });
    const width = `Math.max(document.documentElement.scrollWidth, document.querySelector('.timeline').scrollWidth)`;
    expect(await inPage(page, width)).toBe('390');
    const scroll = `(() => { const s = document.querySelector('.table-scroll'); return s.scrollWidth > s.clientWidth; })()`;
    expect(await inPage(page, scroll)).toBe('true');

    const alerts = page.locator('[data-entry="alerts"]');
    expect(await alerts.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Channels' }).click();
    await alerts.click();
    await page.getByRole('heading', { name: '#alerts' }).waitFor();
    await alerts.waitFor({ state: 'hidden' });
  });

  test('of five hundred messages an edit draws one', async () => {
    for (let i = 0; i < 480; i++) await slack.say('bob', '#ops', `message ${i}`);
    for (let i = 0; i < 20; i++) await post({ blocks: [plan(i % 2)] });
    const page = await browser.open(slack, 'alice');
    await page.locator('.message').nth(499).waitFor();
    await page.evaluate(
      `for (const node of document.querySelectorAll('.message .body > *, .task')) node.drawnBefore = true`,
    );
    const last = slack.messages('#ops').at(-1)?.ts ?? '';
    await web.chat.update({ channel, ts: last, text: 'card', blocks: [plan(2, 'error')] });
    await page.locator(`[data-ts="${last}"] .status.error`).waitFor();
    const redrawn = `[...document.querySelectorAll('.message .body > *, .task')].filter((node) => !node.drawnBefore).length`;
    // The plan itself stays; of its tasks, the one that was done before stays as well.
    expect(Number(await inPage(page, redrawn))).toBeLessThanOrEqual(2);
  });

  test('when the server was gone for a while, the page says so and catches up', async () => {
    const page = await browser.open(slack, 'alice');
    await slack.faults.down();
    await page.getByText('The connection to the local Slack is lost').waitFor();
    await slack.faults.up();
    await post({}, 'posted meanwhile');
    await page.getByText('posted meanwhile').waitFor();
    await page.getByText('The connection to the local Slack is lost').waitFor({ state: 'hidden' });
    // The browser itself reports the cut and the refused connections.
    const complaints = browser.takeComplaints();
    expect(complaints.filter((line) => !line.includes('net::ERR_'))).toEqual([]);
  });
});
