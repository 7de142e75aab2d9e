import { z } from 'zod';
import { defineJob } from './define.ts';

export const nodes = defineJob({
  input: z.object({ words: z.array(z.string()) }),
  lock: () => [],
  steps: () => ['Read the nodes'],
  async run({ words }, { swarm, step, signal }) {
    return { words, nodes: await step('Read the nodes', () => swarm.nodes(signal)) };
  },
});
