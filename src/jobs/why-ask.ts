/** Questions that must not hold up an answer: each has its own deadline, and no answer is an answer. */
import { UserError, isAbort } from '../errors.ts';

export type InTime<T> = { ok: true; value: T } | { ok: false; error: unknown; late: boolean };

/**
 * What `ask` gives within `ms`, or why it did not.
 * @throws what is neither for a person nor for want of time, and the reason of `signal`.
 */
export async function inTime<T>(
  ms: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<InTime<T>> {
  try {
    return { ok: true, value: await ask(AbortSignal.any([signal, AbortSignal.timeout(ms)])) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError || isAbort(error)) return { ok: false, error, late: isAbort(error) };
    throw error;
  }
}
