import { setTimeout as sleep } from 'node:timers/promises';

interface UntilOptions {
  /** What is waited for, as it reads after "Waited 20 s for". */
  what: string;
  /** Milliseconds after which waiting ends in an error. */
  within: number;
  /** Milliseconds between two looks. */
  every?: number;
  signal?: AbortSignal | undefined;
  /** Adds to the message of the error, for example the end of a log. */
  evidence?: () => Promise<string>;
}

/**
 * Looks again and again until `look` answers something other than undefined, null or false, and returns that.
 * An error that `look` throws ends the waiting at once. Throws when the time is over or the signal aborts.
 */
export async function until<T>(
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { what, within, every = 20, signal, evidence }: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen;
    if (performance.now() > deadline) {
      const more = evidence ? `\n${await evidence()}` : '';
      throw new Error(`Waited ${within / 1000} s for ${what}, in vain.${more}`);
    }
    // Not told of the signal: it would throw an error of its own where the next round throws the signal's reason.
    await sleep(every);
  }
}

/** Runs `work` over all items, at most `width` at a time. All are tried; the first error, if any, is thrown after. */
export async function each<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const errors: unknown[] = [];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await work(item).catch((error: unknown) => errors.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (errors.length > 0) throw errors[0];
}
