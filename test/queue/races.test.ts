/** Two bots, each with a connection of its own, take presses at the same instant: exactly one effect, and everybody is told which. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelRequest } from '../../src/queue/cancel.ts';
import { pressed, signPreview, type Press } from '../../src/queue/approval.ts';
import { sign, verify, type Envelope } from '../../src/queue/envelope.ts';
import { connectRedis } from '../../src/queue/redis.ts';
import type { Request } from '../../src/queue/request.ts';
import { RequestStore } from '../../src/queue/store.ts';
import { openWorkQueue, type WorkQueue } from '../../src/queue/work.ts';
import { ownRedis } from './redis.ts';
import { newEnvelope, newRequest, noAudit, secret } from './request.ts';
import { ALICE, BOB, CAROL, pressOnce } from './workplace.ts';

const ROUNDS = 200;

interface Bot {
  redis: Redis;
  store: RequestStore;
  queue: WorkQueue;
}

let bots: [Bot, Bot];
let stop: () => Promise<void>;

beforeAll(async () => {
  const own = await ownRedis();
  const open = (): Bot => {
    const redis = connectRedis(own.url, () => undefined);
    return { redis, store: new RequestStore(redis, secret), queue: openWorkQueue(redis) };
  };
  bots = [open(), open()];
  stop = async () => {
    for (const { queue, redis } of bots) {
      await queue.close();
      redis.disconnect();
    }
    await own.stop();
  };
});
afterAll(() => stop());
beforeEach(() => bots[0].redis.flushall());

/** Puts requests that wait for approvals, for so long. */
async function asking(id: string, ms = 60_000): Promise<void> {
  const [{ store }] = bots;
  const said = { command: 'join', title: 'join web-1', requester: ALICE };
  const authority = { kind: 'ask', rule: 'role operators' } as const;
  const envelope: Envelope = newEnvelope(id, { ...said, job: 'join', authority });
  const approval = {
    round: 1,
    approvers: ['operators'],
    quorum: 1,
    expiresMs: ms,
    expiresAt: Date.now() + ms,
    grants: [],
    changed: [],
  };
  const preview = signPreview(envelope, approval, { says: [], warnings: [], facts: [] }, secret);
  const request = newRequest(id, { ...said, approval: { ...approval, preview } });
  await store.create(request, sign(envelope, secret));
  await store.write({ ...request, phase: 'asking' }, 0);
}

/** Lets both bots take something at once, again and again, each time with another one first. */
async function atOnce(
  prepare: (id: string) => Promise<void>,
  each: [(bot: Bot, id: string) => Promise<string>, (bot: Bot, id: string) => Promise<string>],
  look: (request: Request, told: [string, string], work: string[]) => void,
): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = `r${round}`;
    await prepare(id);
    const [first, second] = each;
    const [one, other] = round % 2 === 0 ? bots : ([...bots].toReversed() as [Bot, Bot]);
    const told = await Promise.all([first(one, id), second(other, id)]);
    const found = await one.store.read(id);
    if (!found) throw new Error('gone');
    const jobs = await one.queue.getJobs(['waiting', 'delayed', 'active', 'completed']);
    const work = jobs.flatMap((job) => (job.id?.startsWith(`${id}_`) ? [job.id] : []));
    look(found.request, told, work);
    outcomes.set(found.request.phase, (outcomes.get(found.request.phase) ?? 0) + 1);
    await Promise.all(jobs.map((job) => job.remove()));
  }
  return outcomes;
}

const does =
  (press: Press, quorum = 1) =>
  (bot: Bot, id: string): Promise<string> =>
    pressOnce(bot, id, press, quorum);
const approveBy = (by: typeof BOB, quorum = 1) => does({ kind: 'approve', by }, quorum);
const grantsOf = ({ approval }: Request): number => approval?.grants.length ?? 0;
const ENDED = /does not wait for an approval any more/;

describe(`${ROUNDS} times at the same instant`, { timeout: 180_000 }, () => {
  it('two approve what takes one: one of them has, the other is told', async () => {
    await atOnce(asking, [approveBy(BOB), approveBy(CAROL)], (request, told, work) => {
      expect(request).toMatchObject({ phase: 'approved', turn: 1 });
      expect(grantsOf(request)).toBe(1);
      expect(told.toSorted()).toEqual(['approved', expect.stringMatching(ENDED)]);
      expect(work).toHaveLength(1);
    });
  });

  it('two approve what takes two: both count, and it goes on once', async () => {
    await atOnce(asking, [approveBy(BOB, 2), approveBy(CAROL, 2)], (request, told, work) => {
      expect(request).toMatchObject({ phase: 'approved', turn: 1 });
      expect(grantsOf(request)).toBe(2);
      expect(told.toSorted()).toEqual(['approved', 'asking']);
      expect(work).toHaveLength(1);
    });
  });

  it('one person presses twice: it counts once', async () => {
    await atOnce(asking, [approveBy(BOB, 2), approveBy(BOB, 2)], (request, told, work) => {
      expect(request.phase).toBe('asking');
      expect(grantsOf(request)).toBe(1);
      expect(told.toSorted()).toEqual(['You have approved it already.', 'asking']);
      expect(work).toEqual([]);
    });
  });

  it.each<[string, Press]>([
    ['another denies', { kind: 'deny', by: CAROL, reason: 'not now' }],
    ['whoever asked takes it back', { kind: 'withdraw', by: ALICE }],
  ])('one approves and %s: one wins, the other is told', async (_what, press) => {
    const outcomes = await atOnce(asking, [approveBy(BOB), does(press)], (request, told, work) => {
      const approved = request.phase === 'approved';
      expect(told[approved ? 0 : 1]).toBe(request.phase);
      expect(told[approved ? 1 : 0]).toMatch(ENDED);
      expect(work).toHaveLength(approved ? 1 : 0);
    });
    expect([...outcomes.values()].reduce((sum, count) => sum + count)).toBe(ROUNDS);
  });

  it('one approves and its time is over: one of both, and whoever pressed knows which', async () => {
    await atOnce(
      (id) => asking(id, 2),
      [approveBy(BOB), does({ kind: 'expire' })],
      (request, told, work) => {
        expect(told.join()).toMatch(request.phase === 'approved' ? /^approved,/ : /\bexpired\b/);
        expect(work).toHaveLength(request.phase === 'approved' ? 1 : 0);
        expect(grantsOf(request)).toBe(request.phase === 'approved' ? 1 : 0);
      },
    );
  });

  it('two bots sweep what is over: one ends it', async () => {
    const sweep = does({ kind: 'expire' });
    await atOnce(
      (id) => asking(id, -1000),
      [sweep, sweep],
      (request, told) => {
        expect(request.phase).toBe('expired');
        expect(told.toSorted()).toEqual(['expired', expect.stringMatching(ENDED)]);
      },
    );
  });

  it('one approves and another cancels: nothing runs that somebody was told is cancelled', async () => {
    const cancel = async ({ redis, store, queue }: Bot, id: string): Promise<string> =>
      (await cancelRequest(id, CAROL, { redis, store, queue, audit: noAudit, secret })).kind;
    await atOnce(asking, [approveBy(BOB), cancel], (request, [, cancelled], work) => {
      expect(cancelled).toBe('cancelled');
      expect(request.phase).toBe('cancelled');
      // It may have been put into the queue just then: its worker finds it ended.
      expect(work.length).toBeLessThan(2);
    });
  });
});

it('a press on what has changed since it was looked at is not written', async () => {
  await asking('a');
  const [{ store }] = bots;
  const seen = await store.read('a');
  if (!seen) throw new Error('gone');
  const first = pressed(seen, { kind: 'approve', by: BOB }, 2, secret, Date.now());
  const second = pressed(seen, { kind: 'approve', by: CAROL }, 2, secret, Date.now());
  if (first.kind !== 'changed' || second.kind !== 'changed') throw new Error('told');
  expect(await store.change(seen, first.request)).toBe('written');
  expect(await store.change(seen, second.request)).toBe('changed meanwhile');
  expect(verify((await store.read('a'))?.envelope, secret)?.authority.kind).toBe('ask');
});
