import { pino } from 'pino';
import { WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startLocalSlack, type LocalSlack } from '../../demo/slack/server.ts';
import type { Attachment } from '../../src/cards/body.ts';
import type { JobCommand } from '../../src/commands/define.ts';
import type { Delivery } from '../../src/queue/outbox.ts';
import { sign } from '../../src/queue/envelope.ts';
import { RequestStore, requestKey } from '../../src/queue/store.ts';
import { openWorkQueue, type WorkQueue } from '../../src/queue/work.ts';
import { deliverer } from '../../src/slack/deliver.ts';
import { clientOptions } from '../../src/slack/receivers.ts';
import { newEnvelope, newRequest, secret } from '../queue/request.ts';
import { ownRedis } from '../queue/redis.ts';
import { quiet } from '../slack-server/connect.ts';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

let redis: Redis;
let store: RequestStore;
let queue: WorkQueue;
let stop: () => Promise<void>;
let slack: LocalSlack;
let files: Attachment[];
let deliver: (id: string) => Promise<Delivery>;

beforeAll(async () => {
  ({ redis, stop } = await ownRedis());
  store = new RequestStore(redis, secret);
  queue = openWorkQueue(redis);
});
afterAll(async () => {
  await queue.close();
  await stop();
});
beforeEach(async () => {
  await redis.flushall();
  slack = await startLocalSlack({ tierScale: 100 });
  files = [{ name: 'websky.log', title: 'Logs of websky', content: 'one\ntwo\n' }];
  connect(slack);
});
afterEach(() => slack.close());

/** What the bot does for a card, with a command of these files. */
function connect({ botToken, apiUrl }: LocalSlack): void {
  const command: JobCommand = {
    kind: 'job',
    name: 'nodes',
    job: 'nodes',
    summary: '',
    risk: 'read',
    aliases: [],
    examples: ['nodes'],
    args: [],
    targets: () => [],
    shows: () => false,
    canShow: false,
    swarmWide: false,
    usage: 'nodes',
    parse: () => ({ input: {}, title: 'nodes' }),
    done: () => ({ text: 'Here it is.', blocks: [], files }),
  };
  const client = new WebClient(botToken, { ...clientOptions(apiUrl), logger: quiet });
  deliver = deliverer({ store, queue, client, commands: [command], log: pino({ level: 'silent' }) });
}

/** A request with its card, ended. */
async function ended(id: string, phase: 'done' | 'refused' | 'failed' = 'done'): Promise<void> {
  const request = newRequest(id, { channel: slack.channels.ops.id });
  await store.create(request, sign(newEnvelope(id), secret));
  await deliver(id);
  const failure = phase === 'done' ? {} : { failure: { message: 'No.', hint: '' } };
  await store.write({ ...request, phase, endedAt: Date.now(), ...failure }, 1);
}

const inThread = () =>
  slack.messages('ops').filter(({ ts, thread_ts }) => thread_ts !== undefined && thread_ts !== ts);
const filesThere = () => inThread().flatMap((message) => message.files);
/** As if the bot had begun so long ago. */
const longAgo = () => redis.hset(requestKey('a'), 'file:websky.log', Date.now() - 3600_000);

test('a file comes into the thread of the card, after the card', async () => {
  await ended('a');
  expect(await deliver('a')).toMatchObject({ kind: 'shown' });
  const [card] = slack.messages('ops');
  expect(card?.text).toContain('done. Here it is.');
  expect(inThread()).toHaveLength(1);
  expect(inThread()[0]).toMatchObject({
    thread_ts: card?.ts,
    files: [{ name: 'websky.log', title: 'Logs of websky', mimetype: 'text/plain' }],
  });
});

test('a picture is one, also when it is made only now', async () => {
  let made = 0;
  files = [
    {
      name: 'map.png',
      title: 'The swarm',
      content: () => {
        made += 1;
        return Promise.resolve(new Uint8Array(PNG));
      },
    },
  ];
  await ended('a');
  await deliver('a');
  await deliver('a');
  expect(made).toBe(1);
  const [file] = filesThere();
  expect(file).toMatchObject({ mimetype: 'image/png', size: PNG.length });
  const served = await fetch(slack.url + (file?.url ?? ''));
  expect(Buffer.from(await served.arrayBuffer())).toEqual(PNG);
});

test('however often the card is brought up again, the file comes once', async () => {
  await ended('a');
  for (let times = 0; times < 3; times += 1) await deliver('a');
  await store.turn('a', 2);
  await deliver('a');
  expect(filesThere()).toHaveLength(1);
});

test('a card that is taken back, or that says why it failed, has none', async () => {
  await ended('a', 'refused');
  await ended('b', 'failed');
  await deliver('a');
  await deliver('b');
  expect(filesThere()).toEqual([]);
  expect(slack.counts['files.getUploadURLExternal'] ?? 0).toBe(0);
});

test('a bot that died after Slack had taken the file is followed by one that sees it', async () => {
  await ended('a');
  slack.faults.failHttp('files.completeUploadExternal', { afterwards: true });
  expect(await deliver('a')).toMatchObject({ kind: 'later', all: false });
  expect(filesThere()).toHaveLength(1);
  await longAgo();
  expect(await deliver('a')).toMatchObject({ kind: 'shown' });
  expect(filesThere()).toHaveLength(1);
});

test('a bot that died before Slack had taken it is followed by one that waits, looks, and sends it', async () => {
  await ended('a');
  expect(await store.beginFile('a', 'websky.log')).toBe('first');
  expect(await deliver('a')).toMatchObject({ kind: 'later', all: false });
  expect(filesThere()).toEqual([]);
  await longAgo();
  expect(await deliver('a')).toMatchObject({ kind: 'shown' });
  expect(filesThere()).toHaveLength(1);
});

test.each(['files.getUploadURLExternal', 'files.completeUploadExternal'])(
  'Slack is busy at %s: the card stands, others go on, the file comes later',
  async (method) => {
    await ended('a');
    slack.faults.rateLimit(method, { retryAfterS: 7 });
    expect(await deliver('a')).toEqual({ kind: 'later', ms: 7000, all: false });
    expect(slack.messages('ops')[0]?.text).toContain('done.');
    const updates = slack.counts['chat.update'];
    expect(await deliver('a')).toMatchObject({ kind: 'shown' });
    expect(filesThere()).toHaveLength(1);
    expect(slack.counts['chat.update']).toBe(updates);
  },
);

test('a file that Slack cannot be reached for is sent as soon as it can', async () => {
  await ended('a');
  // The card is up; then Slack goes away.
  slack.faults.rateLimit('files.getUploadURLExternal');
  await deliver('a');
  await slack.faults.down();
  expect(await deliver('a')).toMatchObject({ kind: 'later', all: false });
  await slack.faults.up();
  expect(await deliver('a')).toMatchObject({ kind: 'shown' });
  expect(filesThere()).toHaveLength(1);
});

test('an app that may not upload says so in the thread, once', async () => {
  await slack.close();
  slack = await startLocalSlack({ tierScale: 100, scopes: ['commands', 'chat:write', 'channels:history'] });
  connect(slack);
  await ended('a');
  expect(await deliver('a')).toMatchObject({ kind: 'shown' });
  await deliver('a');
  expect(inThread().map(slack.renderText).join('\n')).toContain('Add the scope files:write');
  expect(inThread()).toHaveLength(1);
});

test('a file that cannot be made is a bug with a reference, and the others still come', async () => {
  files = [
    { name: 'map.png', title: 'Map', content: () => Promise.reject(new Error('no font')) },
    { name: 'empty.log', title: 'Nothing', content: '' },
    ...files,
  ];
  await ended('a');
  expect(await deliver('a')).toMatchObject({ kind: 'shown' });
  expect(slack.renderText(inThread()[0]!)).toMatch(/map\.png.* could not be made.* E-[0-9a-f]{8}/);
  expect(filesThere().map(({ name }) => name)).toEqual(['websky.log']);
});
