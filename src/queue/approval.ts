/** Asking for an approval: what a worker signs for the approvers to see, what bots sign when they press, what it takes to run. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Fact, Preview } from '../jobs/define.ts';
import type { Secret } from '../secret.ts';
import {
  mac,
  person,
  sign,
  signText,
  verify,
  verifyText,
  type Envelope,
  type SignedText,
} from './envelope.ts';
import { noApproval, noBreakGlass, ONLY_ASKED, OTHER_PREVIEW, tooFew, type Refusal } from './refusal.ts';
import type { Approval, Request } from './request.ts';
import type { Shown } from './store.ts';

/** An approved job that nobody could begin for so long is no longer what was approved. */
const APPROVED_FOR_MS = 15 * 60_000;

const previewText = z.object({
  /** Of the request. */
  id: z.string(),
  /** Of what is to be done, see aboutOf. */
  about: z.string(),
  round: z.int(),
  at: z.int(),
  /** No approval counts that is given later. */
  expiresAt: z.int(),
  says: z.array(z.string()),
  warnings: z.array(z.string()),
  facts: z.array(z.object({ what: z.string(), value: z.string() })),
});

const grantText = z.object({
  id: z.string(),
  round: z.int(),
  /** Signature of the preview that the approver had before them. */
  preview: z.string(),
  by: person,
  at: z.int(),
});
export type Grant = z.infer<typeof grantText>;

/** Signs what the approvers of this round are to see. */
export function signPreview(
  envelope: Envelope,
  { round, expiresAt }: Pick<Approval, 'round' | 'expiresAt'>,
  { says, warnings, facts }: Preview,
  secret: Secret,
): SignedText {
  const shown = { round, at: Date.now(), expiresAt, says, warnings, facts };
  return signText('preview', { id: envelope.id, about: aboutOf(envelope, secret), ...shown }, secret);
}

/** What a preview and its approvals are about: the very job, with the very input. Says nothing of either to who reads it. */
function aboutOf({ command, job, input, requester, targets }: Envelope, secret: Secret): string {
  return mac('about', JSON.stringify([command, job, input, requester.id, targets]), secret);
}

/** What a card shows. Not verified: whoever presses is told when it was altered. */
export function previewShown({ preview }: Approval): Preview | undefined {
  return preview && previewText.safeParse(JSON.parse(preview.text)).data;
}

/** Who has approved, as a card shows it. Not verified either. */
export function grantsShown({ grants }: Approval): Grant[] {
  return grants.flatMap(({ text }) => grantText.safeParse(JSON.parse(text)).data ?? []);
}

export type Press =
  | { kind: 'approve'; by: Grant['by'] }
  | { kind: 'deny'; by: Grant['by']; reason: string }
  | { kind: 'withdraw'; by: Grant['by'] }
  | { kind: 'expire' };

export type Pressed =
  /** Nothing changes; why, in words for whoever pressed. */
  | { kind: 'told'; message: string; hint: string }
  | { kind: 'changed'; request: Request; envelope?: SignedText };

/** What follows from a press. `quorum`: as the policy has it now. */
export function pressed(
  { request, envelope: data }: Pick<Shown, 'request' | 'envelope'>,
  press: Press,
  quorum: number,
  secret: Secret,
  now: number,
): Pressed {
  const { approval } = request;
  if (request.phase !== 'asking' || !approval) return { kind: 'told', ...whatBecame(request) };
  if (press.kind === 'expire' || now > approval.expiresAt) {
    if (now <= approval.expiresAt) return { kind: 'told', message: 'It still has time.', hint: '' };
    return ended(request, 'expired', now, 'Nobody approved it in time, so it was not begun.');
  }
  if (press.kind === 'withdraw')
    return ended(request, 'withdrawn', now, `${press.by.name} took it back before it was approved.`);
  if (press.kind === 'deny') {
    const { by, reason } = press;
    const change = { approval: { ...approval, denied: { by, reason, at: now } } };
    return ended(
      { ...request, ...change },
      'denied',
      now,
      `${by.name} denied it${reason ? `: ${reason}` : '.'}`,
    );
  }
  const envelope = verify(data, secret);
  const preview = envelope && verifiedPreview(envelope, approval.preview, secret);
  const asks = envelope?.authority.kind === 'ask' || envelope?.authority.kind === 'approved';
  const { signature = '' } = approval.preview ?? {};
  if (!envelope || !preview || !asks || !isAsShown(request, envelope) || preview.round !== approval.round) {
    return {
      kind: 'told',
      message: 'What this card shows is not what was signed, so it cannot be approved.',
      hint: 'Somebody else writes to the Redis of this bot: tell whoever runs it.',
    };
  }
  if (now > preview.expiresAt)
    return ended(request, 'expired', now, 'Nobody approved it in time, so it was not begun.');
  if (press.by.id === envelope.requester.id)
    return { kind: 'told', message: 'Nobody approves what they have asked for themselves.', hint: '' };
  const earlier = validGrants(envelope, approval.grants, { ...preview, signature }, secret);
  const wanted = Math.max(1, quorum);
  const grants = earlier.map(({ signed }) => signed);
  if (!earlier.some(({ by }) => by.id === press.by.id)) {
    const grant: Grant = { id: request.id, round: preview.round, preview: signature, by: press.by, at: now };
    grants.push(signText('grant', grant, secret));
  } else if (grants.length < wanted) {
    return { kind: 'told', message: 'You have approved it already.', hint: '' };
  }
  const next = { ...request, approval: { ...approval, quorum: wanted, grants } };
  if (grants.length < wanted || !approval.preview) return { kind: 'changed', request: next };
  const { rule } = envelope.authority;
  return {
    kind: 'changed',
    request: { ...next, phase: 'approved', turn: (request.turn ?? 0) + 1 },
    envelope: sign(
      {
        ...envelope,
        authority: { kind: 'approved', rule, preview: approval.preview, grants },
        at: now,
        expiresAt: now + APPROVED_FOR_MS,
      },
      secret,
    ),
  };
}

export type May =
  /** `facts`: what an approved one rests on. */
  { kind: 'yes'; facts: Fact[] | undefined; approvedBy: Grant['by'][] } | { kind: 'no'; refusal: Refusal };

/**
 * Whether a worker may carry this out. `quorum`: of its own configuration, 0 where this command needs no approval.
 * `breakGlass`: whether that has a role that may go on without one. Who is in which role was looked at when they asked or
 * pressed: a worker knows nobody's roles.
 */
export function mayRun(envelope: Envelope, quorum: number, breakGlass: boolean, secret: Secret): May {
  const { authority } = envelope;
  switch (authority.kind) {
    case 'allowed':
      return quorum === 0
        ? { kind: 'yes', facts: undefined, approvedBy: [] }
        : { kind: 'no', refusal: noApproval(envelope.command) };
    case 'break-glass':
      return breakGlass || quorum === 0
        ? { kind: 'yes', facts: undefined, approvedBy: [] }
        : { kind: 'no', refusal: noBreakGlass(envelope.command) };
    case 'ask':
      return { kind: 'no', refusal: ONLY_ASKED };
    case 'approved': {
      const preview = verifiedPreview(envelope, authority.preview, secret);
      if (!preview) return { kind: 'no', refusal: OTHER_PREVIEW };
      const shown = { ...preview, signature: authority.preview.signature };
      const approvedBy = validGrants(envelope, authority.grants, shown, secret).map(({ by }) => by);
      const wanted = Math.max(1, quorum);
      return approvedBy.length >= wanted
        ? { kind: 'yes', facts: preview.facts, approvedBy }
        : { kind: 'no', refusal: tooFew(approvedBy.length, wanted) };
    }
  }
}

/** What is another fact now: sentences. */
export function changedFacts(before: readonly Fact[], now: readonly Fact[]): string[] {
  const values = new Map(now.map(({ what, value }) => [what, value]));
  const known = new Set(before.map(({ what }) => what));
  return [
    ...before.flatMap(({ what, value }) => {
      const present = values.get(what);
      if (present === value) return [];
      return [
        present === undefined
          ? `${what}: was ${value}, is not there any more.`
          : `${what}: was ${value}, is now ${present}.`,
      ];
    }),
    ...now.flatMap(({ what, value }) => (known.has(what) ? [] : [`${what}: is now ${value}.`])),
  ];
}

function verifiedPreview(envelope: Envelope, signed: SignedText | undefined, secret: Secret) {
  const preview = verifyText('preview', previewText, signed, secret);
  return preview?.id === envelope.id && preview.about === aboutOf(envelope, secret) ? preview : undefined;
}

/** One of each approver, for this round and what was shown in it, given in its time. */
function validGrants(
  { id, requester }: Envelope,
  grants: readonly SignedText[],
  shown: { round: number; signature: string; expiresAt: number },
  secret: Secret,
): (Grant & { signed: SignedText })[] {
  const people = new Map<string, Grant & { signed: SignedText }>();
  for (const signed of grants) {
    const grant = verifyText('grant', grantText, signed, secret);
    const fits =
      grant?.id === id &&
      grant.round === shown.round &&
      grant.preview === shown.signature &&
      grant.at <= shown.expiresAt;
    if (fits && grant.by.id !== requester.id) people.set(grant.by.id, { ...grant, signed });
  }
  return [...people.values()];
}

/** Whether what people read of it is what is signed. */
export function isAsShown(request: Request, envelope: Envelope): boolean {
  return (
    request.id === envelope.id &&
    request.command === envelope.command &&
    request.title === envelope.title &&
    request.requester.id === envelope.requester.id &&
    request.channel === envelope.channel &&
    (request.reason ?? '') === envelope.reason &&
    isDeepStrictEqual(request.targets, envelope.targets)
  );
}

function ended(
  request: Request,
  phase: 'expired' | 'denied' | 'withdrawn',
  now: number,
  message: string,
): Pressed {
  return {
    kind: 'changed',
    request: { ...request, phase, endedAt: now, failure: { message, hint: '' } },
  };
}

/** For who presses a button of a request that is asking no more. */
function whatBecame({ phase, title, failure }: Request): { message: string; hint: string } {
  const message = failure?.message ? ` ${failure.message}` : '';
  return { message: `${title} does not wait for an approval any more: ${phase}.${message}`, hint: '' };
}
