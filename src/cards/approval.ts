/** What approvers are shown: what will be done, to what, by whose wish, the evidence, and the buttons. */
import type { KnownBlock } from '@slack/types';
import { buttons, context, section } from './blocks.ts';
import { clock, escape, list, mention } from './text.ts';

/** The buttons' actions; their value is the request's ID and the round, `ab12cd34 1`. */
export const APPROVE_ACTION = 'approve';
export const DENY_ACTION = 'deny';
export const WITHDRAW_ACTION = 'withdraw';

export interface Asking {
  id: string;
  round: number;
  reason: string;
  approvers: string[];
  quorum: number;
  /** Slack IDs of those who have approved. */
  approvedBy: string[];
  expiresAt: number;
  says: string[];
  warnings: string[];
  changed: string[];
}

export function askingBlocks(asking: Asking): KnownBlock[] {
  const { id, round, reason, approvers, quorum, approvedBy, expiresAt, says, warnings, changed } = asking;
  const value = `${id} ${round}`;
  const blocks: KnownBlock[] = [];
  if (changed.length > 0)
    blocks.push(
      section(
        [
          ':warning: *It was approved, but this has changed since, so it is asked anew:*',
          ...changed.map(escape),
        ].join('\n'),
      ),
    );
  if (says.length > 0) blocks.push(section(says.map((line) => `• ${escape(line)}`).join('\n')));
  if (warnings.length > 0)
    blocks.push(section(warnings.map((line) => `:warning: ${escape(line)}`).join('\n')));
  if (reason) blocks.push(section(`*Reason*  ${escape(reason)}`));
  blocks.push(
    buttons([
      { label: 'Approve', action: APPROVE_ACTION, value, style: 'primary' },
      { label: 'Deny', action: DENY_ACTION, value, style: 'danger' },
      { label: 'Withdraw', action: WITHDRAW_ACTION, value },
    ]),
    context(
      [
        `${approvedBy.length} of ${quorum} approved${approvedBy.length > 0 ? `: ${list(approvedBy.map(mention))}` : ''}`,
        `decided by ${escape(list(approvers))}`,
        `until ${clock(expiresAt)}`,
      ].join(' • '),
    ),
  );
  return blocks;
}
