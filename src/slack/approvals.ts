/** Approve, Deny and Withdraw: each press is checked against the policy at that very moment and has one effect. */
import type { App, BlockAction, ButtonAction, RespondArguments } from '@slack/bolt';
import type { Body } from '../cards/body.ts';
import { APPROVE_ACTION, DENY_ACTION, WITHDRAW_ACTION } from '../cards/approval.ts';
import { ofRequest } from '../audit/record.ts';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { decide, mayApprove, type Actor } from '../policy/decide.ts';
import { pressed, type Press } from '../queue/approval.ts';
import { refusal, type Desk } from './accept.ts';

/** Of two who press at once one wins; the other looks again. More than a few in a row is a fault. */
const MOST_TRIES = 20;

type Kind = 'approve' | 'deny' | 'withdraw';

export function onApprovals(app: App, desk: Desk, log: Log, taken: () => void): void {
  for (const [action, kind] of [
    [APPROVE_ACTION, 'approve'],
    [DENY_ACTION, 'deny'],
    [WITHDRAW_ACTION, 'withdraw'],
  ] as const) {
    app.action<BlockAction<ButtonAction>>(action, async ({ body, action: pressedButton, ack, respond }) => {
      await ack();
      const { user, team } = body;
      const actor = { id: user.id, name: user.name ?? user.id, team: team?.id ?? '' };
      const told = await press(pressedButton.value ?? '', kind, actor, '', desk).catch((error: unknown) => {
        if (error instanceof UserError) return refusal(error);
        log.error({ err: error }, 'a press could not be taken');
        throw error;
      });
      if (!told) return taken();
      const reply: RespondArguments = { response_type: 'ephemeral', replace_original: false, ...told };
      await respond(reply);
    });
  }
}

/** Takes one press. Undefined: the cards tell the rest. @throws UserError in words for whoever pressed. */
export async function press(
  value: string,
  kind: Kind,
  actor: Actor,
  reason: string,
  desk: Desk,
): Promise<Body | undefined> {
  const [id = '', round = ''] = value.split(' ');
  const { store, policy, secret, audit } = desk;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const found = await store.read(id);
    if (!found) throw new UserError('This request is no longer kept.', { hint: 'Ask for it anew.' });
    const { request } = found;
    const { approval } = request;
    if (approval && request.phase === 'asking' && String(approval.round) !== round) {
      throw new UserError('This card is an old one: the facts have changed since, and it was asked anew.', {
        hint: 'Look at the newest card.',
      });
    }
    const command = desk.commands.find(({ name }) => name === request.command);
    const question = {
      person: await desk.person(actor),
      command: { name: request.command, risk: command?.risk ?? 'destroy' },
      targets: request.targets,
    } as const;
    let quorum = 1;
    if (kind === 'withdraw') {
      if (actor.id !== request.requester.id)
        throw new UserError('Only whoever asked for it can take it back.', { hint: 'Press Deny instead.' });
    } else if (request.phase === 'asking') {
      const may = mayApprove(policy, { ...question, requester: request.requester.id });
      if (may.kind === 'no') throw new UserError(may.reason);
      quorum = policy.approvals[request.command]?.quorum ?? 1;
      // Whoever asked may have lost the right to since.
      const asked = decide(policy, {
        ...question,
        person: await desk.person(request.requester),
        channel: request.channel,
      });
      if (asked.kind === 'deny' && kind === 'approve')
        throw new UserError(`${request.requester.name} may not do this any more.`, { hint: asked.hint });
    }
    const what: Press = kind === 'deny' ? { kind, by: actor, reason } : { kind, by: actor };
    const next = pressed(found, what, quorum, secret, Date.now());
    if (next.kind === 'told') throw new UserError(next.message, { hint: next.hint });
    const done = await store.change(found, next.request, next.envelope);
    if (done === 'changed meanwhile') continue;
    if (done === 'gone') throw new UserError('This request is no longer kept.', { hint: 'Ask for it anew.' });
    const event = kind === 'approve' ? 'approved' : kind === 'deny' ? 'denied' : 'withdrawn';
    await audit.append({
      ...ofRequest(request),
      event: next.request.phase === 'expired' ? 'expired' : event,
      by: actor,
      round: approval?.round ?? 0,
      reason,
    });
    return undefined;
  }
  throw new UserError('Too many people press at once.', { hint: 'Press again.' });
}

/** Ends what nobody approved in time. Any number of bots may do it: one has an effect. */
export async function expireDue({ store, secret, audit }: Desk): Promise<void> {
  const now = Date.now();
  for (const id of await store.toExpire(now)) {
    const found = await store.read(id);
    const next = found && pressed(found, { kind: 'expire' }, 1, secret, now);
    if (found && next?.kind === 'changed') {
      if ((await store.change(found, next.request)) === 'changed meanwhile') continue;
      const { request } = found;
      const round = request.approval?.round ?? 0;
      await audit.append({ ...ofRequest(request), event: 'expired', by: null, round, reason: '' });
    } else if (found?.request.phase === 'asking' && found.request.approval) {
      await store.expireAt(id, found.request.approval.expiresAt + 1);
      continue;
    }
    await store.looked(id);
  }
}
