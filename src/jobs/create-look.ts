/** What is looked at before a service is created: whether its name is free, and whether its tasks fit. */
import { UserError } from '../errors.ts';
import type { Remedy } from '../remedy.ts';
import type { FieldChange, NewService } from '../swarm/service-changes.ts';
import type { JobContext } from './define.ts';
import { tooMany } from './scale-forecast.ts';
import { lackingImage } from './service-images.ts';

/** @throws UserError when the name is taken by something else, or when the tasks cannot fit. */
export async function look(
  wanted: NewService,
  anyway: boolean,
  { swarm, hosts, signal }: Pick<JobContext, 'swarm' | 'hosts' | 'signal'>,
) {
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
