/** How the asking for an approval stands or has ended, in words. Pure. */
import { clock, list, mention, literal } from '../cards/text.ts';
import { grantsShown } from '../queue/approval.ts';
import type { Phase, Request } from '../queue/request.ts';

/** In the middle of a sentence: "it is running". */
const NOW: Record<Phase, string> = {
  accepted: 'is about to be looked at',
  queued: 'waits for a worker',
  asking: 'waits for an approval',
  approved: 'is about to begin',
  waiting: 'waits its turn',
  running: 'is running',
  done: 'is done',
  incomplete: 'has ended, and not everything worked',
  failed: 'has failed',
  refused: 'was refused, because it cannot be done',
  cancelled: 'was cancelled',
  expired: 'has expired',
  denied: 'was denied',
  withdrawn: 'was taken back',
};

/** Mrkdwn, a line for each thing that people decided: who approved, who denied and why. Empty before the first. */
export function decisionLines({ approval }: Request): string[] {
  if (!approval) return [];
  const lines: string[] = [];
  const grants = grantsShown(approval);
  if (grants.length > 0) {
    const by = grants.map(({ by, at }) => `${mention(by.id)} ${clock(at)}`).join(', ');
    lines.push(`:white_check_mark: approved by ${by}`);
  }
  const { denied } = approval;
  if (denied) {
    const why = denied.reason ? `: ${literal(denied.reason)}` : '';
    lines.push(`:no_entry: denied by ${mention(denied.by.id)} ${clock(denied.at)}${why}`);
  }
  return lines;
}

/** Plain words for whoever presses a button of a request that does not wait for them: what became of it. */
export function whatBecame(request: Request): { message: string; hint: string } {
  const { id, title, phase, approval, failure, requester } = request;
  const names = approval ? list(grantsShown(approval).map(({ by }) => by.name)) : '';
  const again = `/swarm retry ${id} asks for it anew.`;
  if (phase === 'denied') {
    const { by, reason } = approval?.denied ?? { by: { name: 'Somebody' }, reason: '' };
    return { message: `${by.name} has denied ${title}${reason ? `: ${reason}` : '.'}`, hint: again };
  }
  if (phase === 'expired')
    return { message: `${title} has expired. ${failure?.message ?? ''}`.trim(), hint: again };
  if (phase === 'withdrawn') return { message: `${requester.name} has taken ${title} back.`, hint: '' };
  const approved = names ? `was approved by ${names} and ` : '';
  return { message: `${title} ${approved}${NOW[phase]}.`, hint: `/swarm job ${id} shows it.` };
}
