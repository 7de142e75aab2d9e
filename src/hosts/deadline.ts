/**
 * Runs `work` until it ends, `signal` aborts, or `ms` milliseconds have passed. `work` gets a signal of its own and is
 * not waited for once that signal has fired: a library that ignores signals cannot hold the caller.
 * @throws the reason of `signal`, or what `late` makes when the time is over, or what `work` threw.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const ours = new AbortController();
  const timer = setTimeout(() => ours.abort(late()), ms);
  const pass = () => ours.abort(signal?.reason);
  signal?.addEventListener('abort', pass, { once: true });
  try {
    return await orAborted(work(ours.signal), ours.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', pass);
  }
}

/** What `promise` gives, or the reason of `signal` as soon as it aborts. The promise itself goes on, its end unheard. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
