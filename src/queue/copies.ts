/**
 * Further messages about a request beside its card: the same in direct messages of those who may approve it, and notices.
 * Each is a record of its own, `ab12cd34@U0BOB`, with a version and an entry in the outbox as a card has, so that it is
 * leased, paced and tried again like one. The scripts that change a request make its copies due in the same moment.
 */
import type { Redis } from 'ioredis';
import { Script } from './redis.ts';
import { KEEP_MS, keysOf, requestKey, WAKE } from './store-scripts.ts';

// Each once: a second time changes nothing. `phase` is how the outbox tells what people wait for: nothing stands for that.
// ARGV: id, now, phase or nothing, whereabouts...
const ADD = new Script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local known = redis.call('HGET', KEYS[1], 'copies') or ''
for at = 4, #ARGV do
  if not string.find(known .. ',', ',' .. ARGV[at] .. ',', 1, true) then
    known = known .. ',' .. ARGV[at]
    local copy = KEYS[1] .. '@' .. ARGV[at]
    redis.call('HSET', copy, 'version', 1, 'shown', 0)
    if ARGV[3] ~= '' then redis.call('HSET', copy, 'phase', ARGV[3]) end
    redis.call('PEXPIRE', copy, ${KEEP_MS})
    redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1] .. '@' .. ARGV[at])
  end
end
redis.call('HSET', KEYS[1], 'copies', known)
${WAKE}
return 1`);

export interface Copy {
  /** ID of the request. */
  request: string;
  /** A person's ID, or the name of a notice. */
  where: string;
  /** Timestamp of the message; empty before it was posted. */
  ts: string;
  postedIn: string;
  version: number;
  shown: number;
  /** A bot has begun to post it. */
  begun: boolean;
}

export class Copies {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** `urgent`: people wait for it as for a new card. */
  async add(id: string, where: readonly string[], { urgent }: { urgent: boolean }): Promise<void> {
    if (where.length === 0) return;
    await ADD.run(this.#redis, keysOf(id), [id, Date.now(), urgent ? '' : 'copy', ...where]);
  }

  /** By its name in the outbox, `ab12cd34@U0BOB`. Undefined when it is no longer kept. */
  async read(name: string): Promise<Copy | undefined> {
    const [request = '', where = ''] = name.split('@');
    const [version, shown, ts, postedIn, posting] = await this.#redis.hmget(
      requestKey(name),
      'version',
      'shown',
      'ts',
      'postedIn',
      'posting',
    );
    if (!version) return undefined;
    return {
      request,
      where,
      ts: ts ?? '',
      postedIn: postedIn ?? '',
      version: Number(version),
      shown: Number(shown),
      begun: posting !== null,
    };
  }
}

/** Whether an entry of the outbox is a copy. */
export function isCopy(name: string): boolean {
  return name.includes('@');
}
