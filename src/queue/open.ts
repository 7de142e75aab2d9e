import type { Redis } from 'ioredis';
import type { Log } from '../log.ts';
import type { Secret } from '../secret.ts';
import { openPrivateRedis } from './private-redis.ts';
import { connectRedis } from './redis.ts';
import { RequestStore } from './store.ts';
import { openWorkQueue, type WorkQueue } from './work.ts';

/** What bots and workers share: Redis, the requests in it, and the queue of those that are to be carried out. */
export interface SharedState {
  redis: Redis;
  store: RequestStore;
  queue: WorkQueue;
  close: () => Promise<void>;
}

/**
 * Connects to `url`, or to a private redis-server in `.data` when there is none. A loss of the connection is logged; it
 * comes back by itself.
 * @throws UserError when the private redis-server cannot be started.
 */
export async function openSharedState(
  url: string | undefined,
  secret: Secret,
  log: Log,
): Promise<SharedState> {
  const onError = (error: Error): void => log.warn({ err: { message: error.message } }, 'redis');
  const ownRedis = url === undefined ? await openPrivateRedis('.data', log) : undefined;
  const redis = connectRedis(url ?? ownRedis?.url ?? '', onError);
  const queue = openWorkQueue(redis);
  queue.on('error', onError);
  return {
    redis,
    store: new RequestStore(redis, secret, (id) =>
      log.error(
        { request: id },
        'the state of a request is not as it was written: somebody else writes to this Redis, or QUEUE_SECRET differs',
      ),
    ),
    queue,
    close: async () => {
      await queue.close();
      redis.disconnect();
      await ownRedis?.close();
    },
  };
}
