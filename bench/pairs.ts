/** The same thing done in two ways, one after the other, again and again: what else the machine does meets both alike. */
import type { Pairs } from './finding.ts';

export interface TwoWays {
  /** Puts everything back before each run; not measured. */
  reset: () => Promise<void>;
  ours: () => Promise<void>;
  theirs: () => Promise<void>;
  /** Throws when a run did not do what it should have; not measured. */
  check: () => Promise<void>;
}

/** Times `count` runs of each way. Which of them goes first changes from pair to pair. */
export async function alternate(count: number, ways: TwoWays, signal: AbortSignal): Promise<Pairs> {
  const pairs: Pairs = { ours: [], theirs: [] };
  for (let pair = 0; pair < count; pair += 1) {
    const order = pair % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const);
    for (const way of order) {
      await ways.reset();
      signal.throwIfAborted();
      const began = performance.now();
      await ways[way]();
      pairs[way].push(performance.now() - began);
      await ways.check();
    }
  }
  await ways.reset();
  return pairs;
}
