/** A request as those see it who are asked to approve it. Pure. */
import type { Asking } from '../cards/approval.ts';
import { escape, list } from '../cards/text.ts';
import { grantsShown, previewShown } from '../queue/approval.ts';
import type { Request } from '../queue/request.ts';

/** `whom`: mrkdwn, who may decide; their roles where it is empty. Undefined: nothing is asked. */
export function askingOf({ id, reason = '', approval }: Request, whom: string): Asking | undefined {
  if (!approval) return undefined;
  const { says = [], warnings = [] } = previewShown(approval) ?? {};
  return {
    ...approval,
    id,
    reason,
    says,
    warnings,
    approvers: whom || escape(list(approval.approvers)),
    approvedBy: grantsShown(approval).map(({ by }) => by.id),
  };
}
