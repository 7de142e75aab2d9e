import type { Difference } from '../compose/difference.ts';
import type { Preview, PreviewContext } from './define.ts';
import { fact, namesFact } from './preview-facts.ts';
import { count, firstOf, joined, some, told } from './preview-text.ts';
import { lookAgain, noPlan, type ApplyInput } from './stack-again.ts';

/**
 * What approvers of a deploy are shown: the differences as the plan shows them. That the stack is as in the plan is looked at
 * as the job looks at it: otherwise it is refused, and nobody is asked.
 */
export async function previewStackApply(
  { plan, planned }: ApplyInput,
  context: PreviewContext,
): Promise<Preview> {
  if (planned === null) throw noPlan(plan);
  const { found } = await lookAgain(plan, planned, context);
  const kept = found.services.filter(({ action }) => action === 'keep' || action === 'left');
  const created = [...named(found.networks, 'network'), ...named(found.configs, 'config')];
  return {
    says: [
      ...told(
        found.services
          .filter((one) => !kept.includes(one))
          .map((one) => ({ name: one.name, says: sayingOf(one) })),
      ),
      ...(kept.length > 0
        ? [
            `${count(kept.length, 'service')} ${kept.length === 1 ? 'stays as it is' : 'stay as they are'}: ${some(kept.map(({ name }) => name))}.`,
          ]
        : []),
      ...(created.length > 0 ? [`Created as well: ${joined(firstOf(created))}.`] : []),
    ],
    warnings: firstOf([
      ...found.warnings,
      ...found.services
        .filter(({ action }) => action === 'remove')
        .map(({ name }) => `${name} is not in the file and is removed for good.`),
    ]),
    facts: [
      fact('the plan', plan),
      ...found.services.map((one) => fact(`what becomes of ${one.name}`, sayingOf(one))),
      namesFact('what is created beside the services', created),
    ],
  };
}

function sayingOf({ action, image, replicas, changes }: Difference['services'][number]): string {
  switch (action) {
    case 'create':
      return `is created: ${replicas === null ? '' : `${replicas} of `}${image}`;
    case 'update':
      return `is updated: ${changes.join('; ')}`;
    case 'remove':
      return `(${image}) is removed`;
    case 'keep':
    case 'left':
      return 'stays as it is';
  }
}

function named(all: Difference['networks'], kind: string): string[] {
  return all.flatMap(({ action, name }) => (action === 'create' ? [`the ${kind} ${name}`] : []));
}
