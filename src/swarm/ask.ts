import type { Engine } from '../hosts/engine.ts';

/**
 * Puts a question, or a change that reads first and sends back the version that it read, to the managers: to the one
 * that answered last, and to the next when it cannot answer. `what` is for messages and the log.
 * @throws NoManager when none can answer; what the engine refused when one did.
 */
export type Ask = <T>(
  what: string,
  signal: AbortSignal | undefined,
  question: (engine: Engine, abortSignal: AbortSignal) => Promise<T>,
) => Promise<T>;
