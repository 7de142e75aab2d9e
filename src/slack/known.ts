/** One thing that Slack knows and the bot remembers: asked for seldom, and by one call however many want it at once. */
import { ErrorCode } from '@slack/web-api';
import { once } from 'node:events';
import { platformError } from './slack-errors.ts';

/** Slack does not answer: what it said last stays true for so long, and no longer. */
const VALID_MS = 60 * 60_000;
/** Who comes so soon after a failure does not wait for another one. */
const PAUSE_MS = 5000;

export interface KnownOptions<T> {
  /** Asks Slack. Once the signal is aborted nobody wants the answer any more. */
  ask: (signal: AbortSignal) => Promise<T>;
  /** Milliseconds from any fixed point on. */
  now: () => number;
  failed: (error: unknown) => void;
}

interface Question {
  abort: AbortController;
  /** Resolves with true when Slack has answered or failed; else nobody wants the answer any more. */
  answered: Promise<unknown>;
}

export class Known<T> {
  readonly #options: KnownOptions<T>;
  #known: { value: T; at: number } | undefined;
  #asked: Question | undefined;
  #pauseUntil = -Infinity;

  constructor(options: KnownOptions<T>) {
    this.#options = options;
  }

  /** What is remembered, without asking. */
  get remembered(): T | undefined {
    return this.#known?.value;
  }

  /**
   * What Slack said at most `age` ms ago, waiting for at most `patience` ms for a new answer. Without one: what it said
   * within the last hour. Undefined: nothing that still counts. Never rejects.
   */
  async get(age: number, patience: number): Promise<T | undefined> {
    const late = AbortSignal.timeout(patience);
    const timeout = once(late, 'abort');
    let answered: unknown;
    // Again where what was being answered has been forgotten meanwhile.
    while (answered !== true && !late.aborted && this.#isDue(age)) {
      answered = await Promise.race([this.#question().answered, timeout]);
    }
    return this.#age() <= VALID_MS ? this.#known?.value : undefined;
  }

  /** Slack says that it has changed: what is known counts for nothing, nor does what is being answered now. */
  forget(): void {
    this.#known = undefined;
    this.#asked?.abort.abort();
    this.#asked = undefined;
    this.#pauseUntil = -Infinity;
  }

  #isDue(age: number): boolean {
    return this.#age() > age && this.#options.now() >= this.#pauseUntil;
  }

  #age(): number {
    return this.#known ? this.#options.now() - this.#known.at : Infinity;
  }

  #question(): Question {
    this.#asked ??= this.#ask();
    return this.#asked;
  }

  #ask(): Question {
    const { ask, now, failed } = this.#options;
    const abort = new AbortController();
    const aborted = once(abort.signal, 'abort');
    const at = now();
    const take = async (): Promise<true> => {
      try {
        const value = await ask(abort.signal);
        if (!abort.signal.aborted) this.#known = { value, at };
      } catch (error) {
        if (!abort.signal.aborted) {
          this.#pauseUntil = now() + pauseAfter(error);
          failed(error);
        }
      }
      if (!abort.signal.aborted) this.#asked = undefined;
      return true;
    };
    return { abort, answered: Promise.race([take(), aborted]) };
  }
}

/** Of somebody whom Slack does not know at this moment it may know more the next. */
function pauseAfter(error: unknown): number {
  return retryAfterMs(error) ?? (isNobody(error) ? 0 : PAUSE_MS);
}

/** Slack's word for an ID of nobody, or of nobody whom this app may see. */
export function isNobody(error: unknown): boolean {
  return /^user_not_(?:found|visible)$/.test(platformError(error));
}

/** How long Slack wants to be left alone; undefined for any other error. */
export function retryAfterMs(error: unknown): number | undefined {
  const { code, retryAfter } = error as { code?: string; retryAfter?: number };
  return code === ErrorCode.RateLimitedError ? (retryAfter ?? 1) * 1000 : undefined;
}
