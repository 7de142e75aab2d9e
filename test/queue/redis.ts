import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { startRedis } from '../../demo/system/redis.ts';
import { connectRedis } from '../../src/queue/redis.ts';

/** A real Redis for one test file, and a connection to it. */
export async function ownRedis(): Promise<{ redis: Redis; url: string; stop: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'swarmkeeper-redis-'));
  const server = await startRedis(dir);
  const redis = connectRedis(server.url, () => undefined);
  return {
    redis,
    url: server.url,
    stop: async () => {
      redis.disconnect();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
