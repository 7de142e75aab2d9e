import { z } from 'zod';
import type { Service } from '../swarm/swarm.ts';
import { defineJob } from './define.ts';
import { unknownStack } from './stack-parts.ts';

export interface StackSummary {
  name: string;
  services: number;
  running: number;
  wanted: number;
  /** Names of the services that are under strength. */
  short: string[];
}

export const stacks = defineJob({
  input: z.object({}),
  lock: () => [],
  steps: () => ['Ask the manager'],
  async run(_input, { swarm, step, signal }): Promise<{ stacks: StackSummary[] }> {
    return await step('Ask the manager', async () => {
      const [all, services] = await Promise.all([swarm.stacks(signal), swarm.services(signal)]);
      const byName = new Map(services.map((service) => [service.name, service]));
      return {
        stacks: all.map(({ name, services: names }) => {
          // A job runs to its end: it has no strength to keep.
          const own = names
            .flatMap((one) => byName.get(one) ?? [])
            .filter(({ mode }) => !mode.endsWith('-job'));
          const sum = (of: (service: Service) => number): number =>
            own.reduce((total, service) => total + of(service), 0);
          return {
            name,
            services: names.length,
            running: sum(({ running }) => running),
            wanted: sum(({ wanted }) => wanted),
            short: own.filter(({ running, wanted }) => running < wanted).map((service) => service.name),
          };
        }),
      };
    });
  },
});

export interface StackContent {
  stack: string;
  services: Service[];
  networks: string[];
  configs: string[];
  secrets: string[];
}

export const stack = defineJob({
  input: z.object({ stack: z.string() }),
  lock: () => [],
  steps: () => ['Ask the manager'],
  async run({ stack: name }, { swarm, step, signal }): Promise<StackContent> {
    return await step('Ask the manager', async () => {
      const [state, all] = await Promise.all([swarm.stackState(name, signal), swarm.services(signal)]);
      const ids = new Set(state.services.map(({ id }) => id));
      const services = all.filter(({ id }) => ids.has(id));
      const own = (all: { name: string; stack: string }[]): string[] =>
        all.filter((one) => one.stack === name).map((one) => one.name);
      const found = {
        stack: name,
        services,
        networks: own(state.networks),
        configs: own(state.configs),
        secrets: own(state.secrets),
      };
      if (services.length + found.networks.length + found.configs.length + found.secrets.length === 0)
        throw await unknownStack(name, { swarm, signal });
      return found;
    });
  },
});
