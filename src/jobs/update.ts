import { z } from 'zod';
import type { ServiceChange } from '../swarm/service-changes.ts';
import { defineJob, type JobContext } from './define.ts';
import { tooMany } from './scale-forecast.ts';
import { amounts, labels, port, updateRule } from './service-schema.ts';
import { updateService, WAIT, type Updated } from './service-update.ts';

const LOOK = 'Look at the service';
const UPDATE = 'Update it';

const change = z.object({
  image: z.string().optional(),
  replicas: z.int().min(0).optional(),
  envAdd: z.array(z.string()).optional(),
  envRm: z.array(z.string()).optional(),
  labelAdd: labels.optional(),
  labelRm: z.array(z.string()).optional(),
  constraintAdd: z.array(z.string()).optional(),
  constraintRm: z.array(z.string()).optional(),
  publishAdd: z.array(port).optional(),
  publishRm: z.array(z.int()).optional(),
  reserve: amounts.optional(),
  limit: amounts.optional(),
  maxPerNode: z.int().min(0).optional(),
  update: updateRule.optional(),
  args: z.array(z.string()).optional(),
  force: z.boolean().optional(),
});

export const update = defineJob({
  input: z.object({
    name: z.string(),
    change,
    /** Also when the forecast says that not all of them fit. */
    anyway: z.boolean(),
    deadlineMs: z.int().positive(),
  }),
  lock: ({ name }) => [`service:${name}`],
  steps: () => [LOOK, UPDATE, WAIT],
  async run({ name, change, anyway, deadlineMs }, context): Promise<Updated> {
    if (!anyway) await context.recall('fits', () => foresee(name, change, context));
    return await updateService({ name, change, deadlineMs, titles: { look: LOOK, change: UPDATE } }, context);
  },
});

/** @throws UserError when not all of its tasks would fit any more. */
async function foresee(name: string, change: ServiceChange, { swarm, signal }: JobContext): Promise<true> {
  const forecast = await swarm.forecastUpdate(name, change, signal);
  if (!forecast) return true;
  // The other options may hold secrets: a button can only scale.
  const onlyReplicas = Object.entries(change).every(
    ([key, value]) => key === 'replicas' || value === undefined,
  );
  const refusal = tooMany(
    [forecast],
    (numbers, beyond) =>
      onlyReplicas
        ? `scale ${forecast.service} ${numbers.get(forecast.service) ?? 0}${beyond ? ' --anyway' : ''}`
        : '',
    { changed: !onlyReplicas },
  );
  if (refusal) throw refusal;
  return true;
}
