import { z } from 'zod';
import type { Service } from '../swarm/swarm.ts';
import { defineJob } from './define.ts';
import { fitsService, isShort, worstServiceFirst } from './services-filter.ts';

/** What the list shows of a service: hundreds of them are kept with the request. */
type ServiceRow = Pick<Service, 'name' | 'mode' | 'wanted' | 'running' | 'image' | 'updateState' | 'job'> & {
  ports: string;
};

/** Letters of a cell. */
const MOST_PORTS = 200;

export const services = defineJob({
  input: z.object({
    words: z.array(z.string()),
    filters: z.record(z.string(), z.array(z.string())),
    page: z.int().min(1),
  }),
  lock: () => [],
  steps: () => ['Read the services'],
  async run({ words, filters, page }, { swarm, step, signal }) {
    const all = await step('Read the services', () => swarm.services(signal, filters));
    return {
      words,
      filters,
      page,
      all: all.length,
      short: all.filter(isShort).length,
      rows: all
        .filter((service) => fitsService(service, words))
        .toSorted(worstServiceFirst)
        .map(rowOf),
    };
  },
});

function rowOf({ name, mode, wanted, running, image, ports, updateState, job }: Service): ServiceRow {
  return {
    name,
    mode,
    wanted,
    running,
    image,
    ports: ports.join(', ').slice(0, MOST_PORTS),
    updateState,
    ...(job ? { job } : {}),
  };
}
