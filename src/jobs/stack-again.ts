/** A plan that is to be carried out, looked at again: nothing else is done than what it showed. */
import { z } from 'zod';
import { changedSince } from '../compose/basis.ts';
import type { StackSpec } from '../compose/convert.ts';
import type { Difference } from '../compose/difference.ts';
import { UserError } from '../errors.ts';
import type { JobContext } from './define.ts';
import { compare, composeText, stackInput } from './stack-plan.ts';
import { digestOf } from './stack-source.ts';

export const applyInput = z.object({
  /** ID of the request that showed the plan. */
  plan: z.string(),
  /** What that request was asked, and what it found. Null: it has not been looked up, or is not there. */
  planned: stackInput
    .extend({
      digest: z.string(),
      basis: z.record(
        z.string(),
        z.object({ digest: z.string(), image: z.string(), replicas: z.number().nullable() }),
      ),
      /** Names of the services that are to be created, updated or removed. */
      services: z.array(z.string()),
    })
    .nullable(),
});
export type ApplyInput = z.infer<typeof applyInput>;

export function noPlan(plan: string): UserError {
  return new UserError(`There is no plan ${plan} to carry out.`, {
    hint: 'Press Deploy on the card of a plan; "stack deploy NAME" makes one.',
  });
}

/** The same file on what is there now. @throws UserError when either is not what the plan was made from. */
export async function lookAgain(
  plan: string,
  planned: NonNullable<ApplyInput['planned']>,
  context: Pick<JobContext, 'swarm' | 'signal' | 'limits'>,
): Promise<{ spec: StackSpec; found: Difference }> {
  const again = [{ label: 'Show the plan again', line: `retry ${plan}` }];
  const text = await composeText(planned.source, context);
  if (planned.digest !== '' && digestOf(text) !== planned.digest) {
    throw new UserError('The file behind the address is another one since the plan was shown.', {
      hint: 'Nothing was changed. Look at the plan again before you deploy.',
      remedies: again,
    });
  }
  const { spec, state, ...found } = await compare(text, planned, context);
  const changed = changedSince(planned.basis, text, spec, state, planned.prune);
  if (changed.length > 0) {
    throw new UserError(
      `The stack is not as it was when the plan was shown. ${changed.slice(0, 8).join(' ')}`,
      {
        hint: 'Nothing was changed. Look at the plan again before you deploy.',
        remedies: again,
      },
    );
  }
  return { spec, found };
}
