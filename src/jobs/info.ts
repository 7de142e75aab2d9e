import { z } from 'zod';
import { defineJob } from './define.ts';

export const info = defineJob({
  input: z.object({ host: z.string() }),
  lock: () => [],
  steps: () => ['Read docker info'],
  async run({ host: name }, { hosts, step, signal }) {
    const host = hosts.host(name);
    return { host: name, info: await step('Read docker info', () => host.info(signal)) };
  },
});
