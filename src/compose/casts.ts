/** A replaced variable is always text: turns it into the number or the truth value that its place asks for. Pure. */

const NUMBERS = [
  'services.*.configs.*.mode',
  'services.*.secrets.*.mode',
  'services.*.healthcheck.retries',
  'services.*.deploy.replicas',
  'services.*.deploy.update_config.parallelism',
  'services.*.deploy.update_config.max_failure_ratio',
  'services.*.deploy.rollback_config.parallelism',
  'services.*.deploy.rollback_config.max_failure_ratio',
  'services.*.deploy.restart_policy.max_attempts',
  'services.*.deploy.placement.max_replicas_per_node',
  'services.*.deploy.resources.limits.pids',
  'services.*.ports.*.target',
  'services.*.ports.*.published',
  'services.*.ulimits.*',
  'services.*.ulimits.*.hard',
  'services.*.ulimits.*.soft',
];
const TRUTHS = [
  'services.*.healthcheck.disable',
  'services.*.init',
  'services.*.privileged',
  'services.*.read_only',
  'services.*.stdin_open',
  'services.*.tty',
  'services.*.volumes.*.read_only',
  'services.*.volumes.*.volume.nocopy',
  'networks.*.external',
  'networks.*.internal',
  'networks.*.attachable',
  'networks.*.enable_ipv6',
  'volumes.*.external',
  'configs.*.external',
  'secrets.*.external',
];
const WORDS = new Map([
  ...['y', 'yes', 'true', 'on'].map((word) => [word, true] as const),
  ...['n', 'no', 'false', 'off'].map((word) => [word, false] as const),
]);

const number = pattern(NUMBERS);
const truth = pattern(TRUTHS);

/** The file with such texts turned; what cannot be turned stays, for the schema to complain of. */
export function cast(value: unknown, path = ''): unknown {
  if (typeof value === 'string') {
    if (number.test(path) && /^-?\d+(\.\d+)?$/.test(value)) {
      const octal = path.endsWith('/mode') && /^0[0-7]+$/.test(value);
      return octal ? Number.parseInt(value, 8) : Number(value);
    }
    return truth.test(path) ? (WORDS.get(value.toLowerCase()) ?? value) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry, at) => cast(entry, `${path}/${at}`));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, cast(entry, path ? `${path}/${key}` : key)]),
  );
}

function pattern(places: string[]): RegExp {
  const one = (place: string): string =>
    place
      .split('.')
      .map((part) => (part === '*' ? '[^/]+' : part))
      .join('/');
  return new RegExp(`^(?:${places.map(one).join('|')})$`);
}
