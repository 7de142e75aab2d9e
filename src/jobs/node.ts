import { z } from 'zod';
import { defineJob } from './define.ts';
import { nodesCalled } from './node-find.ts';

const LOOK = 'Look at the node';

export const node = defineJob({
  input: z.object({ node: z.string() }),
  lock: () => [],
  steps: () => [LOOK],
  async run({ node: name }, { swarm, signal, step }) {
    return await step(LOOK, async () => {
      const called = nodesCalled(await swarm.nodes(signal), name);
      const details = await Promise.all(called.map(({ id }) => swarm.nodeDetails(id, signal)));
      const living = details
        .flat()
        .toSorted((a, b) => Number(a.node.state === 'down') - Number(b.node.state === 'down'));
      return { name, nodes: living };
    });
  },
});
