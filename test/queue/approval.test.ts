import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFacts, mayRun, pressed, signPreview, type Press } from '../../src/queue/approval.ts';
import { sign, signText, verify, type Envelope, type SignedText } from '../../src/queue/envelope.ts';
import { isFinal, type Approval, type Request } from '../../src/queue/request.ts';
import { newEnvelope, newRequest, secret } from './request.ts';

const REQUESTER = { id: 'U1', name: 'alice', team: 'T1' };
const PEOPLE = ['U1', 'U2', 'U3', 'U4'].map((id) => ({ id, name: id, team: 'T1' }));
const NO_TIME: Approval = {
  round: 0,
  approvers: ['operators'],
  quorum: 1,
  expiresMs: 1000,
  expiresAt: 0,
  grants: [],
  changed: [],
};

interface Asked {
  request: Request;
  envelope: SignedText;
}

/** As a worker asks, whether for the first time or anew. */
function askedAt(now: number, { request, envelope }: Asked): Asked {
  const signed = verify(envelope, secret);
  const { approval = NO_TIME } = request;
  if (!signed) throw new Error('not signed');
  const round = { ...approval, round: approval.round + 1, grants: [], expiresAt: now + approval.expiresMs };
  const facts = [{ what: 'round', value: String(round.round) }];
  const preview = signPreview(signed, round, { says: [], warnings: [], facts }, secret);
  return { request: { ...request, phase: 'asking', approval: { ...round, preview } }, envelope };
}

function asked(change: Partial<Envelope> = {}): Asked {
  const said = { command: 'join', title: 'join web-1', requester: REQUESTER };
  const authority = { kind: 'ask', rule: 'role operators' } as const;
  const envelope = sign(newEnvelope('a', { ...said, job: 'join', authority, ...change }), secret);
  return askedAt(0, { request: newRequest('a', { ...said, approval: NO_TIME }), envelope });
}

type Move =
  | { kind: 'press'; press: Press }
  | { kind: 'time'; ms: number }
  /** A worker found other facts. */
  | { kind: 'ask anew' };

const who = fc.constantFrom(...PEOPLE);
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: who.map((by): Move => ({ kind: 'press', press: { kind: 'approve', by } })),
  },
  {
    weight: 1,
    arbitrary: who.map((by): Move => ({ kind: 'press', press: { kind: 'deny', by, reason: '' } })),
  },
  { weight: 1, arbitrary: fc.constant<Move>({ kind: 'press', press: { kind: 'withdraw', by: REQUESTER } }) },
  { weight: 1, arbitrary: fc.constant<Move>({ kind: 'press', press: { kind: 'expire' } }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 600 }).map((ms): Move => ({ kind: 'time', ms })) },
  { weight: 2, arbitrary: fc.constant<Move>({ kind: 'ask anew' }) },
);

/** Takes the moves one by one. @returns how often it was approved on the way. */
function expectSound(moves: Move[], quorum: number): number {
  let approvals = 0;
  let now = 1;
  let it = asked();
  /** What must be so, kept apart from what the code keeps: who approved this round, and when it is too late. */
  let yes = new Set<string>();
  let until = NO_TIME.expiresMs;
  for (const next of moves) {
    const before = it.request;
    if (next.kind === 'time') {
      now += next.ms;
    } else if (next.kind === 'ask anew') {
      if (before.phase !== 'approved') continue;
      it = askedAt(now, it);
      yes = new Set();
      until = now + NO_TIME.expiresMs;
    } else {
      const { press } = next;
      const result = pressed(it, press, quorum, secret, now);
      if (result.kind === 'told') continue;
      it = { request: result.request, envelope: result.envelope ?? it.envelope };
      if (press.kind === 'approve') yes.add(press.by.id);
      expectEffect(before, it.request, press, now > until);
    }
    yes.delete(REQUESTER.id);
    expectAsApproved(it, yes, quorum, now);
    if (it.request.phase === 'approved') approvals += 1;
  }
  return approvals;
}

/** Whoever ends it ends it once, and as they wanted, unless its time was over. */
function expectEffect(before: Request, after: Request, { kind }: Press, late: boolean): void {
  const ends = { approve: after.phase, deny: 'denied', withdraw: 'withdrawn', expire: 'too early' };
  expect(before.phase).toBe('asking');
  expect(after.phase).toBe(late ? 'expired' : ends[kind]);
}

function expectAsApproved(it: Asked, yes: Set<string>, quorum: number, now: number): void {
  if (it.request.phase === 'asking') {
    expect(yes.size).toBeLessThan(quorum);
  } else if (it.request.phase === 'approved') {
    const envelope = verify(it.envelope, secret);
    const may = envelope && mayRun(envelope, quorum, false, secret);
    expect(yes.size).toBeGreaterThanOrEqual(quorum);
    expect(may).toMatchObject({ kind: 'yes', facts: [{ value: String(it.request.approval?.round) }] });
    expect(new Set(may?.kind === 'yes' ? may.approvedBy.map(({ id }) => id) : [])).toEqual(yes);
    // Not for a configuration that wants more.
    expect(envelope && mayRun(envelope, yes.size + 1, false, secret).kind).toBe('no');
  } else {
    expect(isFinal(it.request.phase)).toBe(true);
    const [, by = REQUESTER] = PEOPLE;
    const presses: Press[] = [
      { kind: 'approve', by },
      { kind: 'deny', by, reason: '' },
      { kind: 'withdraw', by: REQUESTER },
      { kind: 'expire' },
    ];
    expect(presses.map((press) => pressed(it, press, 1, secret, now).kind)).not.toContain('changed');
  }
}

describe('presses, in whatever order they come', () => {
  it('approve only by as many others as it takes, of this round, in time; and what ends it is final', () => {
    let approvals = 0;
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), fc.integer({ min: 1, max: 3 }), (moves, quorum) => {
        approvals += expectSound(moves, quorum);
      }),
      { numRuns: 1000 },
    );
    // The moves do lead to it.
    expect(approvals).toBeGreaterThan(100);
  });
});

describe('a press', () => {
  const [, bob = REQUESTER, carol = REQUESTER] = PEOPLE;
  const approve = (it: Asked, by = bob, quorum = 1) =>
    pressed(it, { kind: 'approve', by }, quorum, secret, 1);

  it.each<[string, Partial<Request>]>([
    ['another title', { title: 'nodes' }],
    ['somebody else who asks', { requester: carol }],
    ['another channel', { channel: 'C9' }],
    ['another target', { targets: [{ kind: 'host', name: 'web-9' }] }],
    ['another reason', { reason: 'none' }],
    ['another command', { command: 'nodes' }],
  ])('approves nothing whose card shows %s than what is signed', (_what, change) => {
    const it = asked();
    expect(approve({ ...it, request: { ...it.request, ...change } })).toMatchObject({ kind: 'told' });
    expect(approve(it)).toMatchObject({ kind: 'changed', request: { phase: 'approved' } });
  });

  it('approves nothing that shows the preview of another round, of another input, or of another request', () => {
    const it = asked();
    const { approval = NO_TIME } = it.request;
    const others = [
      { ...approval, round: 2 },
      asked({ input: 'other' }).request.approval,
      asked({ job: 'leave' }).request.approval,
      { ...approval, preview: { text: '{}', signature: '' } },
    ];
    for (const other of others) {
      const request = { ...it.request, ...(other ? { approval: other } : {}) };
      expect(approve({ ...it, request })).toMatchObject({ kind: 'told' });
    }
  });

  it('counts only what was given in the time that is signed, whatever the card says of its time', () => {
    const it = asked();
    const { approval = NO_TIME } = it.request;
    const longer = { ...it, request: { ...it.request, approval: { ...approval, expiresAt: 9e12 } } };
    expect(pressed(longer, { kind: 'approve', by: bob }, 1, secret, 2000)).toMatchObject({
      kind: 'changed',
      request: { phase: 'expired' },
    });
  });

  it('of somebody who has approved already completes it where fewer are wanted now', () => {
    const it = asked();
    const one = approve(it, bob, 2);
    const request = one.kind === 'changed' ? one.request : it.request;
    expect(approve({ ...it, request }, bob, 2)).toMatchObject({ kind: 'told' });
    expect(approve({ ...it, request }, bob, 1)).toMatchObject({ request: { phase: 'approved' } });
  });
});

describe('of approvals that bots have signed, a worker counts none', () => {
  const [alice = REQUESTER, bob = REQUESTER] = PEOPLE;
  const given = asked();
  const { preview = { text: '', signature: '' } } = given.request.approval ?? {};
  const good = { id: 'a', round: 1, preview: preview.signature, by: bob, at: 1 };
  const mayWith = (grant: object) => {
    const envelope = verify(given.envelope, secret);
    const grants = [signText('grant', grant, secret)];
    const authority = { kind: 'approved', rule: '', preview, grants } as const;
    return envelope && mayRun({ ...envelope, authority }, 1, true, secret).kind;
  };

  it.each<[string, object]>([
    ['of whoever asked', { by: alice }],
    ['of another request', { id: 'b' }],
    ['of another round', { round: 2 }],
    [
      'of another preview of the same round',
      { preview: asked({ targets: [{ kind: 'swarm', name: '' }] }).request.approval?.preview?.signature },
    ],
    ['that came too late', { at: 5000 }],
  ])('%s', (_what, change) => {
    expect(mayWith(good)).toBe('yes');
    expect(mayWith({ ...good, ...change })).toBe('no');
  });
});

describe('facts that have changed', () => {
  it('are told one by one; the same facts in another order are none', () => {
    const before = [
      { what: 'the swarm of web-1', value: 'none' },
      { what: 'the engine of web-1', value: '28.0' },
    ];
    expect(changedFacts(before, before.toReversed())).toEqual([]);
    expect(changedFacts(before, [{ what: 'the swarm of web-1', value: 'abc' }])).toEqual([
      'the swarm of web-1: was none, is now abc.',
      'the engine of web-1: was 28.0, is not there any more.',
    ]);
    expect(changedFacts([], before.slice(0, 1))).toEqual(['the swarm of web-1: is now none.']);
  });
});
