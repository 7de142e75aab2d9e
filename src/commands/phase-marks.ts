import type { Phase } from '../queue/request.ts';

/** A request's phase as lists show it. */
export const PHASE_MARKS: Record<Phase, string> = {
  accepted: ':hourglass_flowing_sand: accepted',
  queued: ':hourglass_flowing_sand: queued',
  asking: ':raised_hand: waits for an approval',
  approved: ':hourglass_flowing_sand: approved',
  waiting: ':hourglass_flowing_sand: waiting',
  running: ':arrow_forward: running',
  done: ':white_check_mark: done',
  incomplete: ':warning: incomplete',
  failed: ':x: failed',
  refused: ':no_entry: refused',
  cancelled: ':black_square_for_stop: cancelled',
  expired: ':black_square_for_stop: expired',
  denied: ':no_entry: denied',
  withdrawn: ':black_square_for_stop: withdrawn',
};
