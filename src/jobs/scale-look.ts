/** What is looked at before services are scaled: whether they can be, and how many tasks fit. */
import { UserError } from '../errors.ts';
import type { Swarm } from '../swarm/swarm.ts';
import type { JobContext } from './define.ts';
import { tooMany } from './scale-forecast.ts';
import { lackingImage } from './service-images.ts';

/**
 * Looks ahead, once: after the change the same look would find it half done.
 * @returns by service, the nodes that lack its image. @throws UserError when the numbers cannot fit.
 */
export async function foresee(
  services: { name: string; replicas: number }[],
  /** The services' own names, where an ID was given. */
  names: ReadonlyMap<string, string>,
  anyway: boolean,
  { swarm, hosts, signal }: Pick<JobContext, 'swarm' | 'hosts' | 'signal'>,
): Promise<Record<string, string[]>> {
  const forecasts = await swarm.forecast(
    services.map(({ name, replicas }) => ({ service: names.get(name) ?? name, replicas })),
    signal,
  );
  const refusal = tooMany(forecasts, lineOf);
  if (refusal && !anyway) throw refusal;
  const looked = await Promise.all(
    forecasts.map(async (forecast, at): Promise<[string, string[]]> => {
      const grows = forecast.wanted > forecast.now;
      return [services[at]?.name ?? '', grows ? await lackingImage(forecast, hosts, signal) : []];
    }),
  );
  return Object.fromEntries(looked);
}

function lineOf(numbers: ReadonlyMap<string, number>, anyway: boolean): string {
  const [only, other] = numbers;
  const words =
    only && !other ? only.join(' ') : [...numbers].map(([name, number]) => `${name}=${number}`).join(' ');
  return `scale ${words}${anyway ? ' --anyway' : ''}`;
}

/** @throws UserError when it has no number of replicas. */
export async function scalable(name: string, swarm: Swarm, signal: AbortSignal) {
  const service = await swarm.service(name, signal);
  if (service.mode !== 'replicated') {
    throw new UserError(`${service.name} is a ${service.mode} service, so it has no number of replicas.`, {
      hint: 'A global service runs one task on every node; add or drain nodes instead.',
    });
  }
  return service;
}
