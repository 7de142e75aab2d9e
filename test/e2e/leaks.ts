/** Where a secret could have got to, and the search for it. */
import { readdirSync, readFileSync } from 'node:fs';
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

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/**
 * Looks at the command lines of all processes of this machine, those in the lab's hosts among them, again and again
 * until `stop`; each is noted once.
 */
export function watchProcesses(): { commandLines: Set<string>; stop: () => Promise<void> } {
  const commandLines = new Set<string>();
  const stopped = new AbortController();
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      const began = performance.now();
      for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid)) commandLines.add(commandLine(pid));
      // Three quarters of the time for everybody else: a command that joins a swarm takes longer than this pause.
      await sleep(3 * (performance.now() - began));
    }
  })();
  return {
    commandLines,
    stop: async () => {
      stopped.abort();
      await looking;
    },
  };
}
