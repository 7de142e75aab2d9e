import { z } from 'zod';
import { UserError } from '../errors.ts';
import { defineJob } from './define.ts';
import { previewRotate } from './rotate-preview.ts';

const role = z.enum(['worker', 'manager']);
type Role = z.infer<typeof role>;

export const rotate = defineJob({
  input: z.object({ roles: z.array(role).min(1).max(2) }),
  lock: () => ['join-tokens'],
  steps: ({ roles }) => roles.map(titleOf),
  preview: previewRotate,
  /** Run again after a crash it makes the tokens new once more, which nobody notices: they are never kept. */
  async run({ roles }, { swarm, signal, step }): Promise<{ roles: Role[] }> {
    for (const one of roles) {
      await step(titleOf(one), async (line) => {
        const { changed } = await line.act(`rotate the ${one} join token`, () =>
          swarm.rotateToken(one, signal),
        );
        if (!changed) {
          throw new UserError(`The managers still give the same ${one} token.`, {
            hint: 'Look at the log of the leader, then try again.',
          });
        }
        line.say('the managers give a new one');
      });
    }
    return { roles };
  },
});

function titleOf(one: Role): string {
  return `Make a new ${one} token`;
}
