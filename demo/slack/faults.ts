/** A method's name, or `*` for every method. */
export type MethodPattern = string;

interface Fault {
  method: MethodPattern;
  left: number;
  kind:
    | { type: 'rate limit'; retryAfterS: number }
    | { type: 'status'; status: number; afterwards: boolean }
    | { type: 'delay'; ms: number };
}

/** The misbehaviour that a test or a demo has asked for, used up call by call. */
export class ApiFaults {
  #faults: Fault[] = [];

  /** The next `times` calls are answered 429 with this Retry-After (seconds). */
  rateLimit(
    method: MethodPattern,
    { retryAfterS = 1, times = 1 }: { retryAfterS?: number; times?: number } = {},
  ): void {
    this.#faults.push({ method, left: times, kind: { type: 'rate limit', retryAfterS } });
  }

  /** The next `times` calls are answered with an HTTP status; `afterwards`: only after the call did its work. */
  failHttp(
    method: MethodPattern,
    {
      status = 503,
      times = 1,
      afterwards = false,
    }: { status?: number; times?: number; afterwards?: boolean } = {},
  ): void {
    this.#faults.push({ method, left: times, kind: { type: 'status', status, afterwards } });
  }

  /** The next `times` answers come `ms` late; the call does its work at once. */
  slow(method: MethodPattern, ms: number, times = 1): void {
    this.#faults.push({ method, left: times, kind: { type: 'delay', ms } });
  }

  clear(): void {
    this.#faults = [];
  }

  /** What is to happen to this call; counts as one use. */
  take<Type extends Fault['kind']['type']>(
    method: string,
    type: Type,
  ): Extract<Fault['kind'], { type: Type }> | undefined {
    const fault = this.#faults.find(
      (one) => one.kind.type === type && one.left > 0 && (one.method === '*' || one.method === method),
    );
    if (!fault) return undefined;
    fault.left -= 1;
    return fault.kind as Extract<Fault['kind'], { type: Type }>;
  }
}
