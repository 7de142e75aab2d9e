/** What somebody who may approve a request is shown of it in a direct message, first and as it goes on. Pure. */
import type { KnownBlock } from '@slack/types';
import { askingHead, askingPlan, askingTail } from '../cards/approval.ts';
import { context, section } from '../cards/blocks.ts';
import type { Body } from '../cards/body.ts';
import { fit } from '../cards/fit.ts';
import { bold, clamp, clampMrkdwn, code, literal, mention } from '../cards/text.ts';
import type { JobCommand } from '../commands/define.ts';
import type { Request } from '../queue/request.ts';
import { askingOf } from './asking.ts';
import { decisionLines } from './decision.ts';
import { outcomeOf, PHASES } from './phases.ts';

export interface Reader {
  /** Slack's ID. */
  reader: string;
  /** Of asking: in which this message was sent. */
  round: number;
  /** Mrkdwn: who may decide. */
  whom: string;
  /** Address of the card; empty where it is not known. */
  link: string;
}

export function approverCopy(
  request: Request,
  command: JobCommand,
  { reader, round, whom, link }: Reader,
): Body {
  const { title, requester, phase, reason, approval } = request;
  const asking = phase === 'asking' ? askingOf(request, whom) : undefined;
  const foot = context(`asked by ${mention(requester.id)} in ${whereOf(request, link)}`);
  if (approval && approval.round > round) {
    const words = `${bold(title)} was asked anew, because the facts have changed: read the newer message.`;
    return {
      text: `${literal(title)} was asked anew. Read the newer message.`,
      blocks: [section(`:repeat: ${words}`), foot],
    };
  }
  if (!asking) {
    const { mark, word } = PHASES[phase];
    const outcome = outcomeOf(request, command);
    const lines = [
      `${mark} ${bold(title)} (${word})`,
      ...decisionLines(request),
      // Who denied it, and why, stands there already.
      ...(outcome && phase !== 'denied' ? [clampMrkdwn(outcome, 600)] : []),
    ];
    return { text: `${literal(title)}: ${word}.`, blocks: [section(lines.join('\n')), foot] };
  }
  const has = asking.approvedBy.includes(reader);
  const head: KnownBlock[] = [
    section(
      has
        ? `:white_check_mark: You have approved ${bold(title)} of ${mention(requester.id)}. It waits for others.`
        : `:raised_hand: ${mention(requester.id)} asks for your approval: ${bold(title)}`,
    ),
    ...askingHead(asking),
  ];
  const why = reason ? ` ${literal(clamp(reason, 200))}` : '';
  return {
    text: `${literal(requester.name)} asks for your approval: ${literal(title)}.${why}`,
    blocks: fit(head, askingPlan(asking), [...askingTail(asking, { withdraw: false, approve: !has }), foot]),
  };
}

/** Where the card stands. */
export function whereOf({ id, channel }: Request, link: string): string {
  const card = link ? ` • <${link}|its card>` : '';
  return `<#${channel}>${card} • ${code(id)}`;
}
