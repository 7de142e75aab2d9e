/** A request's phase, and how it ended, as messages show it. */
import { escape } from '../cards/text.ts';
import type { JobCommand } from '../commands/define.ts';
import type { Phase, Request } from '../queue/request.ts';

export const PHASES: Record<Phase, { mark: string; word: string }> = {
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

/** Mrkdwn: how it ended, in short; an empty text before that. */
export function outcomeOf(request: Request, command: JobCommand): string {
  const { phase, failure } = request;
  if (phase === 'done' || phase === 'incomplete') return command.done(request.result, request).text;
  return failure ? escape([failure.message, failure.hint].filter(Boolean).join(' ')) : '';
}
