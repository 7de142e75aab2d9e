/** What is looked at before a service is updated. */
import type { UserError } from '../errors.ts';
import type { ServiceChange } from '../swarm/service-changes.ts';
import type { JobContext } from './define.ts';
import { tooMany } from './scale-forecast.ts';

/** The refusal where not all of its tasks would fit any more; undefined when they do, as far as is known. */
export async function wouldRefuse(
  name: string,
  change: ServiceChange,
  { swarm, signal }: Pick<JobContext, 'swarm' | 'signal'>,
): Promise<UserError | undefined> {
  const forecast = await swarm.forecastUpdate(name, change, signal);
  if (!forecast) return undefined;
  // The other options may hold secrets: a button can only scale.
  const onlyReplicas = Object.entries(change).every(
    ([key, value]) => key === 'replicas' || value === undefined,
  );
  return tooMany(
    [forecast],
    (numbers, beyond) =>
      onlyReplicas
        ? `scale ${forecast.service} ${numbers.get(forecast.service) ?? 0}${beyond ? ' --anyway' : ''}`
        : '',
    { changed: !onlyReplicas },
  );
}

/** @throws UserError when not all of its tasks would fit any more. */
export async function foresee(
  name: string,
  change: ServiceChange,
  context: Pick<JobContext, 'swarm' | 'signal'>,
): Promise<true> {
  const refusal = await wouldRefuse(name, change, context);
  if (refusal) throw refusal;
  return true;
}
