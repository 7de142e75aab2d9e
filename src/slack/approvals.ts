/** Approve, deny, withdraw: each press is checked against the policy at that very moment, and has one effect. */
import { owe } from '../audit/owed.ts';
import { ofRequest } from '../audit/record.ts';
import { quoted } from '../commands/words.ts';
import { UserError } from '../errors.ts';
import { hideSecrets } from '../hide-secrets.ts';
import { decide, forbids, mayApprove, type Actor, type Question } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import { grantsShown, pressed, type Press } from '../queue/approval.ts';
import { STATE_ALTERED } from '../queue/refusal.ts';
import type { Request } from '../queue/request.ts';
import type { Shown } from '../queue/store.ts';
import { whatBecame } from './decision.ts';
import type { Desk } from './desk.ts';

/** Of two who press at once one wins; the other looks again. More than a few in a row is a fault. */
const MOST_TRIES = 20;

export type PressKind = 'approve' | 'deny' | 'withdraw';

/** What a button is about: a request, and which round of asking its card shows. */
export interface Pressed {
  id: string;
  /** Undefined: whichever is asked now, by somebody who types an ID. */
  round: number | undefined;
}

/** A button's value: `ab12cd34 1`. */
export function readPress(value: string): Pressed {
  const [id = '', round = ''] = value.split(' ');
  return { id, round: Number(round) };
}

/**
 * Takes one press; the cards tell the rest.
 * @throws UserError in words for whoever pressed, when it has no effect.
 */
export async function press(
  what: Pressed,
  kind: PressKind,
  actor: Actor,
  words: string,
  desk: Desk,
): Promise<void> {
  const { store, secret, audit } = desk;
  const reason = hideSecrets(words);
  const by = { id: actor.id, name: actor.name, team: actor.team };
  const given: Press = kind === 'deny' ? { kind, by, reason } : { kind, by };
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { found, quorum } = await pressable(what, kind, actor, desk, { fresh: true });
    const next = pressed(found, given, quorum, secret, Date.now());
    if (next.kind === 'told') throw new UserError(next.message, { hint: next.hint });
    const { request } = found;
    // Its time was over at that very moment.
    const expired = next.request.phase === 'expired';
    const event = { approve: 'approved', deny: 'denied', withdraw: 'withdrawn' } as const;
    const owed = owe(
      {
        ...ofRequest(request),
        event: expired ? 'expired' : event[kind],
        by: expired ? null : by,
        round: request.approval?.round ?? 0,
        reason: expired ? '' : reason,
      },
      secret,
    );
    const done = await store.change(found, next.request, next.envelope, owed);
    if (done === 'changed meanwhile') continue;
    if (done === 'gone') throw notKept(what.id);
    // It is so, and stays owed where the audit does not take it now, which has told the log.
    await audit.settle(owed).catch(() => undefined);
    if (expired) throw became(next.request);
    return;
  }
  throw new UserError('Too many people press at once.', { hint: 'Press again.' });
}

/**
 * The request that somebody may press at this moment, and how many must approve it.
 * @throws UserError in words for whoever pressed, when they may not, or when there is nothing to press any more.
 */
export async function pressable(
  { id, round }: Pressed,
  kind: PressKind,
  actor: Actor,
  desk: Desk,
  how: { fresh: boolean },
): Promise<{ found: Shown; quorum: number }> {
  const found = await desk.store.read(id);
  if (!found) throw notKept(id);
  const { request } = found;
  const { approval, requester } = request;
  if (request.phase !== 'asking' || !approval) throw became(request);
  if (kind === 'withdraw') {
    if (actor.id !== requester.id)
      throw new UserError('Only whoever asked for it can take it back.', {
        hint: 'Those who may approve it can deny it.',
      });
    return { found, quorum: approval.quorum };
  }
  if (round !== undefined && round !== approval.round) {
    throw new UserError('This card is an old one: the facts have changed since, and it was asked anew.', {
      hint: 'Look at the newest card.',
    });
  }
  const { policy, quorum } = ruleNow(desk.policy, request);
  const command = desk.commands.find(({ name }) => name === request.command);
  const question: Omit<Question, 'person' | 'channel'> = {
    command: { name: request.command, risk: command?.risk ?? 'destroy' },
    targets: request.targets,
  };
  const [person, asker] = await Promise.all([desk.person(actor, how), desk.person(requester, how)]);
  const may = mayApprove(policy, { ...question, person, requester: requester.id });
  if (may.kind === 'no') throw new UserError(may.reason, { hint: may.hint, says: may.says });
  // "deny" in swarm.yaml may name approve and deny themselves: that holds for the buttons as for the words.
  const verb = { ...question, person, command: { name: kind, risk: 'read' as const } };
  const forbidden = forbids(desk.policy, { ...verb, channel: request.channel });
  if (forbidden) throw new UserError(forbidden.reason, { hint: forbidden.hint, says: forbidden.says });
  if (kind === 'approve') {
    // Whoever asked may have lost the right to since.
    const asked = decide(desk.policy, { ...question, person: asker, channel: request.channel });
    if (asked.kind === 'deny')
      throw new UserError(`${requester.name} may not do this at the moment, so it cannot be approved.`, {
        hint: 'Deny it, or wait until they may.',
      });
    // So may those who have approved it before: what they said counts no more then.
    const still = await Promise.all(
      approval.grants.map(async (grant) => {
        const [given] = grantsShown({ ...approval, grants: [grant] });
        if (!given) return [];
        const by = await desk.person(given.by, how);
        const kept = mayApprove(policy, { ...question, person: by, requester: requester.id });
        return kept.kind === 'yes' ? [grant] : [];
      }),
    );
    const counting = { ...request, approval: { ...approval, grants: still.flat() } };
    return { found: { ...found, request: counting }, quorum };
  }
  return { found, quorum };
}

/**
 * What must hold for a press. Who may approve is what the policy says now: somebody who lost the role approves nothing.
 * How many must is the greater of what the card says and what the policy says now: neither what was shown nor what is
 * wanted now is undercut. Where the policy wants no approval any more, the request still waits for one, as it was shown:
 * one press of somebody who is in a role that was asked then is enough.
 */
export function ruleNow(policy: Policy, { command, approval }: Request): { policy: Policy; quorum: number } {
  const { approvers = [], quorum = 1, expiresMs = 0 } = approval ?? {};
  const rule = Object.hasOwn(policy.approvals, command) ? policy.approvals[command] : undefined;
  if (rule) return { policy, quorum: Math.max(rule.quorum, quorum) };
  const asked = { approvers, quorum: 1, expiresMs, reason: 'optional' } as const;
  return { policy: { ...policy, approvals: { ...policy.approvals, [command]: asked } }, quorum: 1 };
}

/** Ends what nobody approved in time. Any number of bots may do it: one has an effect. */
export async function expireDue({ store, secret, audit }: Desk): Promise<void> {
  const now = Date.now();
  for (const id of await store.toExpire(now)) {
    const found = await store.read(id);
    const next = found && pressed(found, { kind: 'expire' }, 1, secret, now);
    if (found && next?.kind === 'changed') {
      const { request } = found;
      const round = request.approval?.round ?? 0;
      const owed = owe({ ...ofRequest(request), event: 'expired', by: null, round, reason: '' }, secret);
      // Somebody pressed at the same time: the next look sees what is left to do.
      if ((await store.change(found, next.request, undefined, owed)) !== 'written') continue;
      await audit.settle(owed);
    } else if (found?.altered) {
      // No worker looks at it while people are asked: its card shows from now on that it is none to be approved.
      const owed = owe({ event: 'forged', request: id, why: STATE_ALTERED.why }, secret);
      if ((await store.change(found, found.request, undefined, owed)) === 'written') await audit.settle(owed);
    } else if (found?.request.phase === 'asking' && found.request.approval) {
      // It was asked anew, with more time.
      await store.expireAt(id, found.request.approval.expiresAt + 1);
      continue;
    }
    await store.looked(id);
  }
}

function became(request: Request): UserError {
  const { message, hint } = whatBecame(request);
  return new UserError(message, { hint });
}

function notKept(id: string): UserError {
  return new UserError(`There is no request ${quoted(id)} any more.`, {
    hint: 'What has ended is kept for a week. Ask for it anew.',
  });
}
