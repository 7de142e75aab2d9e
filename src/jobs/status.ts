import { z } from 'zod';
import { defineJob } from './define.ts';
import { sumNodes, sumServices } from './status-sums.ts';

/** A job's title may be long: this much tells which it is. */
const MOST_TITLE = 80;
const MOST_JOBS = 5;

export const status = defineJob({
  input: z.object({}),
  lock: () => [],
  steps: () => ['Read the swarm'],
  async run(_input, { swarm, step, signal, openJobs }) {
    return await step('Read the swarm', async () => {
      const [{ nodes, services, quorum }, jobs] = await Promise.all([swarm.overview(signal), openJobs()]);
      return {
        quorum,
        nodes: sumNodes(nodes),
        services: sumServices(services),
        jobs: jobs.length,
        newestJobs: jobs.slice(0, MOST_JOBS).map(({ id, title, phase, requester }) => ({
          id,
          title: title.slice(0, MOST_TITLE),
          waits: phase !== 'running',
          requester,
        })),
      };
    });
  },
});
