/** A forecast in words: how many fit, why no more, and the ways out. Pure. */
import { UserError } from '../errors.ts';
import type { Remedy } from '../remedy.ts';
import type { Forecast, Obstacle } from '../swarm/forecast.ts';

/** More tasks are wanted than are set now, and than fit. Shrinking is always possible, unless all are placed anew. */
function isTooMany({ wanted, now, most }: Forecast, changed: boolean): boolean {
  return most !== null && wanted > most && (wanted > now || changed);
}

/**
 * The refusal before anything is changed; undefined when all fits. `lineWith`: what was asked, as a line with the
 * numbers of a map put in; empty where no button can say it. `changed`: what a task needs has changed as well.
 */
export function tooMany(
  forecasts: Forecast[],
  lineWith: (numbers: ReadonlyMap<string, number>, anyway: boolean) => string,
  { changed = false }: { changed?: boolean } = {},
): UserError | undefined {
  const over = forecasts.filter((one) => isTooMany(one, changed));
  const [first] = over;
  if (!first) return undefined;
  const wanted = new Map(forecasts.map((one) => [one.service, one.wanted]));
  const fitting = new Map(wanted);
  for (const { service, most } of over) fitting.set(service, most ?? 0);
  const smaller = over.every(({ most, now }) => most !== null && most > 0 && most !== now);
  const remedies: Remedy[] = [
    ...(smaller
      ? [
          {
            label: over.length === 1 ? `Scale to ${first.most}` : 'Scale to what fits',
            line: lineWith(fitting, false),
          },
        ]
      : []),
    ...first.obstacles.flatMap((obstacle) => wayOut(obstacle)).slice(0, 2),
    {
      label: 'Scale anyway',
      line: lineWith(wanted, true),
      confirm: `${over.map(howFew).join('. ')}. ${over.every(({ most }) => most === 0) ? 'All' : 'The others'} wait until there is room for them.`,
    },
  ];
  return new UserError(over.map(sentence).join(' '), {
    hint: hintOf(over),
    remedies: remedies.filter(({ line }) => line !== ''),
  });
}

function howFew({ service, most }: Forecast): string {
  if (most === 0) return `No task of ${service} fits`;
  return most === 1 ? `Only 1 task of ${service} fits` : `Only ${most} tasks of ${service} fit`;
}

/** Where not a single task fits, fewer of them are no way out: only what stands against it is. */
function hintOf(over: Forecast[]): string {
  if (over.some(({ most }) => most !== 0))
    return 'Ask for what fits or make room; with `--anyway` the tasks that do not fit wait until there is room.';
  const ways = new Set(over.flatMap(({ obstacles }) => obstacles.map(wayOutInWords)));
  return [...[...ways].slice(0, 3), 'With `--anyway` its tasks wait until a node can take them.'].join(' ');
}

const LABEL = /^node\.labels\.([\w.-]+)\s*==\s*([\w.-]+)$/;

function wayOutInWords({ kind, what }: Obstacle): string {
  switch (kind) {
    case 'state':
      return 'Bring a node back that is not ready.';
    case 'availability':
      return 'Activate a node.';
    case 'constraint': {
      const [, key, value] = LABEL.exec(what) ?? [];
      return key === undefined
        ? `Correct the constraint ${what}, or leave it out.`
        : `Give a node the label ${key}=${value}, or leave the constraint out.`;
    }
    case 'platform':
      return 'Use an image that is made for the platform of the nodes.';
    case 'port':
      return 'Publish another port, or free this one.';
    case 'max':
      return 'Raise the limit per node.';
    case 'cpus':
    case 'memory':
      return 'Reserve less for a task, or make room.';
  }
}

/** `websky cannot have 12 tasks: at most 6 fit. 2 nodes are drained (a, b); ...` */
function sentence({ service, wanted, most, obstacles }: Forecast): string {
  const fit = most === 0 ? 'no node can take one' : most === 1 ? 'only 1 fits' : `only ${most} fit`;
  const reasons = obstacles.map(reason).join('; ');
  return `${service} cannot have ${wanted} ${wanted === 1 ? 'task' : 'tasks'}: ${fit}.${reasons ? ` ${capital(reasons)}.` : ''}`;
}

/** `Only 3 of the 5 tasks of websky fit on the nodes that stay. 2 nodes are drained (a, b).` */
export function shortOfRoom({ service, wanted, most, obstacles }: Forecast): string {
  const reasons = obstacles.map(reason).join('; ');
  const few = most ?? 0;
  return `${few === 0 ? 'None' : `Only ${few}`} of the ${wanted} tasks of ${service} ${few === 1 ? 'fits' : 'fit'} on the nodes that stay.${reasons ? ` ${capital(reasons)}.` : ''}`;
}

/** `2 nodes are drained (fedora-01, fedora-02)`. */
function reason({ kind, what, room, nodes }: Obstacle): string {
  const many = nodes.length !== 1;
  const who = many ? `${nodes.length} nodes` : (nodes[0] ?? '');
  const where = many ? ` (${some(nodes)})` : '';
  const are = many ? 'are' : 'is';
  const have = many ? 'have' : 'has';
  const each = many ? ' each' : '';
  switch (kind) {
    case 'state':
      return `${who} ${are} ${what || 'not ready'}${where}`;
    case 'availability':
      return what === 'drain'
        ? `${who} ${are} drained${where}`
        : `${who} ${are} paused${where} and ${many ? 'take' : 'takes'} no new task`;
    case 'constraint':
      return `${who} ${many ? 'do' : 'does'} not meet the constraint ${what}${where}`;
    case 'platform':
      return `${who} ${are} of another platform, ${what}${where}`;
    case 'port':
      return room === 0
        ? `on ${who} the port ${what} is taken${where}`
        : `the port ${what} is published on the host itself, so ${who} ${many ? 'take' : 'takes'} one task${each}${where}`;
    case 'max':
      return `${who} ${many ? 'take' : 'takes'} at most ${what}${each} by the service's own limit per node${where}`;
    case 'cpus':
    case 'memory': {
      const thing = kind === 'cpus' ? 'processors' : 'memory';
      return room === 0
        ? `${who} ${have} not enough free ${thing} for the reservation of one task${where}`
        : `${who} ${have} free ${thing} for ${room} ${room === 1 ? 'task' : 'tasks'}${each}${where}`;
    }
  }
}

/** What a button can do about it. */
function wayOut({ kind, what, nodes }: Obstacle): Remedy[] {
  const [node] = nodes;
  if (node === undefined) return [];
  if (kind === 'availability') return [{ label: `Activate ${node}`, line: `activate ${node}` }];
  const label = kind === 'constraint' ? LABEL.exec(what) : null;
  if (label)
    return [
      { label: `Label ${node} ${label[1]}=${label[2]}`, line: `label ${node} ${label[1]}=${label[2]}` },
    ];
  return [];
}

function some(names: string[]): string {
  return names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

function capital(text: string): string {
  // A hostname stays as it is.
  return /^(on|the) /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
