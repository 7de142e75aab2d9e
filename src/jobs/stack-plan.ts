import { z } from 'zod';
import { basisOf, type Basis } from '../compose/basis.ts';
import { convert, type StackSpec } from '../compose/convert.ts';
import { difference, isSame, type Difference } from '../compose/difference.ts';
import { parseCompose } from '../compose/parse.ts';
import type { Unsupported } from '../compose/unsupported.ts';
import { UserError } from '../errors.ts';
import type { StackState } from '../swarm/stack-shapes.ts';
import { defineJob, type JobContext } from './define.ts';
import { digestOf, fetchCompose } from './stack-source.ts';

export const stackInput = z.object({
  stack: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/),
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('pasted'), text: z.string() }),
    z.object({ kind: z.literal('address'), url: z.url() }),
  ]),
  /** Services of the stack that the file does not have are removed. */
  prune: z.boolean(),
  deadlineMs: z.int().positive(),
});

export interface StackPlan extends Difference {
  stack: string;
  ignored: Unsupported[];
  /** Nothing would change. */
  same: boolean;
  prune: boolean;
  /** Of a file behind an address, so that another one is not deployed in its place; empty of a pasted one. */
  digest: string;
  basis: Basis;
}

export const stackPlan = defineJob({
  input: stackInput,
  lock: () => [],
  steps: () => ['Compare the file with what runs'],
  async run(input, context): Promise<StackPlan> {
    const { stack, prune, source } = input;
    return await context.step('Compare the file with what runs', async () => {
      const text = await composeText(source, context);
      const { ignored, spec: _spec, state, ...found } = await compare(text, input, context);
      return {
        ...found,
        stack,
        ignored,
        prune,
        same: isSame(found),
        digest: source.kind === 'address' ? digestOf(text) : '',
        basis: basisOf(text, state),
      };
    });
  },
});

export type StackInput = z.infer<typeof stackInput>;

/** The file's text. @throws UserError when it cannot be had. */
export async function composeText(
  source: StackInput['source'],
  { limits, signal }: Pick<JobContext, 'limits' | 'signal'>,
): Promise<string> {
  return source.kind === 'pasted'
    ? source.text
    : await fetchCompose(source.url, limits.stackSources ?? [], signal);
}

/**
 * What the file asks for, what is there, and how they differ.
 * @throws UserError when the file cannot be deployed: nothing has been changed.
 */
export async function compare(
  text: string,
  { stack, prune }: Pick<StackInput, 'stack' | 'prune'>,
  { swarm, signal, limits }: Pick<JobContext, 'swarm' | 'signal' | 'limits'>,
): Promise<Difference & { ignored: Unsupported[]; spec: StackSpec; state: StackState }> {
  const { file, ignored } = parseCompose(text);
  const spec = convert(stack, file);
  const state = await swarm.stackState(stack, signal);
  const found = difference(stack, spec, state, prune);
  const most = limits.replicas ?? Number.POSITIVE_INFINITY;
  const problems = [
    ...found.problems,
    ...found.services
      .filter(({ replicas, action }) => action !== 'left' && (replicas ?? 0) > most)
      .map(({ name, replicas }) => `${name} asks for ${replicas} replicas, and the limit is ${most}.`),
  ];
  if (problems.length > 0) {
    throw new UserError(`This cannot be deployed. ${problems.slice(0, 6).join(' ')}`, {
      hint:
        problems.length > 6
          ? `And ${problems.length - 6} more. Nothing was changed.`
          : 'Nothing was changed. Correct it and try again.',
    });
  }
  return { ...found, ignored, spec, state };
}
