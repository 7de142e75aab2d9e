import { z } from 'zod';
import type { FieldChange } from '../swarm/service-changes.ts';
import type { Convergence } from '../swarm/swarm.ts';
import { defineJob } from './define.ts';
import { previewRollback } from './rollback-preview.ts';
import { fromTo, inShort, WAIT } from './service-update.ts';
import { waitForTasks } from './service-wait.ts';

const LOOK = 'Look at what was before';
const BACK = 'Go back to it';

export interface RolledBack {
  service: string;
  /** What is different now. */
  changes: FieldChange[];
  convergence: Convergence;
}

export const rollback = defineJob({
  input: z.object({ name: z.string(), deadlineMs: z.int().positive() }),
  lock: ({ name }) => [`service:${name}`],
  steps: () => [LOOK, BACK, WAIT],
  preview: previewRollback,
  async run({ name, deadlineMs }, { swarm, signal, step, recall }): Promise<RolledBack> {
    const plan = await step(LOOK, async (line) => {
      // Kept across a crash: afterwards "before" is what was just left.
      const found = await recall('plan', () => swarm.planRollback(name, signal));
      line.say(takesBack(found.changes));
      return found;
    });
    await step(BACK, async (line) => {
      await line.act(`roll ${name} back`, () => swarm.rollbackService(name, plan, signal));
      line.say(plan.changes.map(inShort).join(', '));
    });
    const convergence = await waitForTasks(name, WAIT, {
      deadlineMs,
      swarm,
      signal,
      stage: step,
      rollback: 'asked',
    });
    return { service: plan.name, changes: plan.changes, convergence };
  },
});

/** `this takes back: replicas 9 → 8, and nothing else`. */
function takesBack(changes: FieldChange[]): string {
  if (changes.length === 0) return 'it differs in nothing that is shown';
  const only = changes.length === 1 && changes[0]?.field === 'replicas' ? ', and nothing else' : '';
  return `this takes back: ${changes.map(fromTo).join(', ')}${only}`;
}
