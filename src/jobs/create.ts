import { z } from 'zod';
import type { Convergence } from '../swarm/swarm.ts';
import { look } from './create-look.ts';
import { previewCreate } from './create-preview.ts';
import { defineJob } from './define.ts';
import { amounts, labels, mount, port, updateRule } from './service-schema.ts';
import { WAIT } from './service-update.ts';
import { waitForTasks } from './service-wait.ts';

const LOOK = 'Look for the name and for room';
const CREATE = 'Create the service';

const wanted = z.object({
  name: z.string(),
  image: z.string(),
  replicas: z.int().min(0).nullable(),
  env: z.array(z.string()),
  labels,
  constraints: z.array(z.string()),
  ports: z.array(port),
  mounts: z.array(mount),
  networks: z.array(z.string()),
  reserve: amounts,
  limit: amounts,
  maxPerNode: z.int().min(0),
  restart: z.enum(['none', 'on-failure', 'any']).optional(),
  update: updateRule.optional(),
  entrypoint: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
});

export interface Created {
  service: string;
  image: string;
  /** It was there before, exactly so. */
  already: boolean;
  /** Nodes whose hosts lack the image. */
  lacking: string[];
  convergence: Convergence;
}

export const create = defineJob({
  input: z.object({
    wanted,
    /** Also when the forecast says that not all tasks fit. */
    anyway: z.boolean(),
    deadlineMs: z.int().positive(),
  }),
  lock: ({ wanted: { name } }) => [`service:${name}`],
  steps: () => [LOOK, CREATE, WAIT],
  preview: previewCreate,
  async run({ wanted, anyway, deadlineMs }, context): Promise<Created> {
    const { swarm, signal, step, recall } = context;
    const { name, image } = wanted;
    const found = await step(LOOK, async (line) => {
      const looked = await recall('look', () => look(wanted, anyway, context));
      line.say(looked.already ? 'it is there already, exactly so' : `${name} is free`);
      return looked;
    });
    await step(CREATE, async (line) => {
      // There after a crash: the engine knows one of this name, and it is as wanted.
      const differs = await swarm.differsFrom(wanted, signal);
      if (differs?.length === 0) return line.say(found.already ? 'it is there already' : 'created');
      await line.act(`create ${name}`, () => swarm.createService(wanted, signal));
      line.say('created');
    });
    const convergence = await waitForTasks(name, WAIT, { deadlineMs, swarm, signal, stage: step });
    return { service: name, image, ...found, convergence };
  },
});
