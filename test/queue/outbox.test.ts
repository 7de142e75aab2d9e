import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sign } from '../../src/queue/envelope.ts';
import { Outbox, type Delivery, type OutboxOptions } from '../../src/queue/outbox.ts';
import { key } from '../../src/queue/redis.ts';
import { CARD_PAUSE_MS, RequestStore, requestKey } from '../../src/queue/store.ts';
import { newEnvelope, newRequest, secret } from './request.ts';
import { ownRedis } from './redis.ts';

let redis: Redis;
let store: RequestStore;
let stop: () => Promise<void>;
let boxes: Outbox[] = [];

beforeAll(async () => {
  ({ redis, stop } = await ownRedis());
  store = new RequestStore(redis, secret);
});
afterAll(async () => {
  await stop();
});
beforeEach(async () => {
  await redis.flushall();
});
afterEach(async () => {
  await Promise.all(boxes.map((box) => box.close()));
  boxes = [];
});

const create = (id: string): Promise<boolean> => store.create(newRequest(id), sign(newEnvelope(id), secret));
const due = (): Promise<string[]> => redis.zrange(key('outbox'), '0', '-1');
const unexpected = (error: unknown): void => {
  throw error;
};

/** Delivers by reading, as the bot does, and keeps what it saw: `id phase`. */
function deliver(
  seen: string[],
  outcome?: (id: string) => Delivery | undefined,
  options: OutboxOptions = {},
): Outbox {
  const box = new Outbox(redis, { updatesPerMinute: 60_000, burst: 100, ...options });
  boxes.push(box);
  box.start(async (id) => {
    const found = await store.read(id);
    seen.push(`${id} ${found?.request.phase}`);
    return outcome?.(id) ?? { kind: 'shown', version: found?.version ?? 0 };
  }, unexpected);
  return box;
}

describe('the outbox', () => {
  it('shows a new card at once, and then is empty', async () => {
    await create('a');
    const seen: string[] = [];
    deliver(seen);
    await expect.poll(due, { timeout: 5000 }).toEqual([]);
    expect(seen).toEqual(['a accepted']);
  });

  it('makes one update of many changes, with the latest', async () => {
    await create('a');
    for (let run = 1; run <= 20; run += 1)
      await store.write(newRequest('a', { phase: 'running', title: `nodes ${run}` }), 1);
    const seen: string[] = [];
    deliver(seen);
    await expect.poll(due, { timeout: 5000 }).toEqual([]);
    expect(seen).toEqual(['a running']);
  });

  it('lets progress wait for the card’s pause, and a final state not', async () => {
    await create('a');
    const seen: string[] = [];
    const box = deliver(seen);
    await expect.poll(due, { timeout: 5000 }).toEqual([]);
    const shownAt = Number(await redis.hget(requestKey('a'), 'shownAt'));
    await store.write(newRequest('a', { phase: 'running' }), 1);
    expect(Number(await redis.zscore(key('outbox'), 'a'))).toBe(shownAt + CARD_PAUSE_MS);
    await store.write(newRequest('a', { phase: 'done' }), 1);
    expect(Number(await redis.zscore(key('outbox'), 'a'))).toBeLessThan(shownAt + CARD_PAUSE_MS);
    box.kick();
    await expect.poll(due, { timeout: 5000 }).toEqual([]);
    expect(seen).toEqual(['a accepted', 'a done']);
  });

  it('delivers again what changed while it was being delivered', async () => {
    await create('a');
    const seen: string[] = [];
    const box = new Outbox(redis, { updatesPerMinute: 60_000 });
    boxes.push(box);
    box.start(async (id) => {
      const found = await store.read(id);
      seen.push(`${id} ${found?.request.phase}`);
      // The end comes between the reading and the settling.
      if (seen.length === 1) await store.write(newRequest('a', { phase: 'done' }), 1);
      return { kind: 'shown', version: found?.version ?? 0 };
    }, unexpected);
    await expect.poll(due, { timeout: 5000 }).toEqual([]);
    expect(seen).toEqual(['a accepted', 'a done']);
  });

  it('pauses everything when Slack refuses everything, and then shows all of it', async () => {
    await create('a');
    await create('b');
    const seen: string[] = [];
    deliver(seen, () => (seen.length === 1 ? { kind: 'later', ms: 300, all: true } : undefined));
    await expect.poll(() => redis.exists(key('outbox-pause'))).toBe(1);
    const during = seen.length;
    await expect.poll(due, { timeout: 5000 }).toEqual([]);
    expect(during).toBeLessThanOrEqual(2);
    expect(new Set(seen)).toEqual(new Set(['a accepted', 'b accepted']));
  });

  it('gives the card of a bot that died to another bot', async () => {
    await create('a');
    const dead = new Outbox(redis, { leaseMs: 500, updatesPerMinute: 60_000 });
    const taken = new Promise<void>((resolve) => {
      dead.start(() => {
        resolve();
        return new Promise(() => {});
      }, unexpected);
    });
    await taken;
    const seen: string[] = [];
    deliver(seen);
    await expect.poll(() => seen, { timeout: 5000 }).toEqual(['a accepted']);
  });

  it('shows the newest state once more where a slow bot may have written an older one over it', async () => {
    await create('a');
    // What Slack was told to show. A card that shows this version already is left alone.
    const told: string[] = [];
    const read = async () => {
      const found = await store.read('a');
      if (!found) throw new Error('gone');
      return found;
    };
    const slow = new Outbox(redis, { leaseMs: 300, updatesPerMinute: 60_000 });
    boxes.push(slow);
    const taken = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    slow.start(async () => {
      const { request, version, shown } = await read();
      taken.resolve();
      await goOn.promise;
      if (version > shown) told.push(request.phase);
      return { kind: 'shown', version };
    }, unexpected);
    await taken.promise;
    // It takes nothing more.
    const closed = slow.close();
    await store.write(newRequest('a', { phase: 'done' }), 1);
    const other = new Outbox(redis, { updatesPerMinute: 60_000 });
    boxes.push(other);
    other.start(async () => {
      const { request, version, shown } = await read();
      if (version > shown) told.push(request.phase);
      return { kind: 'shown', version };
    }, unexpected);
    await expect.poll(due, { timeout: 5000 }).toEqual([]);
    goOn.resolve();
    await closed;
    await expect.poll(() => told, { timeout: 5000 }).toEqual(['done', 'accepted', 'done']);
    await expect.poll(due, { timeout: 5000 }).toEqual([]);
  });

  it('never gives one card to two bots at once', async () => {
    const inFlight = new Map<string, number>();
    let most = 0;
    for (let bot = 0; bot < 4; bot += 1) {
      const box = new Outbox(redis, { updatesPerMinute: 600_000, burst: 1000 });
      boxes.push(box);
      box.start(async (id) => {
        inFlight.set(id, (inFlight.get(id) ?? 0) + 1);
        most = Math.max(most, inFlight.get(id) ?? 0);
        const found = await store.read(id);
        await new Promise(setImmediate);
        inFlight.set(id, (inFlight.get(id) ?? 0) - 1);
        return { kind: 'shown', version: found?.version ?? 0 };
      }, unexpected);
    }
    for (let at = 0; at < 30; at += 1) {
      await create(`r${at % 5}`);
      await store.write(newRequest(`r${at % 5}`, { phase: at > 24 ? 'done' : 'running' }), 1);
      for (const box of boxes) box.kick();
    }
    await expect.poll(due, { timeout: 10_000 }).toEqual([]);
    expect(most).toBe(1);
    for (let at = 0; at < 5; at += 1) {
      const found = await store.read(`r${at}`);
      expect(found?.shown).toBe(found?.version);
    }
  });

  it('keeps to the rate, and spends its last tokens on what people wait for', async () => {
    for (const id of ['a', 'b', 'c']) {
      await create(id);
      await store.write(newRequest(id, { phase: 'running' }), 1);
    }
    await create('z');
    await store.write(newRequest('z', { phase: 'done' }), 1);
    const seen: string[] = [];
    const box = deliver(seen, undefined, { updatesPerMinute: 0.001, burst: 6 });
    await expect.poll(() => seen).toHaveLength(3);
    expect(seen[0]).toBe('z done');
    expect(await due()).toHaveLength(1);
    // Half of the burst is left: not for the third card's progress, but for somebody's new command.
    await create('y');
    box.kick();
    await expect.poll(() => seen).toHaveLength(4);
    expect(seen[3]).toBe('y accepted');
    expect(await due()).toHaveLength(1);
  });
});
