/** Slack's rate limit classes: https://docs.slack.dev/apis/web-api/rate-limits */
export type Tier = 'special' | 'per-channel' | 1 | 2 | 3 | 4;

interface Allowance {
  perMinute: number;
  /** Calls that may come at once after a quiet time. */
  burst: number;
  /** Calls that must have become possible again before the first one after a refusal: being limited costs something. */
  regain: number;
}

const ALLOWANCES: Record<Tier, Allowance> = {
  special: { perMinute: 600, burst: 100, regain: 10 },
  'per-channel': { perMinute: 60, burst: 5, regain: 1 },
  1: { perMinute: 30, burst: 20, regain: 2 },
  2: { perMinute: 20, burst: 10, regain: 3 },
  3: { perMinute: 50, burst: 15, regain: 5 },
  4: { perMinute: 100, burst: 30, regain: 8 },
};

interface Bucket {
  tokens: number;
  at: number;
  blockedUntil: number;
}

/**
 * A token bucket per key. Once empty, the key is refused until the announced time has passed, as Slack does: calls that
 * come too early are refused again.
 */
export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();
  readonly #scale: number;
  readonly #now: () => number;

  /** `scale` multiplies every allowance; `now` gives milliseconds. */
  constructor(scale: number, now: () => number = () => performance.now()) {
    this.#scale = scale;
    this.#now = now;
  }

  /** Counts a call. Returns the seconds to wait when it is refused, else undefined. */
  take(key: string, tier: Tier): number | undefined {
    const { perMinute, burst, regain } = ALLOWANCES[tier];
    const perMs = (perMinute * this.#scale) / 60_000;
    const capacity = Math.max(1, burst * this.#scale);
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: capacity, at: now, blockedUntil: 0 };
    this.#buckets.set(key, bucket);
    bucket.tokens = Math.min(capacity, bucket.tokens + (now - bucket.at) * perMs);
    bucket.at = now;
    if (now >= bucket.blockedUntil && bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return undefined;
    }
    if (now >= bucket.blockedUntil) {
      bucket.blockedUntil = now + Math.max(1000, (Math.min(regain, capacity) - bucket.tokens) / perMs);
    }
    // Whole milliseconds first: `now + 1000 - now` is a hair more than 1000 for some times of day.
    return Math.max(1, Math.ceil(Math.round(bucket.blockedUntil - now) / 1000));
  }
}
