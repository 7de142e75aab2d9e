/** Where a secret could have got to, and the search for it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** What is kept where, in plain bytes, by a name for the place. */
export type Places = Map<string, Buffer>;

/** `SECRET in PLACE` for each of the secrets that stands in one of the places. `secrets`: values by what they are. */
export function findSecrets(secrets: Record<string, string>, places: Places): string[] {
  return [...places].flatMap(([place, bytes]) =>
    Object.entries(secrets)
      .filter(([, value]) => bytes.includes(value))
      .map(([name]) => `${name} in ${place}`),
  );
}

/** All files below a folder; sockets and the like have no content. */
export async function filesBelow(folder: string): Promise<Places> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file)] as const)));
}

/** Every key of a Redis with its whole value. `url`: `unix://PATH`. */
export async function allKeys(url: string): Promise<Places> {
  const redis = new Redis({ path: url.slice('unix://'.length) });
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, '0', '-1', 'WITHSCORES'),
    stream: (key) => redis.xrange(key, '-', '+'),
  };
  const places: Places = new Map();
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    // One that has expired meanwhile has the type none.
    const value = await (read[type] ?? (() => Promise.resolve('')))(key);
    places.set(`the key ${key}`, Buffer.from(`${key} ${JSON.stringify(value)}`));
  }
  redis.disconnect();
  return places;
}

/** Of a process that has ended meanwhile: nothing. */
function proc(pid: string, read: (folder: string) => string): string {
  try {
    return read(`/proc/${pid}`).replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/**
 * Looks at the command lines of all processes of this machine, and at the environments of those that are in a network of
 * their own, as everything in the lab's hosts is, again and again until `stop`; each is noted once.
 */
export function watchProcesses(): {
  commandLines: Set<string>;
  environments: Set<string>;
  stop: () => Promise<void>;
} {
  const commandLines = new Set<string>();
  const environments = new Set<string>();
  const here = readlinkSync('/proc/self/ns/net');
  // A process has one environment from when it is executed on: with another command line it was executed again.
  const seen = new Set<string>();
  const look = (pid: string): void => {
    const line = proc(pid, (folder) => readFileSync(`${folder}/cmdline`, 'utf8'));
    commandLines.add(line);
    if (seen.has(`${pid} ${line}`)) return;
    seen.add(`${pid} ${line}`);
    const network = proc(pid, (folder) => readlinkSync(`${folder}/ns/net`));
    if (network !== '' && network !== here)
      environments.add(proc(pid, (folder) => readFileSync(`${folder}/environ`, 'utf8')));
  };
  const stopped = new AbortController();
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      const began = performance.now();
      for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid)) look(pid);
      // Three quarters of the time for everybody else: a command that joins a swarm takes longer than this pause.
      await sleep(3 * (performance.now() - began));
    }
  })();
  return {
    commandLines,
    environments,
    stop: async () => {
      stopped.abort();
      await looking;
    },
  };
}
