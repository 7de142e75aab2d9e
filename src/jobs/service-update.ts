/** One update of one service, from the plan to running tasks: what `update` and `restart` have in common. */
import type { FieldChange, ServiceChange } from '../swarm/service-changes.ts';
import type { Convergence } from '../swarm/swarm.ts';
import type { JobContext } from './define.ts';
import { waitForTasks } from './service-wait.ts';

export interface Updated {
  service: string;
  /** What is different now; empty when all was so already. */
  changes: FieldChange[];
  /** What somebody else changed, in the same fields, after it was looked at. */
  meanwhile: FieldChange[];
  /** Its tasks were started anew. */
  restarted: boolean;
  convergence: Convergence;
}

/** The swarm's own way of saying that tasks are started anew (src/swarm/service-fields.ts). */
const COUNTER = 'forced updates';

export const WAIT = 'Wait until the tasks run and stay';

export async function updateService(
  {
    name,
    change,
    deadlineMs,
    titles,
  }: {
    name: string;
    change: ServiceChange;
    deadlineMs: number;
    titles: { look: string; change: string };
  },
  { swarm, signal, step, recall }: JobContext,
): Promise<Updated> {
  const plan = await step(titles.look, async (line) => {
    // Kept across a crash: afterwards there is nothing left to change, and the forced restart has been counted.
    const found = await recall('plan', () => swarm.planUpdate(name, change, signal));
    line.say(found.changes.length === 0 ? 'it is so already' : found.changes.map(inShort).join(', '));
    return found;
  });

  const { meanwhile } = await step(titles.change, async (line) => {
    if (plan.changes.length === 0) {
      line.say('it is so already');
      return { meanwhile: [] };
    }
    const done = await line.act(`update ${name}: ${plan.changes.map(({ field }) => field).join(', ')}`, () =>
      swarm.updateService(name, change, plan, signal),
    );
    line.say(plan.changes.map(inShort).join(', '));
    return done;
  });

  const convergence = await waitForTasks(name, WAIT, { deadlineMs, swarm, signal, stage: step });
  return { service: plan.name, changes: plan.changes, meanwhile, restarted: plan.restarts, convergence };
}

/** `replicas 9 → 8`, never a value that is secret. */
export function fromTo(change: FieldChange): string {
  const { field, from, to, secret } = change;
  if (field === COUNTER) return inShort(change);
  if (secret || from === 'set' || to === 'set')
    return `${field} ${from === null ? 'added' : to === null ? 'removed' : 'changed'}`;
  return `${field} ${from ?? 'none'} → ${to ?? 'none'}`;
}

/** `image my-apache2:2`, never a value that is secret. */
export function inShort({ field, to, secret }: FieldChange): string {
  if (field === COUNTER) return to === null ? 'as often started anew as before' : 'every task anew';
  if (to === null) return `no ${field}`;
  return secret || to === 'set' ? field : `${field} ${to}`;
}
