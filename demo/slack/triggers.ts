import { randomInt } from 'node:crypto';
import { ApiError } from './api/error.ts';
import { newSecret } from './ids.ts';

const LIFE_MS = 3000;

interface Trigger {
  user: string;
  until: number;
  used: boolean;
}

/** Trigger ids prove that a person has just done something: valid for 3 s and for one call. */
export class Triggers {
  readonly #triggers = new Map<string, Trigger>();

  issue(user: string): string {
    const id = `${randomInt(1e9)}.${randomInt(1e9)}.${newSecret(16)}`;
    this.#triggers.set(id, { user, until: performance.now() + LIFE_MS, used: false });
    return id;
  }

  /** The person whose act made the trigger. Throws Slack's error when it is unknown, too old or used. */
  exchange(id: string): string {
    const trigger = this.#triggers.get(id);
    if (!trigger) throw new ApiError('invalid_trigger_id');
    if (trigger.used) throw new ApiError('exchanged_trigger_id');
    if (performance.now() > trigger.until) throw new ApiError('expired_trigger_id');
    trigger.used = true;
    return trigger.user;
  }

  /** Makes every trigger as old as if 3 s had passed. */
  expireAll(): void {
    for (const trigger of this.#triggers.values()) trigger.until = 0;
  }
}
