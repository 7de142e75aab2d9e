import { setMaxListeners } from 'node:events';

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
  const stopListening = onAbort(signal, (reason) => ours.abort(reason));
  try {
    return await orAborted(work(ours.signal), ours.signal);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

/** What `promise` gives, or the reason of `signal` as soon as it aborts. The promise itself goes on, its end unheard. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const stopListening = onAbort(signal, reject);
    promise.then(resolve, reject).finally(stopListening);
  });
}

/** Calls `heard` with the signal's reason when it aborts, also when it has. Returns how to stop listening. */
function onAbort(signal: AbortSignal | undefined, heard: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  // One signal may end a job on 40 hosts: Node takes more than ten listeners for a leak.
  setMaxListeners(0, signal);
  const abort = () => heard(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}
