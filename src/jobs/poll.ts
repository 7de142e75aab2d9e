import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `look` every `everyMs` until it gives something other than undefined, or the deadline passes (then undefined).
 * @throws whatever `look` throws, and the signal's reason.
 */
export async function poll<R>(
  look: () => Promise<R | undefined>,
  { everyMs, deadlineMs, signal }: { everyMs: number; deadlineMs: number; signal: AbortSignal },
): Promise<R | undefined> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() >= end) return found;
    await sleep(everyMs, undefined, { signal });
  }
}
