/** What answers may do with requests that wait for an approval, in the name of the person who asks. */
import { askingHead, askingPlan, askingTail, type Asking } from '../cards/approval.ts';
import { paragraph, section } from '../cards/blocks.ts';
import type { Body } from '../cards/body.ts';
import { fit } from '../cards/fit.ts';
import { bold, count, literal } from '../cards/text.ts';
import type { AnswerContext, Waiting } from '../commands/define.ts';
import { UserError } from '../errors.ts';
import { mayApprove, type Actor } from '../policy/decide.ts';
import type { Person } from '../policy/policy.ts';
import type { Request } from '../queue/request.ts';
import { press, ruleNow } from './approvals.ts';
import { askingOf } from './asking.ts';
import type { Desk } from './desk.ts';

/** More are not looked at. */
const MOST = 500;

export function askingContext(actor: Actor, desk: Desk): Pick<AnswerContext, 'cancel' | 'press' | 'waiting'> {
  const { store } = desk;
  return {
    cancel: async (id) => {
      const found = await store.read(id);
      // Whoever asked takes it back, as with the button.
      if (found?.request.phase !== 'asking' || found.request.requester.id !== actor.id)
        return await desk.answers.cancel(id, actor);
      await press({ id, round: undefined }, 'withdraw', actor, '', desk);
      const { request } = (await store.read(id)) ?? found;
      return { kind: 'cancelled', request };
    },
    press: async (id, kind, reason) => {
      if (kind === 'deny' && reason.trim() === '')
        throw new UserError('Say why, in a word at least: everybody reads it.', {
          hint: `For example: /swarm deny ${id} not during the sale`,
        });
      const found = await store.read(id);
      const asking =
        found && askingOf(found.request, await desk.whom(found.request.approval?.approvers ?? []));
      // Whoever types an ID may have read an earlier card: of what was asked anew they read the present one first.
      if (kind === 'approve' && found?.request.phase === 'asking' && asking && asking.round > 1)
        return askedAnew(found.request, asking);
      await press({ id, round: undefined }, kind, actor, reason, desk);
      const pressed = (await store.read(id))?.request;
      return pressed && paragraph(taken(pressed, kind));
    },
    waiting: async () => {
      const open = await desk.answers.requests.list({ most: MOST, open: true });
      const asking = open.filter(({ phase }) => phase === 'asking');
      if (asking.length === 0) return [];
      const person = await desk.person(actor);
      return (await Promise.all(asking.map((request) => waiting(request, person, desk)))).flat();
    },
  };
}

async function waiting(request: Request, person: Person, desk: Desk): Promise<Waiting[]> {
  const { command: name, targets, requester, approval } = request;
  const asking = askingOf(request, await desk.whom(approval?.approvers ?? []));
  if (!asking) return [];
  const command = { name, risk: desk.commands.find((one) => one.name === name)?.risk ?? 'destroy' };
  const { policy } = ruleNow(desk.policy, request);
  const may = mayApprove(policy, { person, command, targets, requester: requester.id });
  // Whoever has approved it has nothing left to do.
  const open = may.kind === 'yes' && !asking.approvedBy.includes(person.id);
  return [{ request, may: open, asking }];
}

/** Whoever types may be in another channel than the card. */
function taken({ title, phase, approval }: Request, kind: 'approve' | 'deny'): string {
  if (kind === 'deny') return `:no_entry: You have denied ${bold(title)}.`;
  const missing = phase === 'asking' ? (approval?.quorum ?? 0) - (approval?.grants.length ?? 0) : 0;
  return `:white_check_mark: You have approved ${bold(title)}.${missing > 0 ? ` ${count(missing, 'more approval is', 'more approvals are')} needed.` : ''}`;
}

function askedAnew({ title }: Request, asking: Asking): Body {
  return {
    text: `${literal(title)} was asked anew. Read what has changed, and approve that.`,
    blocks: fit(
      [section(`:raised_hand: ${bold(title)}`), ...askingHead(asking)],
      askingPlan(asking),
      askingTail(asking, { withdraw: false }),
    ),
  };
}
