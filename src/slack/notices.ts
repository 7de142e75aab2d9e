/** Messages that tell of a request elsewhere than on its card. Pure. */
import { context, section } from '../cards/blocks.ts';
import type { Body } from '../cards/body.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, clamp, clampMrkdwn, code, escape, literal, mention } from '../cards/text.ts';
import type { JobCommand } from '../commands/define.ts';
import { isFinal, type Request } from '../queue/request.ts';
import { whereOf } from './approver-copy.ts';
import { outcomeOf, PHASES } from './phases.ts';

/**
 * Somebody went on without an approval: who, what, where and why, and what became of it. `loud`: it stands in a channel
 * where nobody expects it, so those who are there are called.
 */
export function announcement(
  request: Request,
  command: JobCommand,
  { link, loud }: { link: string; loud: boolean },
): Body {
  const { title, requester, channel, reason = '', phase } = request;
  const ended = isFinal(phase);
  const { mark, word } = PHASES[phase];
  const outcome = ended ? clampMrkdwn(outcomeOf(request, command), 600) : '';
  const became = ended
    ? `${mark} ${word[0]?.toUpperCase()}${word.slice(1)}. ${outcome}`
    : ':hourglass_flowing_sand: It has begun.';
  return {
    text: clampMrkdwn(
      `${loud ? '<!here> ' : ''}${literal(requester.name)} goes on without an approval: ${literal(title)}. Reason: ${literal(reason)}`,
      3000,
    ),
    blocks: [
      section(
        [
          `:rotating_light: ${loud ? '<!here> ' : ''}${mention(requester.id)} goes on *without an approval* in <#${channel}>: ${bold(title)}`,
          `*Reason*  ${literal(reason)}`,
          became.trim(),
        ].join('\n'),
      ),
      context(whereOf(request, link)),
    ],
  };
}

/** To whoever asked: it will not be done. */
export function toRequester(request: Request, link: string): Body {
  const { id, title, phase, failure, approval } = request;
  const { denied } = approval ?? {};
  const why = denied?.reason ? `: ${literal(denied.reason)}` : '.';
  const [mrkdwn, text] =
    phase === 'denied' && denied
      ? [
          `:no_entry: ${mention(denied.by.id)} has denied ${bold(title)}${why}`,
          `${literal(denied.by.name)} has denied ${literal(title)}${why}`,
        ]
      : [
          `${PHASES[phase].mark} ${bold(title)} has expired. ${escape(failure?.message ?? '')}`,
          `${literal(title)} has expired. ${escape(failure?.message ?? '')}`,
        ];
  return {
    text,
    blocks: [
      section(mrkdwn),
      ...(phase === 'expired' ? remedyButtons([{ label: 'Ask anew', line: `retry ${id}` }]) : []),
      context(
        `${whereOf(request, link)}${phase === 'expired' ? '' : ` • ${code(`/swarm retry ${id}`)} asks for it anew`}`,
      ),
    ],
  };
}

/** In the card's thread: to whom the bot does not write, and to all of them when it is asked anew. */
export function mentionOfAll({ title, requester, reason = '', approval }: Request, whom: string): Body {
  const { round = 1, changed = [] } = approval ?? {};
  const what =
    round > 1
      ? `${bold(title)} of ${mention(requester.id)} is asked anew.${changed.length > 0 ? ` What has changed: ${escape(clamp(changed.join(' '), 300))}` : ''}`
      : `${mention(requester.id)} asks for an approval of ${bold(title)}${reason ? `: ${literal(reason)}` : '.'}`;
  const words = `${whom}: ${what} The buttons are on the card above.`;
  return { text: clampMrkdwn(words, 3000), blocks: [section(words)] };
}
