import type { Preview, PreviewContext } from './define.ts';
import { fact, namesFact, serviceFacts } from './preview-facts.ts';
import { count, joined } from './preview-text.ts';
import { partsOf, unknownStack, volumesOf } from './stack-parts.ts';

const KINDS = ['service', 'network', 'config', 'secret'] as const;

/** What approvers of the removal of a stack are shown: its parts by name, and what stays. */
export async function previewStackRemove(
  { stack }: { stack: string },
  context: PreviewContext,
): Promise<Preview> {
  const { swarm, signal } = context;
  const [state, tasks] = await Promise.all([
    swarm.stackState(stack, signal),
    swarm.stackTasks(stack, signal),
  ]);
  const parts = partsOf(stack, state);
  if (parts.length === 0) throw await unknownStack(stack, context);
  const volumes = volumesOf(state);
  const ofKind = (kind: (typeof KINDS)[number]) => parts.filter((part) => part.kind === kind);
  const bases = await swarm.serviceBases(
    ofKind('service').map(({ id }) => id),
    signal,
  );
  return {
    says: [
      ...KINDS.flatMap((kind) => {
        const all = ofKind(kind);
        if (all.length === 0) return [];
        return [
          `${count(all.length, kind)} of the stack ${stack} ${all.length === 1 ? 'is' : 'are'} removed: ${joined(all.map(({ name }) => name))}.`,
        ];
      }),
      ...(tasks.live + tasks.lost > 0
        ? [
            `${count(tasks.live + tasks.lost, 'task')} of it ${tasks.live + tasks.lost === 1 ? 'ends' : 'end'}.`,
          ]
        : []),
      ...(volumes.length > 0 ? [`The volumes of its services stay on the nodes: ${joined(volumes)}.`] : []),
    ],
    warnings: [
      ...(ofKind('secret').length > 0
        ? ['No engine gives a secret back: who needs them again must have them from elsewhere.']
        : []),
      ...(tasks.lost > 0
        ? [
            `${count(tasks.lost, 'task')} ${tasks.lost === 1 ? 'is' : 'are'} on nodes that are down, and may run on there until they come back.`,
          ]
        : []),
    ],
    facts: [
      ...KINDS.map((kind) =>
        namesFact(
          `the ${kind}s of the stack ${stack}`,
          ofKind(kind).map(({ name }) => name),
        ),
      ),
      ...parts
        .filter(({ kind }) => kind !== 'service')
        .map(({ kind, name, id }) => fact(`the ID of the ${kind} ${name}`, id)),
      ...serviceFacts(bases),
    ],
  };
}
