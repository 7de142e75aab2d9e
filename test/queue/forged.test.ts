/** Somebody writes to Redis by hand who lacks QUEUE_SECRET, or put together what was signed for something else. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sign, verify, type Envelope, type SignedText } from '../../src/queue/envelope.ts';
import type { Request } from '../../src/queue/request.ts';
import { overKey, requestKey } from '../../src/queue/store-scripts.ts';
import { addWork } from '../../src/queue/work.ts';
import { Secret } from '../../src/secret.ts';
import { newEnvelope, newRequest, secret } from './request.ts';
import { ALICE, BOB, CAROL, openWorkplace, type Workplace } from './workplace.ts';

let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace();
});
afterAll(() => place.stop());
beforeEach(() => place.clear());
afterEach(() => place.clear());

/** It was not done, and everybody concerned reads why. */
async function expectRefused(id: string, why: RegExp, done: string[] = []): Promise<void> {
  const refusals = () => place.audit.filter(({ event }) => event === 'forged');
  await expect.poll(() => refusals().length, { timeout: 15_000, interval: 20 }).toBe(1);
  const { failure } = await place.reaches(id, 'failed');
  await expect.poll(() => place.done).toEqual(done);
  await expect.poll(async () => (await place.store.read(id))?.altered).toBe(false);
  expect(failure?.message).toMatch(/refused it|was altered/);
  expect(failure?.hint).toMatch(/whoever runs the bot/i);
  expect(failure?.reference).toBeUndefined();
  const told = place.logged.filter(({ level, request }) => level >= 50 && request === id);
  expect(told.map((line) => line.why)).toEqual([expect.stringMatching(why)]);
  expect(refusals()).toEqual([{ event: 'forged', request: id, why: expect.stringMatching(why) as string }]);
}

async function stateOf(id: string): Promise<Request> {
  return JSON.parse((await place.redis.hget(requestKey(id), 'state')) ?? '') as Request;
}

async function envelopeOf(id: string): Promise<SignedText> {
  return JSON.parse((await place.redis.hget(requestKey(id), 'envelope')) ?? '') as SignedText;
}

async function setState(id: string, change: Partial<Request>): Promise<void> {
  const state = { ...(await stateOf(id)), ...change };
  await place.redis.hset(requestKey(id), { state: JSON.stringify(state), phase: state.phase });
}

/** Takes the job out of the queue, as if it had never been there, and puts it in once more. */
async function again(id: string, turn = 0): Promise<void> {
  const job = await place.queue.getJob(turn === 0 ? id : `${id}_${turn}`);
  await expect.poll(() => job?.isActive() ?? false).toBe(false);
  await job?.remove();
  await addWork(place.queue, id, 'scale', turn);
}

describe('a worker does nothing for', () => {
  it.each<[string, Partial<Request>]>([
    ['a phase', { phase: 'running' }],
    ['a beginning', { startedAt: 1 }],
    ['an act', { acted: true }],
    ['what was remembered', { recalled: { replicas: 0 } }],
    ['steps', { steps: [{ title: 'Change', status: 'complete', line: '' }] }],
    ['locks', { locks: ['host:other'] }],
    ['a mark of having been taken up', { taken: { turn: 0, at: Date.now() } }],
    ['a turn', { turn: 0 }],
    ['a title', { title: 'nodes' }],
    ['somebody who asks', { requester: BOB }],
    ['a channel', { channel: 'C2' }],
    ['targets', { targets: [{ kind: 'host', name: 'web-9' }] }],
    ['a reason', { reason: 'because' }],
  ])('a request to whose state somebody wrote %s', async (_what, change) => {
    await place.give('a');
    await setState('a', change);
    place.start();
    await expectRefused('a', /state of the request/);
  });

  it('a request that has the state of another one', async () => {
    await place.give('a');
    await place.give('b');
    const other = await place.redis.hmget(requestKey('b'), 'state', 'mac', 'envelope');
    const [state = '', mac = '', envelope = ''] = other.map((text) => text ?? '');
    await place.redis.hset(requestKey('a'), { state, mac, envelope });
    place.start();
    await expectRefused('a', /state of the request/, ['b']);
  });

  it('a request whose approval somebody made up', async () => {
    place.start();
    await place.give('a', { ask: 1 });
    const { approval } = await place.reaches('a', 'asking');
    const grant = { id: 'a', round: 1, preview: approval?.preview?.signature, by: BOB, at: Date.now() };
    const forged = { text: JSON.stringify(grant), signature: '0'.repeat(64) };
    if (approval) await setState('a', { approval: { ...approval, quorum: 1, grants: [forged] } });
    await setState('a', { phase: 'approved', turn: 1 });
    await addWork(place.queue, 'a', 'join', 1);
    await expectRefused('a', /state of the request/);
  });

  const content = JSON.parse(sign(newEnvelope('a'), secret).text) as Record<string, unknown>;
  it.each(Object.keys(content))('an envelope with another "%s"', async (field) => {
    await place.give('a');
    const signed = await envelopeOf('a');
    const said = JSON.parse(signed.text) as Record<string, unknown>;
    const other = sign(newEnvelope('b', { input: 'other', at: 1, expiresAt: 9e12, command: 'rm' }), secret);
    const value = (JSON.parse(other.text) as Record<string, unknown>)[field];
    const text = JSON.stringify({
      ...said,
      [field]: JSON.stringify(value) === JSON.stringify(said[field]) ? 'other' : value,
    });
    await place.redis.hset(requestKey('a'), 'envelope', JSON.stringify({ ...signed, text }));
    place.start();
    await expectRefused('a', /envelope is not signed/);
  });

  it.each<[string, (signed: SignedText) => unknown]>([
    ['no signature', ({ text }) => ({ text })],
    ['an empty signature', ({ text }) => ({ text, signature: '' })],
    ['the signature of somebody else', () => sign(newEnvelope('a'), new Secret('of somebody else'))],
    ['nothing in it', () => null],
  ])('an envelope with %s', async (_what, change) => {
    await place.give('a');
    const envelope = JSON.stringify(change(await envelopeOf('a')));
    await place.redis.hset(requestKey('a'), { envelope });
    place.start();
    await expectRefused('a', /envelope is not signed/);
  });

  it('an envelope that is no JSON', async () => {
    await place.give('a');
    await place.redis.hset(requestKey('a'), { envelope: '{' });
    place.start();
    await expectRefused('a', /envelope is not signed/);
  });

  it('a request that carries the signed envelope of another one', async () => {
    await place.give('a');
    await place.give('b');
    await place.redis.hset(requestKey('a'), 'envelope', JSON.stringify(await envelopeOf('b')));
    place.start();
    await expectRefused('a', /another request/, ['b']);
  });

  it('a request that shows something else than was signed', async () => {
    const targets = [{ kind: 'host', name: 'web-9' }] as const;
    await place.give('a', { request: { targets: [...targets] } });
    place.start();
    await expectRefused('a', /shows something else/);
  });

  it('a command that needs an approval here and carries none', async () => {
    await place.give('a', { envelope: { command: 'join', job: 'join' }, request: { command: 'join' } });
    place.start();
    await expectRefused('a', /needs an approval/);
  });

  it('a command that is to go on without an approval, where its own configuration lets nobody', async () => {
    const authority = { kind: 'break-glass', rule: 'role oncall', reason: 'it is on fire' } as const;
    await place.give('a', {
      envelope: { command: 'join', job: 'join', authority },
      request: { command: 'join' },
    });
    place.start({ breakGlass: false });
    await expectRefused('a', /nobody may here/);
    const { failure } = await place.reaches('a', 'failed');
    expect(failure?.message).toBe(
      'A worker refused it: "join" needs an approval, and its swarm.yaml lets nobody go on without one. Nothing was done.',
    );
  });

  it('a job that does not belong to its command', async () => {
    await place.give('a', { envelope: { job: 'join' } });
    place.start();
    await expectRefused('a', /another job/);
  });

  it('what was only asked for, put forward as approved', async () => {
    await place.give('a', { ask: 1, request: { phase: 'approved', turn: 1 } });
    await addWork(place.queue, 'a', 'join', 1);
    place.start();
    await expectRefused('a', /only asked for/);
  });
});

describe('a worker does', () => {
  const authority = { kind: 'break-glass', rule: 'role oncall', reason: 'it is on fire' } as const;

  it('what needs no approval, although it was to go on without one where nobody may', async () => {
    await place.give('a', { envelope: { authority } });
    place.start({ breakGlass: false });
    await place.reaches('a', 'done');
    expect(place.done).toEqual(['a']);
  });

  it('what is to go on without an approval, where its own configuration has a role that may', async () => {
    const join = { command: 'join', job: 'join' };
    await place.give('a', { envelope: { ...join, authority }, request: { command: 'join' } });
    place.start({ breakGlass: true });
    await place.reaches('a', 'done');
    expect(place.done).toEqual(['a']);
  });
});

/** Signed, as a bot with a fault or another configuration would: what a worker checks for itself. */
describe('of what is approved, a worker does nothing', () => {
  async function approved(change: (envelope: Envelope) => Envelope['authority']): Promise<void> {
    place.hooks.preview = undefined;
    const found = await place.store.read('a');
    const envelope = found && verify(found.envelope, secret);
    if (!found || !envelope) throw new Error('not there');
    const next = { ...found.request, phase: 'approved' as const, turn: 1 };
    await place.store.change(found, next, sign({ ...envelope, authority: change(envelope) }, secret));
    await addWork(place.queue, 'a', 'join', 1);
  }
  async function asking(id: string, quorum: number): Promise<{ preview: SignedText; grants: SignedText[] }> {
    const { approval } = await place.reaches(id, 'asking');
    await place.press(id, { kind: 'approve', by: BOB }, quorum + 1);
    const grants = (await place.store.read(id))?.request.approval?.grants ?? [];
    return { preview: approval?.preview ?? { text: '', signature: '' }, grants };
  }
  const rule = 'role operators';

  it('with too few approvals for its own configuration', async () => {
    place.start({ quorumOf: () => 2 });
    await place.give('a', { ask: 1 });
    await place.reaches('a', 'asking');
    expect(await place.press('a', { kind: 'approve', by: BOB }, 1)).toBe('approved');
    await expectRefused('a', /1 people have approved it of 2/);
  });

  it('with the same approval twice', async () => {
    place.start({ quorumOf: () => 2 });
    await place.give('a', { ask: 2 });
    const { preview, grants } = await asking('a', 2);
    await approved(() => ({ kind: 'approved', rule, preview, grants: [...grants, ...grants] }));
    await expectRefused('a', /1 people/);
  });

  it('with the approvals of another request', async () => {
    place.start();
    await place.give('a', { ask: 1 });
    await place.give('b', { ask: 1 });
    const { preview } = await asking('a', 1);
    const { grants } = await asking('b', 1);
    await approved(() => ({ kind: 'approved', rule, preview, grants }));
    await expectRefused('a', /0 people/);
  });

  it('with the preview and the approvals of another request', async () => {
    place.start();
    await place.give('a', { ask: 1 });
    await place.give('b', { ask: 1 });
    await place.reaches('a', 'asking');
    const { preview, grants } = await asking('b', 1);
    await approved(() => ({ kind: 'approved', rule, preview, grants }));
    await expectRefused('a', /is not what a worker has shown/);
  });

  it('with approvals for another input of the same request', async () => {
    place.start();
    await place.give('a', { ask: 1 });
    const { preview, grants } = await asking('a', 1);
    const found = await place.store.read('a');
    const envelope = found && verify(found.envelope, secret);
    if (!found || !envelope) throw new Error('not there');
    const authority = { kind: 'approved', rule, preview, grants } as const;
    const other = sign({ ...envelope, authority, input: { name: 'other' } }, secret);
    await place.store.change(found, { ...found.request, phase: 'approved', turn: 1 }, other);
    await addWork(place.queue, 'a', 'join', 1);
    await expectRefused('a', /is not what a worker has shown/);
  });

  it('with approvals of an earlier round', async () => {
    place.start();
    await place.give('a', { ask: 1 });
    await place.reaches('a', 'asking');
    place.facts = [{ what: 'the swarm of web-1', value: 'another' }];
    await place.press('a', { kind: 'approve', by: BOB });
    await expect.poll(async () => (await place.store.read('a'))?.request.approval?.round).toBe(2);
    const { preview } = (await place.store.read('a'))?.request.approval ?? {};
    if (!preview) throw new Error('not shown');
    const first = verify((await place.store.read('a'))?.envelope, secret)?.authority;
    const grants = first?.kind === 'approved' ? first.grants : [];
    expect(grants).toHaveLength(1);
    const found = await place.store.read('a');
    const envelope = verify(found?.envelope, secret);
    if (!found || !envelope) throw new Error('not there');
    const authority = { kind: 'approved', rule, preview, grants } as const;
    const turn = { ...found.request, phase: 'approved' as const, turn: 2 };
    await place.store.change(
      found,
      turn,
      sign({ ...envelope, authority, expiresAt: Date.now() + 60_000 }, secret),
    );
    await addWork(place.queue, 'a', 'join', 2);
    await expectRefused('a', /0 people/);
  });
});

describe('what is over', () => {
  /** All that Redis holds of a request. */
  async function copyOf(id: string): Promise<Record<string, string>> {
    return await place.redis.hgetall(requestKey(id));
  }
  async function putBack(id: string, copy: Record<string, string>): Promise<void> {
    await place.redis.del(requestKey(id));
    await place.redis.hset(requestKey(id), copy);
  }

  it('is not done again when its state is set back, nor when it is deleted and made anew', async () => {
    await place.give('a');
    const copy = await copyOf('a');
    const worker = place.start();
    await place.reaches('a', 'done');
    await worker.close(0);
    await putBack('a', copy);
    await again('a');
    // Another worker: it has not ended it itself.
    place.start();
    await expectRefused('a', /a replay/, ['a']);
  });

  it('is not done again by the worker that has ended it, even when nothing in Redis tells of it', async () => {
    await place.give('a');
    const copy = await copyOf('a');
    place.start();
    await place.reaches('a', 'done');
    await expect.poll(() => place.audit.some(({ event }) => event === 'ended')).toBe(true);
    await putBack('a', copy);
    await place.redis.del(overKey('a'));
    await again('a');
    await expectRefused('a', /a replay/, ['a']);
  });

  it('is not taken once more from a late delivery of Slack, although Redis has lost the request', async () => {
    await place.give('a');
    place.start();
    await place.reaches('a', 'done');
    await place.redis.del(requestKey('a'));
    expect(await place.store.create(newRequest('a'), sign(newEnvelope('a'), secret))).toBe(false);
  });

  it('is not begun although people approved it before it was asked anew', async () => {
    const first = place.start();
    await place.give('a', { ask: 1 });
    await place.reaches('a', 'asking');
    let copy: Record<string, string> = {};
    place.hooks.preview = async () => {
      copy = await copyOf('a');
    };
    place.facts = [{ what: 'the swarm of web-1', value: 'another' }];
    await place.press('a', { kind: 'approve', by: BOB });
    await expect.poll(async () => (await place.store.read('a'))?.request.approval?.round).toBe(2);
    expect(copy['phase']).toBe('approved');
    // All is as it was when they approved; and another worker than the one that asked takes it.
    await first.close(0);
    place.facts = [{ what: 'the swarm of web-1', value: 'none' }];
    await putBack('a', copy);
    await again('a', 1);
    place.start();
    await expectRefused('a', /a replay/);
  });

  it('is not begun by approvals that came before it was denied, when it is set back to asking', async () => {
    place.start({ quorumOf: () => 2 });
    await place.give('a', { ask: 2 });
    await place.reaches('a', 'asking');
    await place.press('a', { kind: 'approve', by: BOB }, 2);
    const copy = await copyOf('a');
    expect(await place.press('a', { kind: 'deny', by: CAROL, reason: '' }, 2)).toBe('denied');
    await putBack('a', copy);
    expect(await place.press('a', { kind: 'approve', by: CAROL }, 2)).toBe('approved');
    await expectRefused('a', /a replay/);
  });
});

describe('what has expired', () => {
  it('is not begun, whatever the state says of a beginning', async () => {
    await place.give('a', { envelope: { expiresAt: Date.now() - 1 } });
    const signed = (await stateOf('a')).phase;
    expect(signed).toBe('accepted');
    await setState('a', {
      phase: 'waiting',
      startedAt: Date.now() - 1000,
      taken: { turn: 0, at: Date.now() },
    });
    place.start();
    await expectRefused('a', /state of the request/);
  });

  it('is not begun by a mark of another turn', async () => {
    await place.give('a', {
      envelope: { expiresAt: Date.now() - 1 },
      request: { taken: { turn: 1, at: Date.now() } },
    });
    place.start();
    await place.reaches('a', 'expired');
    expect(place.done).toEqual([]);
  });

  it('goes on when a worker had taken it up in time, for a day', async () => {
    const day = 24 * 3600 * 1000;
    const late = { expiresAt: Date.now() - 1 };
    await place.give('a', { envelope: late, request: { taken: { turn: 0, at: Date.now() - day / 2 } } });
    await place.give('b', { envelope: late, request: { taken: { turn: 0, at: Date.now() - day - 1000 } } });
    const acted = { taken: { turn: 0, at: Date.now() - day - 1000 }, acted: true };
    await place.give('c', { envelope: late, request: acted });
    place.start();
    await place.reaches('a', 'done');
    expect((await place.reaches('b', 'expired')).failure?.message).toMatch(/not begun/);
    expect((await place.reaches('c', 'failed')).failure?.message).toMatch(/not finished/);
    expect(place.done).toEqual(['a']);
  });
});

describe('what people are shown', () => {
  it('is never a result, a remedy or a page that somebody made up', async () => {
    place.start();
    await place.give('a');
    await place.reaches('a', 'done');
    await place.redis.hset(requestKey('a'), 'result', JSON.stringify('another'));
    const found = await place.store.read('a');
    expect(found).toMatchObject({ altered: true, request: { phase: 'failed', title: 'join web-1' } });
    expect(found?.request).not.toHaveProperty('result');
    await place.give('b');
    await place.reaches('b', 'done');
    const remedies = [{ label: 'Why?', line: 'rm websky' }];
    await setState('b', { phase: 'failed', failure: { message: 'No.', hint: '', remedies } });
    expect((await place.store.read('b'))?.request.failure).not.toHaveProperty('remedies');
    expect(await place.store.list({ most: 10 })).toEqual([
      expect.objectContaining({ id: 'b', phase: 'failed' }),
      expect.objectContaining({ id: 'a' }),
    ]);
  });

  it('cannot be approved once it was altered', async () => {
    place.start();
    await place.give('a', { ask: 1 });
    const { approval } = await place.reaches('a', 'asking');
    const later = approval && { ...approval, expiresAt: Date.now() + 9e9 };
    await setState('a', later ? { approval: later } : {});
    expect(await place.press('a', { kind: 'approve', by: BOB })).toMatch(/altered/);
  });

  it('names nobody as having cancelled what somebody else cancelled in their name', async () => {
    await place.give('a');
    const mark = { text: JSON.stringify({ id: 'a', by: 'bob', at: 1 }), signature: '0'.repeat(64) };
    await place.redis.hset(requestKey('a'), 'cancel', JSON.stringify(mark));
    place.start();
    const { failure } = await place.reaches('a', 'cancelled');
    expect(failure?.message).toMatch(/not known to the bot/);
    expect(failure?.message).not.toMatch(ALICE.name);
    expect(failure?.message).not.toMatch(BOB.name);
  });
});
