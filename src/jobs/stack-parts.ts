/** What belongs to a stack, and what stays when it goes. */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { StackState } from '../swarm/stack-shapes.ts';
import type { StackPart } from '../swarm/stacks.ts';
import type { JobContext } from './define.ts';

export interface Part {
  kind: StackPart;
  id: string;
  name: string;
}

export function partsOf(stack: string, state: StackState): Part[] {
  const own = (kind: StackPart, all: { id: string; name: string; stack: string }[]): Part[] =>
    all.filter((one) => one.stack === stack).map(({ id, name }) => ({ kind, id, name }));
  return [
    ...state.services.map(({ id, name }): Part => ({ kind: 'service', id, name })),
    ...own('config', state.configs),
    ...own('secret', state.secrets),
    ...own('network', state.networks),
  ];
}

const mounting = z.object({
  TaskTemplate: z.object({
    ContainerSpec: z.object({
      Mounts: z.array(z.object({ Type: z.string().catch(''), Source: z.string().catch('') })).nullish(),
    }),
  }),
});

/** A volume without a name goes with its container. */
export function volumesOf({ services }: StackState): string[] {
  const named = services.flatMap(({ spec }) => {
    const { data } = mounting.safeParse(spec);
    const mounts = data?.TaskTemplate.ContainerSpec.Mounts ?? [];
    return mounts.flatMap(({ Type, Source }) => (Type === 'volume' && Source !== '' ? [Source] : []));
  });
  return [...new Set(named)].toSorted();
}

/** `2 services, 1 network`. */
export function partsText(parts: Part[]): string {
  return [...Map.groupBy(parts, ({ kind }) => kind)]
    .map(([kind, all]) => `${all.length} ${kind}${all.length === 1 ? '' : 's'}`)
    .join(', ');
}

/** For whoever asks for a stack that is not there. */
export async function unknownStack(
  stack: string,
  { swarm, signal }: Pick<JobContext, 'swarm' | 'signal'>,
): Promise<UserError> {
  const near = nearest(
    stack,
    (await swarm.stacks(signal)).map(({ name }) => name),
  );
  return new UserError(`No stack is called ${stack}.`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : '`/swarm stack ls` lists them.',
  });
}
