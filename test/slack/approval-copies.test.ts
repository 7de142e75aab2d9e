import { pino } from 'pino';
import { WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startLocalSlack, type LocalSlack } from '../../demo/slack/server.ts';
import { commands } from '../../src/commands/index.ts';
import { signPreview } from '../../src/queue/approval.ts';
import { Copies } from '../../src/queue/copies.ts';
import { sign } from '../../src/queue/envelope.ts';
import { Outbox, type Delivery } from '../../src/queue/outbox.ts';
import { key } from '../../src/queue/redis.ts';
import type { Request } from '../../src/queue/request.ts';
import { RequestStore, requestKey } from '../../src/queue/store.ts';
import { openWorkQueue, type WorkQueue } from '../../src/queue/work.ts';
import type { Asked } from '../../src/slack/asked.ts';
import { deliverer } from '../../src/slack/deliver.ts';
import { clientOptions } from '../../src/slack/receivers.ts';
import { newEnvelope, newRequest, secret } from '../queue/request.ts';
import { ownRedis } from '../queue/redis.ts';
import { quiet } from '../slack-server/connect.ts';
import { buttonsOf, direct } from './approval-bench.ts';

let redis: Redis;
let store: RequestStore;
let queue: WorkQueue;
let stop: () => Promise<void>;
let slack: LocalSlack;
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
});
afterEach(() => slack.close());

/** A bot, as far as it shows cards. */
function connect({ asked, alerts }: { asked?: Partial<Asked>; alerts?: string | undefined } = {}): void {
  const client = new WebClient(slack.botToken, { ...clientOptions(slack.apiUrl), logger: quiet });
  deliver = deliverer({
    store,
    queue,
    client,
    commands,
    beside: {
      copies: new Copies(redis),
      asked: () => Promise.resolve({ whom: '<!subteam^S000OPS001>', people: [], ...asked }),
      alerts,
      linkTo: () => Promise.resolve(''),
    },
    log: pino({ level: 'silent' }),
  });
}

const preview = { says: ['The token becomes new.'], warnings: [], facts: [] };
const common = (): Partial<Request> => ({
  command: 'rotate',
  title: 'rotate worker',
  requester: { id: slack.users.alice.id, name: 'alice', team: 'T1' },
  channel: slack.channels.ops.id,
});

/** A request with its card, which asks. */
async function asking(): Promise<Request> {
  const expiresAt = Date.now() + 60_000;
  const approval = {
    round: 1,
    approvers: ['operators'],
    quorum: 1,
    expiresMs: 60_000,
    expiresAt,
    preview: signPreview(newEnvelope('a'), { round: 1, expiresAt }, preview, secret),
    grants: [],
    changed: [],
  };
  const request = newRequest('a', { ...common(), approval: { ...approval, round: 0 } });
  await store.create(request, sign(newEnvelope('a'), secret));
  await deliver('a');
  const asked: Request = { ...request, phase: 'asking', approval };
  await store.write(asked, 1);
  expect(await deliver('a')).toMatchObject({ kind: 'shown' });
  return asked;
}

/** Every copy that is due in the outbox, once. */
async function deliverAll(): Promise<Delivery[]> {
  const due = (await redis.zrange(key('outbox'), '0', '-1')).filter((id) => id.includes('@'));
  return await Promise.all(
    due.map(async (id) => {
      const done = await deliver(id);
      if (done.kind !== 'later') await redis.zrem(key('outbox'), id);
      if (done.kind === 'shown') await store.cardShown(id, done.version);
      return done;
    }),
  );
}
const end = (request: Request, phase: 'done' | 'denied' = 'done'): Promise<unknown> =>
  store.write({ ...request, phase, result: { roles: ['worker'] }, endedAt: Date.now() }, 2);
const replies = () => slack.messages('ops').filter(({ ts, thread_ts }) => thread_ts && thread_ts !== ts);
const posts = () => slack.counts['chat.postMessage'] ?? 0;

test('too many to write to each are mentioned in the thread, once', async () => {
  connect({ asked: { people: [] } });
  await asking();
  await deliverAll();
  await deliver('a');
  await deliverAll();
  expect(replies().map(slack.renderText)).toEqual([
    '@ops-team: @alice asks for an approval of rotate worker. The buttons are on the card above.',
  ]);
  expect(direct(slack, 'bob')).toEqual([]);
});

test('asked anew, each is written to once more, and the thread calls them', async () => {
  connect({ asked: { people: [slack.users.bob.id] } });
  const request = await asking();
  await deliverAll();
  const { approval } = request;
  if (!approval) throw new Error('It asks for nothing.');
  await store.write({ ...request, phase: 'running' }, 2);
  const round = { round: 2, changed: ['the managers: was 1, is now 3.'], expiresAt: Date.now() + 60_000 };
  const next: Request = {
    ...request,
    phase: 'asking',
    approval: { ...approval, ...round, preview: signPreview(newEnvelope('a'), round, preview, secret) },
  };
  expect(await store.write(next, 2)).toBe('written');
  await deliver('a');
  await deliverAll();
  const [first, second, ...more] = direct(slack, 'bob').map(slack.renderText);
  expect(more).toEqual([]);
  expect(first).toContain('rotate worker was asked anew');
  expect(buttonsOf(first ?? '')).toEqual([]);
  expect(second).toContain('the managers: was 1, is now 3.');
  expect(buttonsOf(second ?? '')).toEqual(['Approve', 'Deny']);
  expect(replies().map(slack.renderText)).toEqual([
    '@ops-team: rotate worker of @alice is asked anew. What has changed: the managers: was 1, is now 3. The buttons are on the card above.',
  ]);
  await end(next);
  await deliverAll();
  expect(direct(slack, 'bob').map(slack.renderText)).toEqual([
    expect.stringContaining('was asked anew'),
    expect.stringContaining('rotate worker (done)'),
  ]);
  expect(replies()).toHaveLength(1);
});

test('whom the bot may not write to is called in the thread', async () => {
  await slack.close();
  // Installed without im:write.
  slack = await startLocalSlack({ tierScale: 100, scopes: ['chat:write', 'channels:history'] });
  connect({ asked: { people: [slack.users.bob.id] } });
  await asking();
  expect(await deliverAll()).toEqual([{ kind: 'never' }]);
  await deliverAll();
  expect(replies().map(slack.renderText)).toEqual([
    '@ops-team: @alice asks for an approval of rotate worker. The buttons are on the card above.',
  ]);
});

test('each copy is posted once, and is edited only when something is decided', async () => {
  connect({ asked: { people: [slack.users.bob.id, slack.users.carol.id] } });
  const request = await asking();
  await deliverAll();
  await store.write({ ...request, phase: 'running' }, 2);
  expect(await deliverAll()).toEqual([]);
  const updates = slack.counts['chat.update'];
  await end(request);
  await deliverAll();
  expect(slack.counts['chat.update']).toBe((updates ?? 0) + 2);
  for (const person of ['bob', 'carol']) {
    expect(direct(slack, person)).toHaveLength(1);
    expect(direct(slack, person).map(slack.renderText).join()).toContain('rotate worker (done)');
  }
});

test('nobody is asked for what was decided before', async () => {
  connect({ asked: { people: [slack.users.bob.id] } });
  const request = await asking();
  await end(request);
  expect(await deliverAll()).toEqual([{ kind: 'shown', version: 2 }]);
  expect(direct(slack, 'bob')).toEqual([]);
});

test('a bot that died after Slack had taken the message is followed by one that finds it', async () => {
  connect({ asked: { people: [slack.users.bob.id] } });
  const request = await asking();
  slack.faults.failHttp('chat.postMessage', { afterwards: true });
  expect(await deliverAll()).toMatchObject([{ kind: 'later' }]);
  expect(direct(slack, 'bob')).toHaveLength(1);
  await end(request);
  expect(await deliverAll()).toMatchObject([{ kind: 'shown' }]);
  expect(direct(slack, 'bob').map(slack.renderText)).toEqual([expect.stringContaining('(done)')]);
});

test('somebody whom the bot cannot write to stops nothing', async () => {
  connect({ asked: { people: ['U0NOBODY01', slack.users.bob.id] } });
  await asking();
  expect((await deliverAll()).map(({ kind }) => kind).toSorted()).toEqual(['never', 'shown']);
  expect(direct(slack, 'bob')).toHaveLength(1);
});

test('while Slack is down nothing is lost, and then each is edited once', async () => {
  connect({ asked: { people: [slack.users.bob.id] } });
  const request = await asking();
  await deliverAll();
  await slack.faults.down();
  await end(request);
  expect(await deliverAll()).toEqual([expect.objectContaining({ kind: 'later', all: true })]);
  await slack.faults.up();
  const updates = slack.counts['chat.update'] ?? 0;
  expect(await deliverAll()).toMatchObject([{ kind: 'shown' }]);
  expect(slack.counts['chat.update']).toBe(updates + 1);
});

test('whoever asked is told of a no, and of nothing else', async () => {
  connect();
  const request = await asking();
  const approval = request.approval && {
    ...request.approval,
    denied: { by: { id: slack.users.bob.id, name: 'bob' }, reason: 'not now', at: Date.now() },
  };
  await end({ ...request, ...(approval ? { approval } : {}) }, 'denied');
  await deliver('a');
  await deliverAll();
  await deliver('a');
  await deliverAll();
  expect(direct(slack, 'alice').map(slack.renderText)).toEqual([
    expect.stringContaining('@bob has denied rotate worker: not now'),
  ]);
});

test.each([
  ['none is named', () => undefined],
  ['the bot is not in it', () => slack.channels.random.id],
])('without an approval, where %s: everybody who is there is called', async (_how, alerts) => {
  connect({ alerts: alerts() });
  const request = newRequest('a', { ...common(), brokeGlass: true, reason: 'it burns' });
  await store.create(request, sign(newEnvelope('a'), secret));
  // Taken by Slack, and the bot does not hear so: the announcement is on record before the job is in the queue.
  expect(await deliver('a')).toMatchObject({ kind: 'shown' });
  expect(await redis.hget(requestKey('a'), 'copies')).toBe(',alerts');
  slack.faults.failHttp('chat.postMessage', { afterwards: true });
  await deliverAll();
  await deliverAll();
  const notices = () => slack.messages('ops').filter(({ text }) => text.includes('goes on without'));
  expect(notices().map(({ text }) => text)).toEqual([
    '<!here> alice goes on without an approval: rotate worker. Reason: it burns',
  ]);
  await end({ ...request, phase: 'done' });
  await deliverAll();
  expect(notices().map(slack.renderText)).toEqual([
    expect.stringContaining('✅ Done. The join token of workers is new'),
  ]);
  expect(posts()).toBeGreaterThan(0);
});

test('a new card and a notice come before any number of copies', async () => {
  connect();
  await asking();
  const many = Array.from({ length: 200 }, (_, at) => `U0P${String(at).padStart(7, '0')}`);
  const copies = new Copies(redis);
  await copies.add('a', many, { urgent: false });
  await copies.add('a', ['requester'], { urgent: true });
  await store.create(newRequest('b', common()), sign(newEnvelope('b'), secret));
  const seen: string[] = [];
  const outbox = new Outbox(redis, { updatesPerMinute: 0.001, burst: 8 });
  outbox.start(
    (id) => {
      seen.push(id);
      return Promise.resolve({ kind: 'never' });
    },
    () => undefined,
  );
  // What waits for nobody takes half of the burst at most.
  await expect.poll(() => seen.length).toBeGreaterThanOrEqual(4);
  await outbox.close();
  expect(seen.slice(0, 3).toSorted()).toEqual(['a', 'a@requester', 'b']);
});
