/** States in the order in which a task passes through them (swarmkit's numbers). */
const ORDER = [
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
];
/** Place in that order; -1 for a state that is not known. */
export const rank = (state: string) => ORDER.indexOf(state);

/** A task in this state has ended, well or badly, and never runs again. */
export const isOver = (state: string) => rank(state) > rank('running');
