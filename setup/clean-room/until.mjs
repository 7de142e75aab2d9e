import { setTimeout as sleep } from 'node:timers/promises';
import { CannotGoOn } from '../speak.mjs';

/** Waits until `holds()` is true; throws CannotGoOn after 60 s, naming what was waited for. */
export async function until(holds, what) {
  for (const deadline = Date.now() + 60_000; !(await holds()); await sleep(50))
    if (Date.now() > deadline) throw new CannotGoOn(`Waited 60 s for ${what}.`);
}
