/** Which hosts a piece of work speaks with: noted where the connections are, asked for by whoever began the work. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** Fingerprints of SSH host keys (`SHA256:...`) by the names of the hosts. */
export type HostKeys = Record<string, string>;

const noted = new AsyncLocalStorage<HostKeys>();

/** Adds to `keys` each host that the work speaks with, whichever part of it does, with the key that was found good. */
export async function notingHostKeys<T>(keys: HostKeys, work: () => Promise<T>): Promise<T> {
  return await noted.run(keys, work);
}

/** To be called for each use of a connection. */
export function noteHostKey(host: string, fingerprint: string): void {
  const keys = noted.getStore();
  if (keys) keys[host] = fingerprint;
}
