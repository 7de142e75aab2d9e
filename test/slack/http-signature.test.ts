/**
 * A bot that Slack reaches over HTTP: what Slack has not signed, just now, has no effect, and what it sends twice has one.
 * Commands, buttons, forms and events are held up on their way from Slack and brought to the bot as an attacker would.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createSocket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sign } from '../../demo/slack/http-delivery.ts';
import { readBody } from '../../demo/slack/http.ts';
import { BY_ALL, startApprovalBench, type ApprovalBench } from './approval-bench.ts';

interface Held {
  body: string;
  type: string;
}

let bench: ApprovalBench;
let slack: ApprovalBench['slack'];
let requestUrl: string;
let gate: Server;
/** What Slack sends while it is held up; undefined: it goes on to the bot as it is. */
let held: Held[] | undefined;

beforeAll(async () => {
  bench = await startApprovalBench({ approvals: { rotate: BY_ALL } }, { bots: 0 });
  ({ slack } = bench);
  const port = await freePort();
  requestUrl = `http://127.0.0.1:${port}/slack/events`;
  await bench.system.startBot({
    SLACK_APP_TOKEN: '',
    SLACK_SIGNING_SECRET: slack.signingSecret,
    PORT: String(port),
  });
  gate = createServer((request, response) => {
    void (async () => {
      const body = (await readBody(request)).toString();
      const type = request.headers['content-type'] ?? '';
      if (held) {
        held.push({ body, type });
        return response.writeHead(200).end();
      }
      const { 'x-slack-signature': signature, 'x-slack-request-timestamp': at } = request.headers;
      const answer = await post({ body, type }, { at: String(at), signature: String(signature) });
      return response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
        .end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => {
    gate.listen(0, '127.0.0.1', resolve);
  });
  const { port: at } = gate.address() as AddressInfo;
  await slack.configureHttpMode({ requestUrl: `http://127.0.0.1:${at}/` });
}, 60_000);
afterAll(async () => {
  gate?.closeAllConnections();
  gate?.close();
  await bench?.stop();
});

const now = (): number => Math.floor(Date.now() / 1000);

interface Signed {
  at?: string;
  signature?: string;
}

/** As Slack signs it at this moment. */
function signed({ body }: Held, at = now(), secret = slack.signingSecret): Signed {
  return { at: String(at), signature: sign(secret, at, body) };
}

async function post({ body, type }: Held, { at, signature }: Signed): Promise<Response> {
  return await fetch(requestUrl, {
    method: 'POST',
    body,
    headers: {
      'content-type': type,
      ...(at === undefined ? {} : { 'x-slack-request-timestamp': at }),
      ...(signature === undefined ? {} : { 'x-slack-signature': signature }),
    },
  });
}

/** What Slack sends because of `work`, held up on its way. */
async function holdUp(work: () => Promise<unknown>): Promise<Held> {
  held = [];
  await work();
  const [first] = held;
  held = undefined;
  if (!first) throw new Error('Slack has sent nothing.');
  return first;
}

const BAD: [string, (sent: Held) => Signed][] = [
  ['of another secret', (sent) => signed(sent, now(), 'another secret')],
  ['of another body', (sent) => signed({ ...sent, body: `${sent.body} ` })],
  ['older than five minutes', (sent) => signed(sent, now() - 301)],
  ['from more than five minutes ahead', (sent) => signed(sent, now() + 330)],
  ['of another time than it says', (sent) => ({ ...signed(sent, now() - 10), at: String(now()) })],
  ['of another version', (sent) => ({ ...signed(sent), signature: `v1${signed(sent).signature?.slice(2)}` })],
  ['without its version', (sent) => ({ ...signed(sent), signature: signed(sent).signature?.slice(3) ?? '' })],
  ['cut short', (sent) => ({ ...signed(sent), signature: signed(sent).signature?.slice(0, -2) ?? '' })],
  ['empty', (sent) => ({ ...signed(sent), signature: '' })],
  ['absent', () => ({ at: String(now()) })],
  ['without a time', (sent) => ({ signature: signed(sent).signature ?? '' })],
  ['of a time that is none', (sent) => ({ ...signed(sent), at: 'soon' })],
  ['of no time at all', (sent) => ({ at: '', signature: sign(slack.signingSecret, Number.NaN, sent.body) })],
];

/** None of the bad signatures is taken. */
async function expectRefused(sent: Held): Promise<void> {
  for (const [why, headers] of BAD)
    expect([why, (await post(sent, headers(sent))).status]).toEqual([why, 401]);
}

/** As Slack does when it thinks that the first was lost, and as somebody would who has overheard it. */
async function thrice(sent: Held): Promise<void> {
  const answers = await Promise.all([1, 2].map(() => post(sent, signed(sent))));
  answers.push(await post(sent, signed(sent, now() - 60)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
}

const newest = (): string => slack.messages('ops').at(-1)?.ts ?? '0';
const cards = (since: string) => slack.messages('ops', { since }).filter(({ ephemeral }) => !ephemeral);

/** The card of a new request of alice's, when it waits for an approval. */
async function ask() {
  const since = newest();
  await slack.command('alice', 'ops', '/swarm rotate worker');
  return await slack.waitFor(({ text }) => text.includes('waits for an approval'), {
    channel: 'ops',
    since,
    timeoutMs: 20_000,
  });
}

async function turns(ts: string, says: string): Promise<void> {
  await slack.waitFor((one) => one.ts === ts && one.text.includes(`: ${says}`), {
    channel: 'ops',
    timeoutMs: 20_000,
  });
}

describe(
  'what Slack has not signed has no effect, and what it sends again has one',
  { timeout: 60_000 },
  () => {
    test('a command', async () => {
      const since = newest();
      const command = await holdUp(() => slack.command('alice', 'ops', '/swarm rotate worker'));
      await expectRefused(command);
      // Behind them: whatever a bad one had begun would be there by now.
      const marker = await ask();
      expect(cards(since).map(({ ts }) => ts)).toEqual([marker.ts]);
      await thrice(command);
      await expect.poll(() => cards(since).length).toBe(2);
      await ask();
      expect(cards(since)).toHaveLength(3);
    });

    test('a button', async () => {
      const { ts } = await ask();
      const runs = bench.ran.length;
      const approve = await holdUp(() => slack.press('bob', 'Approve', { channel: 'ops', ts }));
      await expectRefused(approve);
      await ask();
      expect(slack.messages('ops').find((one) => one.ts === ts)?.text).toContain('waits for an approval');
      await thrice(approve);
      await turns(ts, 'done');
      const other = await ask();
      await slack.press('bob', 'Approve', { channel: 'ops', ts: other.ts });
      await turns(other.ts, 'done');
      expect(bench.ran.length).toBe(runs + 2);
    });

    test('a form', async () => {
      const { ts } = await ask();
      const runs = bench.ran.length;
      await slack.press('bob', 'Deny', { channel: 'ops', ts });
      await expect.poll(() => slack.modals('bob').length).toBe(1);
      const denial = await holdUp(() => slack.submitView('bob', { reason: 'not on a Friday' }));
      await expectRefused(denial);
      await ask();
      expect(slack.messages('ops').find((one) => one.ts === ts)?.text).toContain('waits for an approval');
      await thrice(denial);
      await turns(ts, 'denied');
      expect(bench.ran.length).toBe(runs);
    });

    test('an event, and the check of the address', async () => {
      const asked = (): number =>
        slack.calls.filter(
          ({ method, args }) => method === 'users.info' && args['user'] === slack.users.alice.id,
        ).length;
      // Somebody whom the bot knows.
      await ask();
      const event = await holdUp(() => slack.changePerson('alice', { guest: 'multi-channel' }));
      const before = asked();
      await expectRefused(event);
      const check = {
        body: JSON.stringify({ type: 'url_verification', challenge: 'guess' }),
        type: 'application/json',
      };
      await expectRefused(check);
      expect(await (await post(check, signed(check))).text()).toContain('guess');
      await slack.command('bob', 'ops', '/swarm help');
      expect(asked()).toBe(before);
      await thrice(event);
      // An event says only that Slack is to be asked: asked again it says the same.
      await expect.poll(asked).toBeGreaterThan(before);
      expect(asked()).toBeLessThanOrEqual(before + 3);
      await slack.changePerson('alice', { guest: undefined });
    });
  },
);

/** A port that nobody listens on at this moment. */
async function freePort(): Promise<number> {
  const server = createSocket();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
