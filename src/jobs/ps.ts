import { z } from 'zod';
import { defineJob } from './define.ts';

export const ps = defineJob({
  input: z.object({ service: z.string(), node: z.string().nullable(), all: z.boolean() }),
  lock: () => [],
  steps: () => ['Read the tasks'],
  async run({ service: name, node, all }, { swarm, step, signal }) {
    return await step('Read the tasks', async () => {
      const service = await swarm.service(name, signal);
      const tasks = await swarm.tasks(
        { service: service.id, history: all, ...(node ? { node } : {}) },
        signal,
      );
      return { service, tasks };
    });
  },
});
