import { z } from 'zod';
import { mapOf } from '../map/model.ts';
import { defineJob } from './define.ts';

export const map = defineJob({
  input: z.object({ service: z.string().nullable(), node: z.string().nullable() }),
  lock: () => [],
  steps: () => ['Read the swarm'],
  async run({ service, node }, { swarm, step, signal }) {
    return await step('Read the swarm', async () => {
      const highlight = service === null ? null : (await swarm.service(service, signal)).name;
      // Jobs' tasks are wanted complete, not running. What was wanted once is not part of the picture.
      const filters = { 'desired-state': ['running', 'ready', 'complete'] };
      const where = node === null ? {} : { node };
      const [{ nodes, services }, tasks] = await Promise.all([
        swarm.overview(signal),
        swarm.tasks({ ...where, filters }, signal),
      ]);
      const under = tasks.filter(({ state }) => state !== 'complete');
      const shown =
        node === null ? nodes : nodes.filter(({ hostname, id }) => hostname === node || id === node);
      const known = new Set(under.map((task) => task.service));
      const concerned = node === null ? services : services.filter(({ name }) => known.has(name));
      return { map: mapOf(shown, under, concerned, highlight) };
    });
  },
});
