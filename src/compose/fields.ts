/** What differs between two services, in words. Values are told only where no password can stand. Pure. */
import { viewOf, type ServiceView } from './view.ts';

/** How a field is told: by its values, by the names in it, or only that it differs. */
type Field = { key: keyof ServiceView; is: string } & (
  { show: (value: never) => string } | { names: true } | { hidden: true }
);

const plain = (value: string | number | null): string =>
  value === null || value === '' ? 'none' : String(value);
const joined = (values: string[]): string => (values.length === 0 ? 'none' : values.join(', '));
const size = (bytes: number): string =>
  bytes === 0 ? 'none' : bytes % 1024 ** 2 === 0 ? `${bytes / 1024 ** 2} MiB` : `${bytes} bytes`;
const cpus = (nano: number): string => (nano === 0 ? 'none' : `${nano / 1e9} CPU`);
const seconds = (nano: number): string => `${nano / 1e9} s`;
const limit = (value: number): string => (value === 0 ? 'none' : String(value));
const grants = (all: { ConfigName?: string; SecretName?: string; File: { Name: string } }[]): string =>
  joined(all.map(({ ConfigName, SecretName, File }) => `${ConfigName ?? SecretName ?? ''} as ${File.Name}`));

/** A volume may be a folder of the node under another name: `{ o: bind, device: / }`. */
function madeOf({ VolumeOptions }: ServiceView['mounts'][number]): string {
  const device = VolumeOptions?.DriverConfig.Options.device;
  return device === undefined ? '' : ` (is ${device})`;
}

const FIELDS: Field[] = [
  { key: 'image', is: 'image', show: (image: string) => short(image) },
  { key: 'replicas', is: 'replicas', show: plain },
  { key: 'ports', is: 'ports', show: joined },
  { key: 'environment', is: 'environment', names: true },
  { key: 'entrypoint', is: 'entrypoint', hidden: true },
  { key: 'command', is: 'command', hidden: true },
  {
    key: 'networks',
    is: 'networks',
    show: (all: ServiceView['networks']) =>
      joined(all.map(({ name, Aliases }) => `${name} (${Aliases.join(', ')})`)),
  },
  {
    key: 'mounts',
    is: 'mounts',
    show: (all: ServiceView['mounts']) =>
      joined(
        all.map(
          (mount) =>
            `${mount.Source || mount.Type} at ${mount.Target}${mount.ReadOnly ? ' read-only' : ''}${madeOf(mount)}`,
        ),
      ),
  },
  { key: 'configs', is: 'configs', show: grants },
  { key: 'secrets', is: 'secrets', show: grants },
  { key: 'constraints', is: 'constraints', show: joined },
  { key: 'preferences', is: 'placement preferences', show: joined },
  { key: 'maxPerNode', is: 'most replicas on a node', show: limit },
  { key: 'cpuLimit', is: 'CPU limit', show: cpus },
  { key: 'memoryLimit', is: 'memory limit', show: size },
  { key: 'processLimit', is: 'process limit', show: limit },
  { key: 'cpuReservation', is: 'reserved CPU', show: cpus },
  { key: 'memoryReservation', is: 'reserved memory', show: size },
  { key: 'genericResources', is: 'reserved resources', hidden: true },
  {
    key: 'restartPolicy',
    is: 'restart policy',
    show: ({ Condition, Delay, MaxAttempts }: ServiceView['restartPolicy']) =>
      `${Condition} after ${seconds(Delay)}${MaxAttempts > 0 ? `, ${MaxAttempts} times` : ''}`,
  },
  { key: 'updateConfig', is: 'update settings', show: updating },
  { key: 'rollbackConfig', is: 'rollback settings', show: updating },
  { key: 'endpointMode', is: 'endpoint mode', show: plain },
  { key: 'healthcheck', is: 'healthcheck', hidden: true },
  { key: 'labels', is: 'labels', names: true },
  { key: 'containerLabels', is: 'container labels', names: true },
  { key: 'logging', is: 'logging', hidden: true },
  { key: 'hostname', is: 'hostname', show: plain },
  { key: 'user', is: 'user', show: plain },
  { key: 'groups', is: 'groups', show: joined },
  { key: 'workingDir', is: 'working directory', show: plain },
  { key: 'dns', is: 'DNS', hidden: true },
  { key: 'hosts', is: 'extra hosts', show: joined },
  { key: 'capabilities', is: 'capabilities', hidden: true },
  { key: 'sysctls', is: 'sysctls', names: true },
  { key: 'ulimits', is: 'ulimits', hidden: true },
  {
    key: 'init',
    is: 'init',
    show: (init: boolean | null) => (init === null ? 'as the engine has it' : String(init)),
  },
  { key: 'readOnly', is: 'read-only', show: String },
  { key: 'terminal', is: 'terminal', hidden: true },
  { key: 'stopGracePeriod', is: 'time to stop', show: seconds },
  { key: 'stopSignal', is: 'stop signal', show: plain },
  { key: 'isolation', is: 'isolation', show: plain },
];

function updating({ Parallelism, Delay, FailureAction, Order }: ServiceView['updateConfig']): string {
  return `${Parallelism || 'all'} at a time, ${seconds(Delay)} apart, ${Order}, on failure ${FailureAction}`;
}

/** `nginx:1.25`, with no more of a digest than tells two apart. */
function short(image: string): string {
  return image.replace(/@sha256:([0-9a-f]{12})[0-9a-f]*$/, '@$1');
}

/** `image: nginx:1.24 → nginx:1.25`, `environment: LOG_LEVEL changed, DEBUG added`: a line for each field that differs. */
export function changes(from: ServiceView, to: ServiceView): string[] {
  return FIELDS.flatMap((field) => {
    const [before, after] = [from[field.key], to[field.key]];
    if (stable(before) === stable(after)) return [];
    if ('names' in field) return [`${field.is}: ${named(before as Pairs, after as Pairs)}`];
    if ('hidden' in field) return [`${field.is} changed`];
    const [old, next] = [field.show(before as never), field.show(after as never)];
    return [old === next ? `${field.is} changed` : `${field.is}: ${old} → ${next}`];
  });
}

/** `image: nginx:1.25`, `mounts: /data at /srv`: a line for each field of a new service that is not as it would be anyway. */
export function settings(view: ServiceView): string[] {
  const nothing = viewOf({}, new Map());
  return FIELDS.flatMap((field) => {
    const value = view[field.key];
    if (stable(value) === stable(nothing[field.key])) return [];
    if ('names' in field)
      return [
        `${field.is}: ${Object.keys(value as Pairs)
          .toSorted()
          .join(', ')}`,
      ];
    if ('hidden' in field) return [`${field.is} of its own`];
    return [`${field.is}: ${field.show(value as never)}`];
  });
}

type Pairs = Record<string, string>;

function named(before: Pairs, after: Pairs): string {
  const told = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted().flatMap((name) => {
    if (!Object.hasOwn(before, name)) return [`${name} added`];
    if (!Object.hasOwn(after, name)) return [`${name} removed`];
    return before[name] === after[name] ? [] : [`${name} changed`];
  });
  return told.join(', ');
}

/** The same text for the same value, in whatever order its keys came. */
export function stable(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}
