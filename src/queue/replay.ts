/**
 * What is over stays over. Whoever can write to Redis may set an ended request back to a state that it really had, with
 * all its signatures, or delete it and write it anew. So it is on record apart from the request that all its turns are
 * over, or those up to the one in which it was asked about: for longer than any signature of it is good (see
 * store-scripts.ts), and in the memory of the worker that ended it.
 *
 * What remains: whoever deletes that record as well, within the time that the signatures are good (15 minutes from the
 * command or its approval, a day where a worker had taken it up), can have the same job done once more by another worker,
 * with the same input, and after another look at the facts where it was approved. The audit shows it: a second `started`
 * behind the `ended` of the same request; nobody without QUEUE_SECRET can take either out of it.
 */

/** Of the last so many requests that have ended here. */
const MOST = 10_000;

export class Over {
  readonly #turns = new Map<string, number>();

  /** The request is over up to this turn; Infinity: for good. */
  note(id: string, turn: number): void {
    this.#turns.delete(id);
    this.#turns.set(id, turn);
    const [oldest] = this.#turns.keys();
    if (this.#turns.size > MOST && oldest !== undefined) this.#turns.delete(oldest);
  }

  /** The newest turn that is over; -1: none that is known here. */
  upTo(id: string): number {
    return this.#turns.get(id) ?? -1;
  }
}
