import type { Preview, PreviewContext } from './define.ts';
import { serviceFacts } from './preview-facts.ts';
import { count, some, told } from './preview-text.ts';
import { tooMany } from './scale-forecast.ts';
import { foresee, scalable } from './scale-look.ts';

interface Input {
  services: { name: string; replicas: number }[];
  anyway: boolean;
}

/** What approvers of a scale are shown: from how many to how many, and whether there is room for them. */
export async function previewScale({ services, anyway }: Input, context: PreviewContext): Promise<Preview> {
  const { swarm, signal } = context;
  const found = [];
  for (const { name, replicas } of services)
    found.push({ given: name, replicas, service: await scalable(name, swarm, signal) });
  const names = new Map(found.map(({ given, service }) => [given, service.name]));
  const lacking = await foresee(services, names, anyway, context);
  const wishes = found.map(({ service, replicas }) => ({ service: service.name, replicas }));
  const short = anyway ? tooMany(await swarm.forecast(wishes, signal), () => '') : undefined;
  const grows = found.some(({ service, replicas }) => replicas > service.wanted);
  return {
    says: [
      ...told(
        found.map(({ service, replicas }) => ({
          name: service.name,
          says:
            service.wanted === replicas
              ? `has ${count(replicas, 'replica')} already`
              : `(${service.image}) goes from ${service.wanted} to ${count(replicas, 'replica')}`,
        })),
      ),
      ...(grows && !anyway ? ['By what is known there is room for all of them.'] : []),
    ],
    warnings: [
      ...(short ? [short.message] : []),
      ...found.flatMap(({ service, replicas }) =>
        replicas === 0 && service.wanted > 0 ? [`No task of ${service.name} runs any more then.`] : [],
      ),
      ...found.flatMap(({ given, service }) => {
        const without = lacking[given] ?? [];
        return without.length > 0
          ? [`${service.image} is not on ${some(without)}: tasks there need it from a registry.`]
          : [];
      }),
    ],
    facts: serviceFacts(
      await swarm.serviceBases(
        found.map(({ service }) => service.id),
        signal,
      ),
    ),
  };
}
