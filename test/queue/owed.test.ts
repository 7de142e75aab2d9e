/** A bot dies between a press and the record of it: the audit has it all the same, once, and before what follows from it. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordOf } from '../../src/audit/chain.ts';
import { openAudit, type OpenAudit } from '../../src/audit/log.ts';
import { MOST_OWED, OWED } from '../../src/audit/owed.ts';
import { readRequest } from '../../src/audit/stream.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { cancelRequest } from '../../src/queue/cancel.ts';
import { addWork } from '../../src/queue/work.ts';
import { secret } from './request.ts';
import { BOB, CAROL, openWorkplace, type Workplace } from './workplace.ts';

const silent = pino({ level: 'silent' });
let place: Workplace;
let audit: OpenAudit;
let child: ChildProcess | undefined;

beforeAll(async () => {
  place = await openWorkplace();
});
afterAll(() => place.stop());
beforeEach(async () => {
  await place.clear();
  audit = openAudit(place.redis, secret, silent);
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await place.clear();
});

/** What the audit has of the request. */
async function told(): Promise<string[]> {
  const records = await readRequest(place.redis, 'a-1');
  return records.map((entry) => recordOf(entry)?.event.event ?? '');
}

/** A request that asks, and nobody who works on it. */
async function asking(): Promise<void> {
  const worker = place.start({ audit });
  await place.give('a-1', { ask: 1 });
  await place.reaches('a-1', 'asking');
  await worker.close(0);
}

/** A bot that takes the press, and is gone before the audit has it. */
async function pressAndDie(press: string): Promise<void> {
  child = fork(join(import.meta.dirname, 'dying-bot.ts'), {
    env: { PATH: process.env['PATH'] ?? '', REDIS_URL: place.url, PRESS: press },
  });
  const [, signal] = (await once(child, 'exit', { signal: AbortSignal.timeout(30_000) })) as unknown[];
  expect(signal).toBe('SIGKILL');
}

describe('a bot that dies of a press', { timeout: 60_000 }, () => {
  it.each([
    ['deny', 'denied'],
    ['withdraw', 'withdrawn'],
    ['cancel', 'ended'],
  ])('(%s) leaves the record of it to whoever comes next', async (press, event) => {
    await asking();
    await pressAndDie(press);
    expect(await told()).toEqual(['previewed']);
    await audit.settle();
    await audit.settle();
    expect(await told()).toEqual(['previewed', event]);
    expect(await place.redis.exists(OWED)).toBe(0);
    expect((await verifyAudit(place.redis, secret)).findings).toEqual([]);
  });

  it('leaves the record of what has expired as well', async () => {
    await asking();
    const found = await place.store.read('a-1');
    if (!found?.request.approval) throw new Error('it does not ask');
    const approval = { ...found.request.approval, expiresAt: Date.now() - 1 };
    await place.store.change(found, { ...found.request, approval });
    await place.store.expireAt('a-1', 1);
    await pressAndDie('expire');
    expect(await told()).toEqual(['previewed']);
    await audit.settle();
    expect(await told()).toEqual(['previewed', 'expired']);
  });

  it('(approve) leaves it to the worker, which has it on record before it begins', async () => {
    await asking();
    await pressAndDie('approve');
    expect((await place.store.read('a-1'))?.request.phase).toBe('approved');
    expect(await told()).toEqual(['previewed']);
    await addWork(place.queue, 'a-1', 'join', 1);
    place.start({ audit });
    await place.reaches('a-1', 'done');
    await expect.poll(told).toContain('ended');
    expect(await told()).toEqual(['previewed', 'approved', 'started', 'changing', 'changed', 'ended']);
  });
});

it('an approved job is not begun where the record of its approval cannot be kept', async () => {
  await asking();
  await pressAndDie('approve');
  await addWork(place.queue, 'a-1', 'join', 1);
  const full = (): Promise<void> => Promise.reject(new Error('Redis is full'));
  place.start({ audit: { ...audit, settle: full } });
  await place.reaches('a-1', 'failed');
  expect(place.done).toEqual([]);
  expect(await told()).not.toContain('started');
}, 60_000);

it('nothing is changed where more is owed than anybody takes', async () => {
  await asking();
  await place.redis.rpush(OWED, ...Array.from({ length: MOST_OWED }, (_, at) => `${at}`));
  const shared = { ...place, audit, secret };
  await expect(cancelRequest('a-1', CAROL, shared)).rejects.toThrow('This cannot be put on record');
  expect((await place.store.read('a-1'))?.request.phase).toBe('asking');
  await audit.settle();
  expect(await cancelRequest('a-1', BOB, shared)).toMatchObject({ kind: 'cancelled' });
});
