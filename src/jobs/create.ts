import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Remedy } from '../remedy.ts';
import type { FieldChange, NewService } from '../swarm/service-changes.ts';
import type { Convergence } from '../swarm/swarm.ts';
import { defineJob, type JobContext } from './define.ts';
import { tooMany } from './scale-forecast.ts';
import { lackingImage } from './service-images.ts';
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

/** @throws UserError when the name is taken by something else, or when the tasks cannot fit. */
async function look(wanted: NewService, anyway: boolean, { swarm, hosts, signal }: JobContext) {
  const differs = await swarm.differsFrom(wanted, signal);
  if (differs && differs.length > 0) throw taken(wanted.name, differs);
  if (differs) return { already: true, lacking: [] };
  if (wanted.replicas === null) return { already: false, lacking: [] };
  const forecasts = await swarm.forecast([{ service: wanted, replicas: wanted.replicas }], signal);
  // The options may hold secrets, so that no button can give the whole line again.
  const refusal = tooMany(forecasts, () => '');
  if (refusal && !anyway)
    throw new UserError(refusal.message, {
      hint: forecasts.some(({ most }) => most !== null && most > 0)
        ? 'Give it again with fewer `--replicas`, or with `--anyway`: the tasks that do not fit then wait until there is room.'
        : refusal.hint,
      remedies: refusal.remedies,
    });
  const [forecast] = forecasts;
  return { already: false, lacking: forecast ? await lackingImage(forecast, hosts, signal) : [] };
}

function taken(name: string, differs: FieldChange[]): UserError {
  const shown = differs.slice(0, 6).map(comparison);
  const more = differs.length > shown.length ? ` and ${differs.length - shown.length} more` : '';
  const image = differs.find(({ field }) => field === 'image')?.to ?? undefined;
  const replicas = differs.find(({ field }) => field === 'replicas')?.to ?? undefined;
  const line = [
    'update',
    name,
    ...(image === undefined ? [] : ['--image', image]),
    ...(replicas === undefined ? [] : ['--replicas', replicas]),
  ];
  const update: Remedy[] =
    line.length > 2
      ? [
          {
            label: 'Update it',
            line: line.join(' '),
            confirm: `It changes ${[image && 'the image', replicas && 'the replicas'].filter(Boolean).join(' and ')} of the service that is there.`,
          },
        ]
      : [];
  return new UserError(
    `There is a service ${name} already, and it differs from this in ${shown.join(', ')}${more}.`,
    {
      hint: `Change it with \`update ${name}\`, or use another name.`,
      remedies: [...update, { label: 'Show it', line: `service ${name}` }],
    },
  );
}

/** `image (has my-apache2:2)`. */
function comparison(change: FieldChange): string {
  const { field, from, to, secret } = change;
  if (secret || from === 'set' || to === 'set')
    return from === null ? `${field} (it has none)` : to === null ? `${field} (it has one)` : field;
  return `${field} (it has ${from ?? 'none'})`;
}
