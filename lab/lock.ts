import { createServer } from 'node:net';
import { until } from './until.ts';

/**
 * Does `work` while no other process of this machine (of this network namespace, strictly) holds the same lock.
 *
 * The lock is a Linux abstract socket: the kernel lets one process bind a name and frees it when that process ends,
 * however it ends. So there is no lock file that a crash could leave behind.
 *
 * Throws when the lock stays taken for `within` milliseconds.
 */
export async function withLock<T>(
  name: string,
  work: () => Promise<T>,
  options: { within?: number; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const address = `\0swarmkeeper-lab/${name}`;
  const server = await until(() => bind(address), {
    what: `another process to finish its work on the ${name}`,
    within: options.within ?? 120_000,
    signal: options.signal,
  });
  try {
    return await work();
  } finally {
    await new Promise((done) => server.close(done));
  }
}

function bind(address: string) {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<typeof server | undefined>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve(undefined);
    else reject(error);
  });
  server.listen({ path: address }, () => resolve(server));
  return promise;
}
