import type { Difference } from '../compose/difference.ts';
import { settings } from '../compose/fields.ts';
import { viewOf, type ServiceView } from '../compose/view.ts';
import { getsOfNode } from './create-preview.ts';
import type { Preview, PreviewContext } from './define.ts';
import { fact, namesFact } from './preview-facts.ts';
import { count, joined, told } from './preview-text.ts';
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
  const { found, spec } = await lookAgain(plan, planned, context);
  const views = new Map(spec.services.map((one) => [one.Name, viewOf(one, new Map())]));
  const kept = found.services.filter(({ action }) => action === 'keep' || action === 'left');
  const created = [...named(found.networks, 'network'), ...named(found.configs, 'config')];
  return {
    says: [
      ...told(
        found.services
          .filter((one) => !kept.includes(one))
          .map((one) => ({ name: one.name, says: sayingOf(one, views.get(one.name)) })),
      ),
      ...(kept.length > 0
        ? [
            `${count(kept.length, 'service')} ${kept.length === 1 ? 'stays as it is' : 'stay as they are'}: ${joined(kept.map(({ name }) => name))}.`,
          ]
        : []),
      ...(created.length > 0 ? [`Created as well: ${joined(created)}.`] : []),
    ],
    warnings: [
      ...found.warnings,
      ...found.services
        .filter(({ action }) => action === 'create' || action === 'update')
        .flatMap(({ name }) => foldersOf(views.get(name)).map((gets) => `The tasks of ${name} ${gets}`)),
      ...found.services
        .filter(({ action }) => action === 'remove')
        .map(({ name }) => `${name} is not in the file and is removed for good.`),
    ],
    facts: [
      fact('the plan', plan),
      ...found.services.map((one) => fact(`what becomes of ${one.name}`, sayingOf(one))),
      namesFact('what is created beside the services', created),
    ],
  };
}

/** Folders of the nodes that tasks get, also those that are called a volume. */
function foldersOf(view: ServiceView | undefined): string[] {
  return (view?.mounts ?? []).flatMap(({ Type, Source, Target, ReadOnly, VolumeOptions }) => {
    const { o = '', device = '' } = VolumeOptions?.DriverConfig.Options ?? {};
    const bound = Type === 'bind' ? Source : /\br?bind\b/.test(o) || device.startsWith('/') ? device : '';
    return bound === '' ? [] : [getsOfNode({ source: bound, target: Target, readOnly: ReadOnly })];
  });
}

/** `view`: what a new service is set to. */
function sayingOf(
  { action, image, replicas, changes }: Difference['services'][number],
  view?: ServiceView,
): string {
  switch (action) {
    case 'create': {
      const more = view ? settings(view).filter((line) => !/^(?:image|replicas): /.test(line)) : [];
      return `is created: ${[`${replicas === null ? '' : `${replicas} of `}${image}`, ...more].join('; ')}`;
    }
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
