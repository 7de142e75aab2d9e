import { z } from 'zod';
import { defineJob } from './define.ts';

export const services = defineJob({
  input: z.object({ words: z.array(z.string()) }),
  lock: () => [],
  steps: () => ['Read the services'],
  async run({ words }, { swarm, step, signal }) {
    return { words, services: await step('Read the services', () => swarm.services(signal)) };
  },
});
