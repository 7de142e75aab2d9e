import type { ServiceBasis } from '../swarm/bases.ts';
import type { Service, Task } from '../swarm/swarm.ts';
import type { Preview, PreviewContext } from './define.ts';
import { eachOf } from './drain-move.ts';
import { serviceFacts } from './preview-facts.ts';
import { count, some, told } from './preview-text.ts';

/** What approvers of a removal are shown: what each service is, and where it runs. */
export async function previewRm(
  { services: names }: { services: string[] },
  { swarm, signal }: PreviewContext,
): Promise<Preview> {
  const services = await eachOf(names, 5, (name) => swarm.service(name, signal));
  const bases = await swarm.serviceBases(
    services.map(({ id }) => id),
    signal,
  );
  const tasks = await swarm.tasks({}, signal);
  return {
    says: told(
      services.map((service, at) => ({ name: service.name, says: sayingOf(service, bases[at], tasks) })),
    ),
    warnings: bases.flatMap(warningsOf),
    facts: serviceFacts(bases),
  };
}

function sayingOf(
  { name, image, running, wanted, mode, ports }: Service,
  basis: ServiceBasis | undefined,
  tasks: readonly Task[],
): string {
  const nodes = new Set(
    tasks.filter(({ service, state }) => service === name && state === 'running').map(({ node }) => node),
  );
  const parts = [
    `${running} of ${count(wanted, 'task')} ${running === 1 ? 'runs' : 'run'}${nodes.size > 0 ? ` on ${some([...nodes].toSorted(), 4)}` : ''}`,
    ...(ports.length > 0 ? [`published ${some(ports)}`] : []),
    ...(basis?.createdAt ? [`created on ${basis.createdAt.slice(0, 10)}`] : []),
  ];
  return `(${mode === 'replicated' ? '' : `${mode}, `}${image}) is removed for good: ${parts.join('; ')}`;
}

function warningsOf({ name, stack, fields }: ServiceBasis): string[] {
  const volumes = Object.entries(fields).flatMap(([field, value]) =>
    field.startsWith('mount ') ? (/^volume (\S+)/.exec(value)?.[1] ?? []) : [],
  );
  return [
    ...(stack === ''
      ? []
      : [`${name} belongs to the stack ${stack}: the next deploy of it creates it again.`]),
    ...(volumes.length > 0 ? [`The volumes that ${name} used stay on the nodes: ${some(volumes)}.`] : []),
  ];
}
