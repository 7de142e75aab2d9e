/** What approvers are shown: what will be done, to what, by whose wish, the evidence, and the buttons. */
import type { KnownBlock } from '@slack/types';
import type { Attachment } from './body.ts';
import { buttons, context, lines, section } from './blocks.ts';
import { clampMrkdwn, clock, count, escape, list, mention, literal } from './text.ts';

/** The buttons' actions; their value is the request's ID and the round, `ab12cd34 1`. */
export const APPROVE_ACTION = 'approve';
export const DENY_ACTION = 'deny';
export const WITHDRAW_ACTION = 'withdraw';

/** Characters of what will be done, and of what speaks against it, that stand on a card; the rest is in a file. */
const MOST_CHARACTERS = 2800;

export interface Asking {
  id: string;
  round: number;
  reason: string;
  /** Mrkdwn: who may decide. */
  approvers: string;
  quorum: number;
  /** Slack IDs of those who have approved. */
  approvedBy: string[];
  expiresAt: number;
  expiresMs: number;
  /** Sentences, plain text. */
  says: string[];
  warnings: string[];
  /** What is another fact since it was approved the last time. */
  changed: string[];
}

/** What stands first: never left out. */
export function askingHead({ round, changed }: Asking): KnownBlock[] {
  if (changed.length === 0) return round > 1 ? [section(':repeat: *It is asked anew.*')] : [];
  return lines([
    ':repeat: *It is asked anew: since it was approved, this has changed.*',
    ...changed.map((line) => `• ${escape(line)}`),
  ]);
}

/** What will be done, as far as it fits. */
export function askingPlan(asking: Asking): KnownBlock[] {
  return [
    ...lines(asking.says.map((line) => `• ${escape(line)}`)),
    ...(isLong(asking)
      ? [section(':page_facing_up: The whole list is in a file, in the thread of the card.')]
      : []),
  ];
}

/** All of what a card shows only in part: nobody approves what they could not read. Empty when the card says all. */
export function askingFiles(asking: Asking): Attachment[] {
  if (!isLong(asking)) return [];
  const { id, round, says, warnings, changed } = asking;
  const part = (title: string, sentences: string[]): string[] =>
    sentences.length > 0 ? [title, ...sentences.map((one) => `- ${one}`), ''] : [];
  return [
    {
      name: `approval-${id}-${round}.txt`,
      title: 'What is to be approved',
      content: [
        ...part('What has changed since it was approved:', changed),
        ...part('What will be done:', says),
        ...part('What speaks against it:', warnings),
      ].join('\n'),
    },
  ];
}

function isLong({ says, warnings, changed }: Asking): boolean {
  // Escaped text is longer, and each line has its mark.
  return [says, warnings, changed].some(
    (sentences) =>
      sentences.some((one) => escape(one).length > 900) ||
      sentences.reduce((sum, one) => sum + escape(one).length + 12, 0) > MOST_CHARACTERS,
  );
}

export interface Offered {
  /** Also the button of whoever asked. */
  withdraw: boolean;
  /** Not to somebody who has approved it already. */
  approve?: boolean;
}

/** Why, what speaks against it, the buttons, and how it stands: never left out. */
export function askingTail(asking: Asking, offered: Offered): KnownBlock[] {
  const { reason, warnings, approvers, quorum, approvedBy, expiresAt, expiresMs } = asking;
  const approved =
    approvedBy.length > 0
      ? `${approvedBy.length} of ${quorum} approved: ${list(approvedBy.map(mention))}`
      : quorum === 1
        ? 'One approval is needed'
        : `${quorum} people must approve it, nobody has yet`;
  return [
    ...(reason ? [reasonLine(reason)] : []),
    ...(warnings.length > 0 ? lines(warnings.map((line) => `:warning: ${escape(line)}`)) : []),
    decideButtons(asking, offered),
    context(
      [
        approved,
        ...(approvers ? [`${approvers} may decide`] : []),
        `until ${clock(expiresAt)} (${minutes(expiresMs)})`,
      ].join(' • '),
    ),
  ];
}

export function decideButtons(
  { id, round }: Pick<Asking, 'id' | 'round'>,
  { withdraw, approve = true }: Offered,
): KnownBlock {
  const value = `${id} ${round}`;
  return buttons([
    ...(approve ? [{ label: 'Approve', action: APPROVE_ACTION, value, style: 'primary' as const }] : []),
    { label: 'Deny', action: DENY_ACTION, value, style: 'danger' },
    ...(withdraw ? [{ label: 'Withdraw', action: WITHDRAW_ACTION, value }] : []),
  ]);
}

function reasonLine(reason: string): KnownBlock {
  return section(`*Reason*  ${clampMrkdwn(literal(reason), 1500)}`);
}

/** `30 min`, `2 h`: how long something waits for people. */
function minutes(ms: number): string {
  if (ms < 60_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (ms < 2 * 3600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 48 * 3600_000 ? `${Math.round(ms / 3600_000)} h` : count(Math.round(ms / 86_400_000), 'day');
}
