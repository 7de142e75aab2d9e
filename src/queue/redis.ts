import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';

/** One hash tag for all keys: scripts over several of them work on a Redis Cluster as well. */
export const PREFIX = '{swarmkeeper}';

export const key = (...parts: string[]): string => [PREFIX, ...parts].join(':');

/**
 * Connects to Redis. Commands wait through a restart of Redis (`maxRetriesPerRequest: null`, which BullMQ demands);
 * a caller who cannot wait brings a deadline of their own, see `within`.
 */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  const socket = url.startsWith('unix://') ? { path: url.slice('unix://'.length) } : undefined;
  const options = {
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 1000),
    reconnectOnError: (error: Error) => /READONLY|LOADING/.test(error.message),
  };
  const redis = socket ? new Redis({ ...socket, ...options }) : new Redis(url, options);
  redis.on('error', onError);
  return redis;
}

/** A Lua script that Redis knows by its digest after the first time: its text is not sent and read again each time. */
export class Script {
  readonly #text: string;
  readonly #sha: string;

  constructor(text: string) {
    this.#text = text;
    this.#sha = createHash('sha1').update(text).digest('hex');
  }

  async run(redis: Redis, keys: string[], args: (string | number | Buffer)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      // A Redis that was started anew knows no scripts.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await redis.eval(this.#text, keys.length, ...keys, ...args);
    }
  }
}

/** What ioredis rejects with of a command that was cut short and is not sent again, or what a Redis that starts answers. */
const CUT_SHORT =
  /^(Connection is closed\.|Command aborted due to connection close|LOADING |READONLY |MASTERDOWN )/;
const OF_SOCKETS = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOENT']);

/**
 * Whether this error of a command says that Redis was out of reach, so that nobody knows whether it was taken. Most
 * commands are sent again instead (see connectRedis). Those are not: what is under way when this process itself closes the
 * connection, and the rest of several commands of which some were answered before the connection broke.
 */
export function isOutOfReach(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (CUT_SHORT.test(error.message)) return true;
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  return /^(connect|read|write)$/.test(syscall) && OF_SOCKETS.has(code);
}

/** Gives up after `ms` with `late()`, for callers whose own deadline is short, such as Slack's 3 seconds. */
export async function within<R>(work: Promise<R>, ms: number, late: () => Error): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
