/** A request as its card shows it: title, steps, and how it ended. Pure. */
import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { buttons, context, section } from '../cards/blocks.ts';
import { fit } from '../cards/fit.ts';
import { plan } from '../cards/plan.ts';
import { preformatted } from '../cards/preformatted.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, clamp, clampMrkdwn, clock, code, escape, mention, took, literal } from '../cards/text.ts';
import { askingFiles, askingHead, askingPlan, askingTail } from '../cards/approval.ts';
import type { JobCommand } from '../commands/define.ts';
import type { Remedy } from '../remedy.ts';
import { isFinal, type Request } from '../queue/request.ts';

import { askingOf } from './asking.ts';
import { decisionLines } from './decision.ts';
import { PHASES } from './phases.ts';

export const CANCEL_ACTION = 'cancel';

/** The whole card for the request's present state. `whom`: mrkdwn, who may decide on it. */
export function card(request: Request, command: JobCommand, whom = ''): Body {
  const { mark, word } = PHASES[request.phase];
  const failure = request.failure
    ? escape([request.failure.message, request.failure.hint].filter(Boolean).join(' '))
    : '';
  const ran = request.phase === 'done' || request.phase === 'incomplete';
  const kept = request.phase === 'cancelled' && request.result !== undefined;
  const outcome = ran || kept ? command.done(request.result, request) : undefined;
  const asking = request.phase === 'asking' ? askingOf(request, whom) : undefined;
  const text = [
    `${literal(request.title)}: ${word}.`,
    asking ? askedBy(request) : '',
    kept ? failure : '',
    outcome?.text ?? failure,
    waiting(request, false),
  ]
    .filter(Boolean)
    .join(' ');

  const head: KnownBlock[] = [
    section(
      `${mark} ${bold(request.title)}${word === 'done' ? '' : ` (${word})`}${asking ? `\nasked by ${mention(request.requester.id)}` : ''}`,
    ),
  ];
  head.push(...authority(request));
  if (asking) head.push(...askingHead(asking));
  // A list that was read in one step is its own progress; steps are shown where something happens over time.
  const worthSteps = request.steps.length > 1 || (command.risk !== 'read' && request.steps.length > 0);
  if (worthSteps) {
    head.push(
      plan(
        progress(request),
        request.steps.map((step, at) => ({ ...step, id: `${request.id}-${at}` })),
      ),
    );
  }
  const waits = waiting(request, true);
  if (waits) head.push(section(waits));
  // Who denied it, and why, stands above.
  if (failure && request.phase !== 'denied') head.push(section(failure));
  if (request.live !== undefined && !isFinal(request.phase)) head.push(preformatted(request.live));
  const tail: KnownBlock[] = remedyButtons([...(request.failure?.remedies ?? []), ...askAnew(request)]);
  if (asking) tail.push(...askingTail(asking, { withdraw: true }));
  // What goes on for a while can be ended, also where it changes nothing.
  if (
    !isFinal(request.phase) &&
    request.phase !== 'asking' &&
    (command.risk !== 'read' || request.live !== undefined)
  ) {
    tail.push(
      buttons([
        {
          label: 'Cancel',
          action: CANCEL_ACTION,
          value: request.id,
          confirm: {
            title: 'Cancel this job?',
            text: 'What it has already changed stays as it is.',
            yes: 'Cancel the job',
            no: 'Let it run',
          },
        },
      ]),
    );
  }
  tail.push(context(footer(request)));
  const middle = asking ? askingPlan(asking) : (outcome?.blocks ?? []);
  const files = asking ? askingFiles(asking) : (outcome?.files ?? []);
  return {
    text: clampMrkdwn(text, 3000),
    blocks: fit(head, middle, tail),
    ...(files.length > 0 ? { files } : {}),
  };
}

/** Who let it go on, or did not; and why it was asked for. */
function authority(request: Request): KnownBlock[] {
  const { phase, brokeGlass, reason = '', requester, approval } = request;
  if (brokeGlass) {
    const why = reason ? `: ${literal(reason)}` : '.';
    return [
      section(
        `:rotating_light: *Without an approval*, at once by the wish of ${mention(requester.id)}${why}`,
      ),
    ];
  }
  const again = approval && approval.changed.length > 0 && phase !== 'asking';
  const lines = [
    ...(again
      ? [`:repeat: asked anew because of this: ${escape(clamp(approval.changed.join(' '), 300))}`]
      : []),
    ...decisionLines(request),
  ];
  // While it is asked the reason stands beside the buttons.
  if (reason && phase !== 'asking') lines.unshift(`*Reason*  ${literal(reason)}`);
  return lines.length > 0 && phase !== 'asking' ? [context(lines.join('\n'))] : [];
}

/** Nobody has said no to it: whoever still wants it asks once more. */
function askAnew({ id, phase, approval }: Request): Remedy[] {
  return phase === 'expired' && approval ? [{ label: 'Ask anew', line: `retry ${id}` }] : [];
}

/** What a notification says of it. */
function askedBy({ requester, reason }: Request): string {
  return `${literal(requester.name)} asks${reason ? `: ${literal(clamp(reason, 200))}` : '.'}`;
}

function progress({ steps, phase }: Request): string {
  const complete = steps.filter(({ status }) => status === 'complete').length;
  if (phase === 'done') {
    if (steps.length === 1) return 'The one step is done';
    return steps.length === 2 ? 'Both steps done' : `All ${steps.length} steps done`;
  }
  if (isFinal(phase)) return `${complete} of ${steps.length} steps done`;
  return `Step ${Math.min(complete + 1, steps.length)} of ${steps.length}`;
}

function waiting({ phase, waitingFor }: Request, mrkdwn: boolean): string {
  if (phase !== 'waiting' || !waitingFor) return '';
  const { title, requester, since } = waitingFor;
  return mrkdwn
    ? `It waits for ${code(title)} of ${mention(requester)}, under way since ${clock(since)}, and begins by itself after that.`
    : `It waits for ${literal(title)}.`;
}

function footer({ id, phase, requester, createdAt, startedAt, endedAt, approval }: Request): string {
  // What waited for people alone took no time of its own.
  const since = startedAt ?? (approval ? undefined : createdAt);
  const lasted = endedAt !== undefined && since !== undefined ? ` • took ${took(endedAt - since)}` : '';
  // While it is asked the title says by whom.
  const by = phase === 'asking' ? '' : `${mention(requester.id)} • `;
  return `${by}${clock(createdAt)}${lasted} • ${code(id)}`;
}
