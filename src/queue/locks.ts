/**
 * Locks that requests hold, in the order in which they asked. A lock belongs to the request, not to the worker that runs
 * it: when the worker dies, the next one goes on with the same request and still holds it.
 */
import type { Redis } from 'ioredis';
import { key, Script } from './redis.ts';
import type { Phase } from './request.ts';
import { requestKey } from './store-scripts.ts';

// Enters all queues in one step, so that any two requests stand in the same order everywhere: no deadlock is possible.
// KEYS: lock lists. ARGV: id. Returns the id that is before us, or false.
const ACQUIRE = new Script(`
local blocker = false
for _, list in ipairs(KEYS) do
  if not redis.call('LPOS', list, ARGV[1]) then redis.call('RPUSH', list, ARGV[1]) end
  local head = redis.call('LINDEX', list, 0)
  if head ~= ARGV[1] and not blocker then blocker = head end
end
return blocker`);

// Returns the ids that are first now.
const RELEASE = new Script(`
local heads = {}
for _, list in ipairs(KEYS) do
  redis.call('LREM', list, 0, ARGV[1])
  local head = redis.call('LINDEX', list, 0)
  if head then heads[#heads + 1] = head end
end
return heads`);

// The same, unless the request is about to begin or has begun: one that ended, or that asks people, needs no lock.
// KEYS: request, lock lists. ARGV: id, phases that hold locks
const RELEASE_IDLE = new Script(`
local phase = redis.call('HGET', KEYS[1], 'phase')
for at = 2, #ARGV do if phase == ARGV[at] then return {} end end
local heads = {}
for at = 2, #KEYS do
  redis.call('LREM', KEYS[at], 0, ARGV[1])
  local head = redis.call('LINDEX', KEYS[at], 0)
  if head then heads[#heads + 1] = head end
end
return heads`);

/** In these a worker may have taken locks for a request already. */
const HOLDING: readonly Phase[] = ['accepted', 'queued', 'approved', 'waiting', 'running'];

export class Locks {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Takes all of `names` for request `id`, or takes its place in the queues: then gives the id that is before it. */
  async acquire(id: string, names: string[]): Promise<string | undefined> {
    if (names.length === 0) return undefined;
    const blocker: unknown = await ACQUIRE.run(this.#redis, names.map(lockKey), [id]);
    return typeof blocker === 'string' ? blocker : undefined;
  }

  /** Leaves all of `names`, held or only waited for. Gives the ids that have come to the front. */
  async release(id: string, names: string[]): Promise<string[]> {
    if (names.length === 0) return [];
    return headsOf(await RELEASE.run(this.#redis, names.map(lockKey), [id]));
  }

  /** The same in the place of a worker that died before it could: not of a request that may go on at this moment. */
  async releaseIdle(id: string, names: string[]): Promise<string[]> {
    if (names.length === 0) return [];
    const keys = [requestKey(id), ...names.map(lockKey)];
    return headsOf(await RELEASE_IDLE.run(this.#redis, keys, [id, ...HOLDING]));
  }
}

function headsOf(heads: unknown): string[] {
  return Array.isArray(heads) ? [...new Set(heads.filter((head) => typeof head === 'string'))] : [];
}

function lockKey(name: string): string {
  return key('lock', name);
}
