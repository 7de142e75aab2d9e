/** A compose file in one form: what may be written in several ways is brought to one. The schema has been checked. Pure. */
import { z } from 'zod';
import {
  badMount,
  PLAIN_MOUNT,
  shortMount,
  shortPorts,
  shortTmpfs,
  type Mount,
  type Port,
} from './short-forms.ts';
import { byteCount, nanoCpus, nanoseconds, shellWords } from './units.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Text in, something else out; `none` is what a text that means nothing is told. */
const reads = <T>(read: (value: string | number) => T | undefined, none: string) =>
  z.union([z.string(), z.number()]).transform((value, context) => {
    const found = read(value);
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message: none });
    return z.NEVER;
  });

const duration = reads((value) => nanoseconds(String(value)), 'must be a span of time such as 1m30s');
const size = reads(byteCount, 'must be a size such as 512M');
const cpus = reads(nanoCpus, 'must be a number of CPUs such as 0.5');

/** Words for the container, or undefined for what its image says. */
const command = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((value, context) => {
    if (typeof value !== 'string') return value ?? undefined;
    const words = shellWords(value);
    if (words) return words;
    context.addIssue({ code: 'custom', message: 'has a quote that never closes' });
    return z.NEVER;
  });

const strings = z
  .union([z.string(), z.array(z.union([z.string(), z.number()]))])
  .nullish()
  .transform((value) => [value ?? []].flat().map(String));

/** `{A: 1}` and `["A=1"]` -> pairs; a name without a value has null. */
const pairs = z
  .union([z.record(z.string(), scalar), z.array(z.string())])
  .nullish()
  .transform((value): Record<string, string | null> => {
    const entries = Array.isArray(value)
      ? value.map((entry): [string, string | null] => {
          const at = entry.indexOf('=');
          return at === -1 ? [entry, null] : [entry.slice(0, at), entry.slice(at + 1)];
        })
      : Object.entries(value ?? {}).map(([name, entry]): [string, string | null] => [
          name,
          entry === null ? null : String(entry),
        ]);
    return Object.fromEntries(entries);
  });

const labels = pairs.transform((given) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value ?? ''])),
);

const options = z
  .record(z.string(), z.union([z.string(), z.number(), z.null()]))
  .nullish()
  .transform((given) =>
    Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [name, String(value ?? '')])),
  );

/** `a:1.2.3.4` or `{a: 1.2.3.4}`, in the order given. */
const extraHosts = z
  .union([z.record(z.string(), scalar), z.array(z.string())])
  .nullish()
  .transform((given) =>
    (Array.isArray(given)
      ? given.map((entry) => entry.split(/[:=](.*)/s).slice(0, 2))
      : Object.entries(given ?? {}).map(([name, address]) => [name, String(address)])
    ).map(([name = '', address = '']) => ({ name, address })),
  );

const ports = z
  .array(
    z.union([
      z.number(),
      z.string(),
      z.object({
        target: z.int().min(1).max(65_535),
        published: z.union([z.int(), z.string()]).optional(),
        protocol: z.enum(['tcp', 'udp', 'sctp']).default('tcp'),
        mode: z.enum(['ingress', 'host']).default('ingress'),
      }),
    ]),
  )
  .nullish()
  .transform((entries, context): Port[] =>
    (entries ?? []).flatMap((entry, at) => {
      const found =
        typeof entry === 'object'
          ? /^\d{0,5}$/.test(String(entry.published ?? '')) && Number(entry.published ?? 0) <= 65_535
            ? [{ ...entry, published: Number(entry.published ?? 0) }]
            : 'its published port must be a number from 1 to 65535'
          : shortPorts(String(entry));
      if (typeof found !== 'string') return found;
      context.addIssue({ code: 'custom', message: `does not fit: ${found}`, path: [at] });
      return z.NEVER;
    }),
  );

const mounts = z
  .array(
    z.union([
      z.string(),
      z.object({
        type: z.enum(['volume', 'bind', 'tmpfs'], { error: 'must be volume, bind or tmpfs' }),
        source: z.string().default(''),
        target: z.string().default(''),
        read_only: z.boolean().default(false),
        consistency: z.string().default(''),
        bind: z.object({ propagation: z.string().default('') }).optional(),
        volume: z.object({ nocopy: z.boolean().default(false) }).optional(),
        tmpfs: z.object({ size: size.optional(), mode: z.number().optional() }).optional(),
      }),
    ]),
  )
  .nullish()
  .transform((entries, context): Mount[] =>
    (entries ?? []).flatMap((entry, at) => {
      const found: Mount | string =
        typeof entry === 'string'
          ? shortMount(entry)
          : {
              ...PLAIN_MOUNT,
              type: entry.type,
              source: entry.source,
              target: entry.target,
              readOnly: entry.read_only,
              consistency: entry.consistency,
              propagation: entry.bind?.propagation ?? '',
              nocopy: entry.volume?.nocopy ?? false,
              sizeBytes: entry.tmpfs?.size ?? 0,
              mode: entry.tmpfs?.mode ?? 0,
            };
      const wrong = typeof found === 'string' ? found : badMount(found);
      if (wrong === undefined && typeof found !== 'string') return [found];
      context.addIssue({ code: 'custom', message: `does not fit: ${wrong}`, path: [at] });
      return z.NEVER;
    }),
  );

const tmpfs = strings.transform((entries, context) =>
  entries.flatMap((entry) => {
    const found = shortTmpfs(entry, byteCount);
    const wrong = typeof found === 'string' ? found : badMount(found);
    if (wrong === undefined && typeof found !== 'string') return [found];
    context.addIssue({ code: 'custom', message: `does not fit: ${wrong}` });
    return z.NEVER;
  }),
);

/** Use of a config or a secret. `target` empty: its own name. */
const grants = z
  .array(
    z.union([
      z.string(),
      z.object({
        source: z.string(),
        target: z.string().default(''),
        uid: z.string().default('0'),
        gid: z.string().default('0'),
        mode: z.number().default(0o444),
      }),
    ]),
  )
  .nullish()
  .transform((entries) =>
    (entries ?? []).map((entry) =>
      typeof entry === 'string' ? { source: entry, target: '', uid: '0', gid: '0', mode: 0o444 } : entry,
    ),
  );

const attachments = z
  .union([
    z.array(z.string()),
    z.record(z.string(), z.object({ aliases: strings, driver_opts: options }).nullish()),
  ])
  .nullish()
  .transform((given) => {
    const entries = Array.isArray(given)
      ? given.map((name) => [name, undefined] as const)
      : Object.entries(given ?? {});
    const all = entries.length > 0 ? entries : [['default', undefined] as const];
    return all.map(([name, entry]) => ({
      name,
      aliases: entry?.aliases ?? [],
      driverOpts: entry?.driver_opts ?? {},
    }));
  });

const healthcheck = z
  .object({
    disable: z.boolean().default(false),
    test: z
      .union([z.string(), z.array(z.string())])
      .nullish()
      .transform((test) => (typeof test === 'string' ? ['CMD-SHELL', test] : (test ?? []))),
    interval: duration.optional(),
    timeout: duration.optional(),
    start_period: duration.optional(),
    retries: z.int().min(0).default(0),
  })
  .optional();

const updateConfig = z
  .object({
    parallelism: z.int().min(0).default(1),
    delay: duration.default(0),
    failure_action: z.enum(['pause', 'continue', 'rollback']).default('pause'),
    monitor: duration.default(0),
    max_failure_ratio: z.number().min(0).max(1).default(0),
    order: z.enum(['stop-first', 'start-first']).default('stop-first'),
  })
  .optional();

const resources = z
  .object({
    limits: z
      .object({ cpus: cpus.optional(), memory: size.optional(), pids: z.int().min(0).default(0) })
      .optional(),
    reservations: z
      .object({
        cpus: cpus.optional(),
        memory: size.optional(),
        generic_resources: z
          .array(z.object({ discrete_resource_spec: z.object({ kind: z.string(), value: z.number() }) }))
          .default([]),
      })
      .optional(),
  })
  .default({});

const deploy = z
  .object({
    mode: z.enum(['replicated', 'global', 'replicated-job', 'global-job']).default('replicated'),
    replicas: z.int().min(0).optional(),
    endpoint_mode: z.enum(['vip', 'dnsrr']).default('vip'),
    labels,
    update_config: updateConfig,
    rollback_config: updateConfig,
    resources,
    restart_policy: z
      .object({
        condition: z
          .enum(['none', 'on-failure', 'any'], { error: 'must be none, on-failure or any' })
          .default('any'),
        delay: duration.optional(),
        max_attempts: z.int().min(0).optional(),
        window: duration.optional(),
      })
      .optional(),
    placement: z
      .object({
        constraints: z.array(z.string()).default([]),
        preferences: z.array(z.object({ spread: z.string() })).default([]),
        max_replicas_per_node: z.int().min(0).default(0),
      })
      .prefault({}),
  })
  .nullish()
  .transform((given) => given ?? undefined);

const service = z.object({
  image: z.string({ error: 'is missing: a stack runs an image that is there already' }).min(1),
  command,
  entrypoint: command,
  environment: pairs,
  labels,
  deploy,
  ports,
  volumes: mounts,
  tmpfs,
  networks: attachments,
  configs: grants,
  secrets: grants,
  healthcheck,
  hostname: z.string().default(''),
  user: z.string().default(''),
  working_dir: z.string().default(''),
  group_add: strings,
  cap_add: strings,
  cap_drop: strings,
  dns: strings,
  dns_search: strings,
  dns_opt: strings,
  extra_hosts: extraHosts,
  init: z.boolean().optional(),
  isolation: z.string().default(''),
  tty: z.boolean().default(false),
  stdin_open: z.boolean().default(false),
  read_only: z.boolean().default(false),
  restart: z
    .string()
    .regex(
      /^(no|always|unless-stopped|on-failure(:\d+)?)$/,
      'must be no, always, unless-stopped or on-failure',
    )
    .optional(),
  stop_grace_period: duration.optional(),
  stop_signal: z.string().default(''),
  sysctls: labels,
  ulimits: z
    .record(
      z.string(),
      z
        .union([z.int(), z.object({ soft: z.int(), hard: z.int() })])
        .transform((limit) => (typeof limit === 'number' ? { soft: limit, hard: limit } : limit)),
    )
    .default({}),
  logging: z.object({ driver: z.string().default(''), options }).optional(),
});

/** `external: true`, or the old `external: {name: x}`. */
const external = z
  .union([z.boolean(), z.object({ name: z.string().optional() })])
  .default(false)
  .transform((given) =>
    typeof given === 'boolean' ? { is: given, name: '' } : { is: true, name: given.name ?? '' },
  );

const named = z.object({ name: z.string().default(''), external, labels });

const network = named.extend({
  driver: z.string().default(''),
  driver_opts: options,
  internal: z.boolean().default(false),
  attachable: z.boolean().default(false),
  enable_ipv6: z.boolean().default(false),
  ipam: z
    .object({
      driver: z.string().default(''),
      config: z
        .array(
          z.object({
            subnet: z.string().default(''),
            gateway: z.string().default(''),
            ip_range: z.string().default(''),
          }),
        )
        .default([]),
    })
    .optional(),
});
const volume = named.extend({ driver: z.string().default(''), driver_opts: options });
const config = named.extend({ content: z.string().optional(), template_driver: z.string().default('') });

const section = <T extends z.ZodType>(entry: T) =>
  z
    .record(
      z.string(),
      z.preprocess((given) => given ?? {}, entry),
    )
    .nullish()
    .transform((given) => given ?? {});

export const composeFile = z.object({
  name: z.string().default(''),
  services: z.record(z.string(), service),
  networks: section(network),
  volumes: section(volume),
  configs: section(config),
  secrets: section(named),
});

export type ComposeFile = z.infer<typeof composeFile>;
export type ComposeService = ComposeFile['services'][string];
