/**
 * Brings Slack up to the state that Redis holds. An entry says only "this card is behind": many changes of one card
 * become one update, the latest wins, and what Slack could not take now is tried again. Shared by all bots: one lease a
 * card, one bucket of updates for the whole workspace.
 */
import type { Redis } from 'ioredis';
import { isAbort } from '../errors.ts';
import { key } from './redis.ts';
import { FINAL_PHASES } from './request.ts';
import { CARD_PAUSE_MS, requestKey } from './store.ts';

export interface OutboxOptions {
  /** chat.update is Tier 3: about 50 a minute for the app in the workspace. */
  updatesPerMinute?: number;
  burst?: number;
  /** A bot that dies while it delivers gives its card back after this time. */
  leaseMs?: number;
}

export type Delivery =
  /** Slack now shows this version. */
  | { kind: 'shown'; version: number }
  /** Try again after so many milliseconds; `all` when Slack refuses everything for now (429, down). */
  | { kind: 'later'; ms: number; all: boolean }
  /** Slack will never take it. */
  | { kind: 'never' };

// Takes a card that is due, if a token is left, and leases it. First the oldest of those that a person waits for (a new
// card, a final state, a notice, which has no phase); progress, and copies for approvers, only while more than a reserve
// of tokens is left. Many copies fall due at once, and a new card behind them must be seen.
// KEYS: outbox, bucket, pause. ARGV: now, lease ms, per minute, burst, prefix of request keys, reserve, final phases...
// Returns {id, 0} or {'', ms to wait}.
const TAKE = `
local now = tonumber(ARGV[1])
local pause = redis.call('PTTL', KEYS[3])
if pause > 0 then return {'', pause} end
local due = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, 500)
if not due[1] then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  if not first[1] then return {'', 1000} end
  return {'', math.min(tonumber(first[2]) - now, 1000)}
end
local bucket = redis.call('HMGET', KEYS[2], 'tokens', 'at')
local rate = tonumber(ARGV[3]) / 60000
local tokens = math.min(tonumber(ARGV[4]), (tonumber(bucket[1]) or tonumber(ARGV[4])) + math.max(0, now - (tonumber(bucket[2]) or now)) * rate)
local chosen = false
local need = 1
for _, id in ipairs(due) do
  local phase = redis.call('HGET', ARGV[5] .. id, 'phase')
  local urgent = not phase or phase == 'accepted' or phase == 'approved' or phase == 'asking'
  for i = 7, #ARGV do if phase == ARGV[i] then urgent = true end end
  if urgent then chosen = id break end
end
if not chosen then
  chosen = due[1]
  need = 1 + tonumber(ARGV[6])
end
if tokens < need then return {'', math.ceil((need - tokens) / rate)} end
redis.call('HSET', KEYS[2], 'tokens', tostring(tokens - 1), 'at', ARGV[1])
local untilWhen = now + tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], untilWhen, chosen)
if redis.call('EXISTS', ARGV[5] .. chosen) == 1 then redis.call('HSET', ARGV[5] .. chosen, 'leasedUntil', untilWhen) end
return {chosen, 0}`;

// After a delivery: what is shown, and whether something newer came meanwhile. A newer state that people wait for is due
// at once. One who took so long that another bot has shown a newer state meanwhile may have written the old one over it:
// then that is what is shown, and the newer one is due again.
// KEYS: request, outbox. ARGV: id, version, now, card pause ms, phases that are due at once...
const SETTLE = `
local old = redis.call('HMGET', KEYS[1], 'shown', 'version', 'phase')
local shown = tonumber(old[1] or '0')
local given = tonumber(ARGV[2])
redis.call('HDEL', KEYS[1], 'leasedUntil')
if given ~= shown then redis.call('HSET', KEYS[1], 'shown', given, 'shownAt', ARGV[3]) end
if tonumber(old[2] or '0') > given or shown > given then
  local due = tonumber(ARGV[3]) + tonumber(ARGV[4])
  for i = 5, #ARGV do if old[3] == ARGV[i] then due = tonumber(ARGV[3]) end end
  redis.call('ZADD', KEYS[2], due, ARGV[1])
  return 1
end
redis.call('ZREM', KEYS[2], ARGV[1])
return 0`;

// Gives the card back, to be delivered later.
// KEYS: request, outbox, pause. ARGV: id, due, pause ms (0: none)
const POSTPONE = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HDEL', KEYS[1], 'leasedUntil') end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
if tonumber(ARGV[3]) > 0 then redis.call('SET', KEYS[3], '1', 'PX', ARGV[3]) end
return 1`;

export class Outbox {
  readonly #redis: Redis;
  readonly #options: Required<OutboxOptions>;
  readonly #stop = new AbortController();
  #wake: () => void = () => {};
  #running: Promise<void> | undefined;

  constructor(redis: Redis, options: OutboxOptions = {}) {
    this.#redis = redis;
    this.#options = { updatesPerMinute: 50, burst: 20, leaseMs: 15_000, ...options };
  }

  /**
   * Delivers until `close`. `deliver` reads the request and brings its card up; what it throws is logged by `onError` and
   * tried again.
   */
  start(deliver: (id: string) => Promise<Delivery>, onError: (error: unknown, id: string) => void): void {
    this.#running ??= this.#loop(deliver, onError);
  }

  /** Looks again at once: something new is due. */
  kick(): void {
    this.#wake();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #loop(
    deliver: (id: string) => Promise<Delivery>,
    onError: (error: unknown, id: string) => void,
  ): Promise<void> {
    const { signal } = this.#stop;
    const inFlight = new Set<Promise<void>>();
    while (!signal.aborted) {
      // Armed before the look, so that a kick in between is not missed.
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      let waitMs = 1000;
      try {
        const { id, wait } = await this.#take();
        if (id) {
          const delivery = this.#deliverOne(id, deliver, onError).finally(() => inFlight.delete(delivery));
          inFlight.add(delivery);
          if (inFlight.size >= 8) await Promise.race(inFlight);
          continue;
        }
        waitMs = wait;
      } catch (error) {
        if (!isAbort(error)) onError(error, '');
      }
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([woken, new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)))]);
      clearTimeout(timer);
    }
    await Promise.all(inFlight);
  }

  async #take(): Promise<{ id: string; wait: number }> {
    const { leaseMs, updatesPerMinute, burst } = this.#options;
    const keys = [key('outbox'), key('outbox-bucket'), key('outbox-pause')];
    // Half of the burst is kept for what people wait for.
    const args = [Date.now(), leaseMs, updatesPerMinute, burst, requestKey(''), burst / 2, ...FINAL_PHASES];
    const reply: unknown = await this.#redis.eval(TAKE, keys.length, ...keys, ...args);
    const [id, wait] = Array.isArray(reply) ? (reply as unknown[]) : [];
    return { id: typeof id === 'string' ? id : '', wait: Math.max(1, Number(wait ?? 1000)) };
  }

  async #deliverOne(
    id: string,
    deliver: (id: string) => Promise<Delivery>,
    onError: (error: unknown, id: string) => void,
  ) {
    try {
      let outcome: Delivery;
      try {
        outcome = await deliver(id);
      } catch (error) {
        onError(error, id);
        outcome = { kind: 'later', ms: 2000, all: false };
      }
      switch (outcome.kind) {
        case 'shown': {
          const behind = await this.#redis.eval(
            SETTLE,
            2,
            requestKey(id),
            key('outbox'),
            id,
            outcome.version,
            Date.now(),
            CARD_PAUSE_MS,
            ...FINAL_PHASES,
            'asking',
            'approved',
          );
          // It changed meanwhile: whether it is due already, the next look tells.
          if (behind === 1) this.kick();
          break;
        }
        case 'later':
          await this.#redis.eval(
            POSTPONE,
            3,
            requestKey(id),
            key('outbox'),
            key('outbox-pause'),
            id,
            Date.now() + outcome.ms,
            outcome.all ? Math.ceil(outcome.ms) : 0,
          );
          break;
        case 'never':
          await this.#redis.zrem(key('outbox'), id);
          break;
      }
    } catch (error) {
      // Redis is away: the lease runs out and the card is delivered again, which shows the same.
      onError(error, id);
    }
  }
}
