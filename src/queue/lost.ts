/**
 * Puts what Redis has lost of open requests back in its place: a job that is in no queue, a card that nobody delivers, a
 * time that nobody watches. Redis may have been restored from an older copy, a worker may have died at the wrong instant,
 * or somebody may have deleted it. All of it can be done any number of times: a job is one by its id, and what is over is
 * not done again.
 */
import type { Log } from '../log.ts';
import type { Request } from './request.ts';
import type { RequestStore } from './store.ts';
import { addWork, isInQueue, removeUnlessRunning, type WorkQueue } from './work.ts';

export class LostWork {
  readonly #shared: { store: RequestStore; queue: WorkQueue; log: Log };
  /** Found so at the last look; what is on its way only is another by the next one. */
  #suspects = new Map<string, string>();

  constructor(shared: { store: RequestStore; queue: WorkQueue; log: Log }) {
    this.#shared = shared;
  }

  /** Looks once; what it finds twice in a row is put back. @returns the ids of those. */
  async look(): Promise<string[]> {
    const { store, queue, log } = this.#shared;
    const suspects = new Map<string, string>();
    const found: string[] = [];
    for (const request of await store.list({ most: Infinity, open: true })) {
      const { id, phase, turn = 0, approval } = request;
      if (phase === 'asking') {
        if (approval) await store.expireAt(id, approval.expiresAt + 1);
        continue;
      }
      if (await isInQueue(queue, id, turn)) continue;
      const now = signOf(request);
      if (this.#suspects.get(id) !== now) {
        suspects.set(id, now);
        continue;
      }
      log.warn({ request: id, phase, turn }, 'a request was in no queue any more: it is put back');
      // BullMQ takes an id once, also of a job that is over.
      if (!(await removeUnlessRunning(queue, id, turn))) continue;
      // The card comes first, and a bot puts into the queue what it stands for.
      if (phase === 'accepted' || phase === 'approved') await store.showAgain(id);
      else await addWork(queue, id, request.command, turn);
      found.push(id);
    }
    this.#suspects = suspects;
    return found;
  }
}

function signOf({ phase, turn, steps }: Request): string {
  return JSON.stringify([phase, turn, steps]);
}
