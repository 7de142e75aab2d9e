/** A request as its card shows it: title, steps, and how it ended. Pure. */
import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { buttons, context, section } from '../cards/blocks.ts';
import { fit } from '../cards/fit.ts';
import { plan } from '../cards/plan.ts';
import { preformatted } from '../cards/preformatted.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, clampMrkdwn, clock, code, escape, mention, took } from '../cards/text.ts';
import { askingBlocks } from '../cards/approval.ts';
import type { JobCommand } from '../commands/define.ts';
import { grantsShown, previewShown } from '../queue/approval.ts';
import { isFinal, type Phase, type Request } from '../queue/request.ts';

export const CANCEL_ACTION = 'cancel';

const PHASES: Record<Phase, { mark: string; word: string }> = {
  accepted: { mark: ':hourglass_flowing_sand:', word: 'accepted' },
  queued: { mark: ':hourglass_flowing_sand:', word: 'waiting for a worker' },
  asking: { mark: ':raised_hand:', word: 'waits for an approval' },
  approved: { mark: ':hourglass_flowing_sand:', word: 'approved' },
  waiting: { mark: ':hourglass_flowing_sand:', word: 'waiting its turn' },
  running: { mark: ':arrows_counterclockwise:', word: 'running' },
  done: { mark: ':white_check_mark:', word: 'done' },
  incomplete: { mark: ':warning:', word: 'not everything worked' },
  failed: { mark: ':x:', word: 'failed' },
  refused: { mark: ':no_entry:', word: 'refused' },
  cancelled: { mark: ':black_square_for_stop:', word: 'cancelled' },
  expired: { mark: ':black_square_for_stop:', word: 'expired' },
  denied: { mark: ':no_entry:', word: 'denied' },
  withdrawn: { mark: ':black_square_for_stop:', word: 'withdrawn' },
};

/** The whole card for the request's present state. */
export function card(request: Request, command: JobCommand): Body {
  const { mark, word } = PHASES[request.phase];
  const failure = request.failure
    ? escape([request.failure.message, request.failure.hint].filter(Boolean).join(' '))
    : '';
  const ran = request.phase === 'done' || request.phase === 'incomplete';
  const kept = request.phase === 'cancelled' && request.result !== undefined;
  const outcome = ran || kept ? command.done(request.result, request) : undefined;
  const text = [
    `${escape(request.title)}: ${word}.`,
    kept ? failure : '',
    outcome?.text ?? failure,
    waiting(request, false),
  ]
    .filter(Boolean)
    .join(' ');

  const head: KnownBlock[] = [
    section(`${mark} ${bold(request.title)}${word === 'done' ? '' : ` (${word})`}`),
  ];
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
  if (failure) head.push(section(failure));
  if (request.live !== undefined && !isFinal(request.phase)) head.push(preformatted(request.live));
  const tail: KnownBlock[] = remedyButtons(request.failure?.remedies ?? []);
  if (request.phase === 'asking') head.push(...asking(request));
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
  return {
    text: clampMrkdwn(text, 3000),
    blocks: fit(head, outcome?.blocks ?? [], tail),
    ...(outcome?.files ? { files: outcome.files } : {}),
  };
}

function asking({ id, reason = '', approval }: Request): KnownBlock[] {
  if (!approval) return [];
  const { says = [], warnings = [] } = previewShown(approval) ?? {};
  return askingBlocks({
    ...approval,
    id,
    reason,
    says,
    warnings,
    approvedBy: grantsShown(approval).map(({ by }) => by.id),
  });
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
    : `It waits for ${escape(title)}.`;
}

function footer({ id, requester, createdAt, startedAt, endedAt }: Request): string {
  const lasted = endedAt !== undefined ? ` • took ${took(endedAt - (startedAt ?? createdAt))}` : '';
  return `${mention(requester.id)} • ${clock(createdAt)}${lasted} • ${code(id)}`;
}
