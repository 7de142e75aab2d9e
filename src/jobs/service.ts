import { z } from 'zod';
import { defineJob } from './define.ts';

export const service = defineJob({
  input: z.object({ name: z.string() }),
  lock: () => [],
  steps: () => ['Read the service'],
  async run({ name }, { swarm, step, signal }) {
    return await step('Read the service', () => swarm.serviceDetail(name, signal));
  },
});
