import { z } from 'zod';
import { defineJob } from './define.ts';
import { amounts, labels, port, updateRule } from './service-schema.ts';
import { foresee } from './update-look.ts';
import { previewUpdate } from './update-preview.ts';
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
  preview: previewUpdate,
  async run({ name, change, anyway, deadlineMs }, context): Promise<Updated> {
    if (!anyway) await context.recall('fits', () => foresee(name, change, context));
    return await updateService({ name, change, deadlineMs, titles: { look: LOOK, change: UPDATE } }, context);
  },
});
