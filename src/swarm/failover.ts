import { isAbort, messageOf } from '../errors.ts';
import type { Engine } from '../hosts/engine.ts';
import { within } from '../hosts/deadline.ts';
import type { EngineCall } from '../hosts/ssh-host.ts';
import type { Log } from '../hosts/log.ts';
import { isRefusal, noManager, passOver } from './no-manager.ts';
import type { Failed } from './no-manager.ts';
import { watchChanges } from './sent.ts';

/** What the swarm needs of the hosts: an engine to talk to, by name. */
export interface EngineHosts {
  host(name: string): {
    call<T>(call: EngineCall, ask: (engine: Engine, abortSignal: AbortSignal) => Promise<T>): Promise<T>;
  };
}

/** How long a manager may take before the next one is asked as well: one that has lost the others takes 20 s to say so. */
const PATIENCE_MS = 4_000;
/** Until a question must have its answer, however many managers there are: what one of them needs, and a little. */
const QUESTION_MS = 24_000;

/** What became of asking one manager. */
type End<T> = { name: string } & ({ ok: true; answer: T } | { ok: false; thrown: unknown });

/**
 * Asks the managers, the one that answered last first. The next is asked when one cannot answer, and beside it when it
 * takes long; from when one sends a change on it is alone, until it has failed too.
 */
export class Managers {
  readonly #names: string[];
  readonly #hosts: EngineHosts;
  readonly #log: Log;
  readonly #times: { patienceMs: number; questionMs: number };
  #last = 0;

  constructor(
    names: string[],
    hosts: EngineHosts,
    log: Log,
    { patienceMs = PATIENCE_MS, questionMs = QUESTION_MS } = {},
  ) {
    this.#names = names;
    this.#hosts = hosts;
    this.#log = log;
    this.#times = { patienceMs, questionMs };
  }

  /**
   * @returns what the first manager that can answer says, and its name.
   * @throws UserError with every manager's reason when none can; what the engine refused when one did.
   */
  async ask<T>(
    call: EngineCall,
    question: (engine: Engine, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<{ answer: T; via: string }> {
    const { patienceMs, questionMs } = this.#times;
    const waiting = [...this.#names.slice(this.#last), ...this.#names.slice(0, this.#last)];
    const asked = new Map<string, { stop: AbortController; end: Promise<End<T>> }>();
    const failed: Failed[] = [];
    let changing: string | undefined;
    /** Changes of which nobody has said that they were refused. */
    let sent = 0;

    const start = (name: string, over: AbortSignal): void => {
      const stop = new AbortController();
      const signal = AbortSignal.any([over, stop.signal]);
      const begins = (): void => {
        signal.throwIfAborted();
        changing = name;
        sent += 1;
        for (const [rival, { stop: stopRival }] of asked) {
          if (rival === name) continue;
          stopRival.abort();
          asked.delete(rival);
          waiting.push(rival);
        }
      };
      const watch = { begins, refused: () => (sent -= 1), isRefusal };
      const end = this.#hosts
        .host(name)
        .call({ ...call, signal }, (engine, abortSignal) =>
          question(watchChanges(engine, watch), abortSignal),
        )
        .then(
          (answer): End<T> => ({ name, ok: true, answer }),
          (thrown: unknown): End<T> => ({ name, ok: false, thrown }),
        );
      asked.set(name, { stop, end });
    };

    const late = () => {
      const short = `has not answered within ${Math.round(questionMs / 1000)} s`;
      const still = [...asked.keys()].map((name) => ({
        name,
        short,
        kind: 'silent',
        thrown: new Error(`${name} ${short}.`),
      }));
      return noManager([...failed, ...still], sent > 0);
    };
    try {
      return await within(questionMs, call.signal, late, async (over) => {
        for (;;) {
          const next = changing === undefined ? waiting.shift() : undefined;
          if (next !== undefined) start(next, over);
          if (asked.size === 0) throw noManager(failed, sent > 0);
          const ends = [...asked.values()].map(({ end }) => end);
          const end = await (waiting.length > 0 ? orLater(patienceMs, ends) : Promise.race(ends));
          // One that was stopped for another has no say any more.
          if (end === undefined || !asked.has(end.name)) continue;
          asked.delete(end.name);
          if (end.ok) {
            this.#last = this.#names.indexOf(end.name);
            return { answer: end.answer, via: end.name };
          }
          const { name, thrown } = end;
          if (isAbort(thrown) || over.aborted) throw thrown;
          const reason = passOver(thrown);
          if (reason === undefined) throw thrown;
          if (changing === name) changing = undefined;
          failed.push({ name, thrown, short: reason.short, kind: reason.kind });
          this.#log.warn({ host: name, what: call.what, error: messageOf(thrown) }, 'manager passed over');
        }
      });
    } finally {
      for (const { stop } of asked.values()) stop.abort();
    }
  }
}

/** The first of these to end, or nothing once `ms` have passed. */
async function orLater<T>(ms: number, these: Promise<T>[]): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ms, undefined)));
  try {
    return await Promise.race([...these, patience]);
  } finally {
    clearTimeout(timer);
  }
}
