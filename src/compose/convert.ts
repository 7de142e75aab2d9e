/** A compose file -> what a stack of it is made of, in the engine's own words, as `docker stack deploy` makes it. Pure. */
import { STACK_IMAGE_LABEL, STACK_LABEL, type ConfigSpec, type NetworkSpec } from '../swarm/stack-shapes.ts';
import type { ComposeFile, ComposeService } from './model.ts';
import type { Mount } from './short-forms.ts';

export interface StackSpec {
  services: ServiceSpec[];
  /** That the stack has for its own. */
  networks: NetworkSpec[];
  configs: ConfigSpec[];
  volumes: { name: string; external: boolean }[];
  /** Names of what must be there already. */
  external: { networks: string[]; configs: string[]; secrets: string[] };
}

/** A service's spec. Networks are named, and the IDs of configs and secrets are empty: see resolve.ts. */
export type ServiceSpec = ReturnType<typeof serviceSpec>;

export function convert(stack: string, file: ComposeFile): StackSpec {
  const scoped = (name: string): string => `${stack}_${name}`;
  const nameOf = (
    key: string,
    entry: { name: string; external: { is: boolean; name: string } } | undefined,
  ): string => entry?.name || entry?.external.name || (entry?.external.is ? key : scoped(key));
  const names = {
    network: (key: string) => nameOf(key, own(file.networks, key)),
    volume: (key: string) => nameOf(key, own(file.volumes, key)),
    config: (key: string) => nameOf(key, own(file.configs, key)),
    secret: (key: string) => nameOf(key, own(file.secrets, key)),
  };
  const services = Object.entries(file.services);
  const used = new Set(services.flatMap(([, { networks }]) => networks.map(({ name }) => name)));
  const usedNetworks = [...used].toSorted().map((key) => ({ key, entry: own(file.networks, key) }));
  const externalOf = (
    section: Record<string, { external: { is: boolean } }>,
    name: (key: string) => string,
  ) => Object.entries(section).flatMap(([key, { external }]) => (external.is ? [name(key)] : []));
  return {
    services: services
      .map(([key, service]) => serviceSpec(stack, key, service, file, names))
      .toSorted((a, b) => a.Name.localeCompare(b.Name)),
    networks: usedNetworks
      .filter(({ entry }) => !entry?.external.is)
      .map(({ key, entry }) => networkSpec(stack, names.network(key), entry)),
    configs: Object.entries(file.configs).flatMap(
      ([key, { external, labels, content = '', template_driver: driver }]) =>
        external.is
          ? []
          : [
              {
                Name: names.config(key),
                Labels: { ...labels, [STACK_LABEL]: stack },
                Data: Buffer.from(content).toString('base64'),
                ...(driver ? { Templating: { Name: driver } } : {}),
              },
            ],
    ),
    volumes: Object.entries(file.volumes).map(([key, { external }]) => ({
      name: names.volume(key),
      external: external.is,
    })),
    external: {
      networks: usedNetworks.flatMap(({ key, entry }) => (entry?.external.is ? [names.network(key)] : [])),
      configs: externalOf(file.configs, names.config),
      secrets: externalOf(file.secrets, names.secret),
    },
  };
}

interface Names {
  network: (key: string) => string;
  volume: (key: string) => string;
  config: (key: string) => string;
  secret: (key: string) => string;
}

/** A name in the file may be `constructor`. */
function own<T>(section: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(section, key) ? section[key] : undefined;
}

function networkSpec(
  stack: string,
  name: string,
  entry: ComposeFile['networks'][string] | undefined,
): NetworkSpec {
  return {
    Name: name,
    Driver: entry?.driver || 'overlay',
    Labels: { ...entry?.labels, [STACK_LABEL]: stack },
    Options: entry?.driver_opts ?? {},
    Internal: entry?.internal ?? false,
    Attachable: entry?.attachable ?? false,
    EnableIPv6: entry?.enable_ipv6 ?? false,
    CheckDuplicate: true,
    ...(entry?.ipam
      ? {
          IPAM: {
            Driver: entry.ipam.driver || 'default',
            Config: entry.ipam.config.map(({ subnet, gateway, ip_range: range }) => ({
              ...(subnet ? { Subnet: subnet } : {}),
              ...(gateway ? { Gateway: gateway } : {}),
              ...(range ? { IPRange: range } : {}),
            })),
          },
        }
      : {}),
  };
}

function serviceSpec(stack: string, key: string, service: ComposeService, file: ComposeFile, names: Names) {
  const deploy = service.deploy;
  const update = (config: UpdateSettings | undefined) =>
    config && {
      Parallelism: config.parallelism,
      Delay: config.delay,
      FailureAction: config.failure_action,
      Monitor: config.monitor,
      MaxFailureRatio: config.max_failure_ratio,
      Order: config.order,
    };
  const grant = ({ source, target, uid, gid, mode }: ComposeService['configs'][number]) => ({
    Name: target || source,
    UID: uid,
    GID: gid,
    Mode: mode,
  });
  const { limits, reservations } = deploy?.resources ?? {};
  return {
    Name: `${stack}_${key}`,
    Labels: { ...deploy?.labels, [STACK_LABEL]: stack, [STACK_IMAGE_LABEL]: service.image } as Record<
      string,
      string
    >,
    TaskTemplate: {
      ContainerSpec: {
        Image: service.image,
        ...optional('Command', service.entrypoint),
        ...optional('Args', service.command),
        Hostname: service.hostname,
        Hosts: service.extra_hosts.map(({ name, address }) => `${address} ${name}`),
        ...optional('DNSConfig', dns(service)),
        ...optional('Healthcheck', healthcheck(service)),
        Env: Object.entries(service.environment)
          .map(([name, value]) => `${name}=${value ?? ''}`)
          .toSorted(),
        Labels: { ...service.labels, [STACK_LABEL]: stack },
        Dir: service.working_dir,
        User: service.user,
        Groups: service.group_add,
        Mounts: [...service.volumes, ...service.tmpfs].map((mount) => mountSpec(stack, mount, file, names)),
        ...optional('StopGracePeriod', service.stop_grace_period),
        StopSignal: service.stop_signal,
        TTY: service.tty,
        OpenStdin: service.stdin_open,
        ReadOnly: service.read_only,
        Isolation: service.isolation,
        ...optional('Init', service.init),
        Sysctls: service.sysctls,
        CapabilityAdd: service.cap_add.map(capability).toSorted(),
        CapabilityDrop: service.cap_drop.map(capability).toSorted(),
        Ulimits: Object.entries(service.ulimits)
          .map(([name, { soft, hard }]) => ({ Name: name, Soft: soft, Hard: hard }))
          .toSorted((a, b) => a.Name.localeCompare(b.Name)),
        Secrets: service.secrets
          .map((one) => ({ SecretID: '', SecretName: names.secret(one.source), File: grant(one) }))
          .toSorted((a, b) => a.SecretName.localeCompare(b.SecretName)),
        Configs: service.configs
          .map((one) => ({ ConfigID: '', ConfigName: names.config(one.source), File: grant(one) }))
          .toSorted((a, b) => a.ConfigName.localeCompare(b.ConfigName)),
      },
      ...optional(
        'LogDriver',
        service.logging && { Name: service.logging.driver, Options: service.logging.options },
      ),
      Resources: {
        ...optional(
          'Limits',
          limits && {
            NanoCPUs: limits.cpus ?? 0,
            MemoryBytes: limits.memory ?? 0,
            Pids: limits.pids,
          },
        ),
        ...optional(
          'Reservations',
          reservations && {
            NanoCPUs: reservations.cpus ?? 0,
            MemoryBytes: reservations.memory ?? 0,
            GenericResources: reservations.generic_resources.map(({ discrete_resource_spec: one }) => ({
              DiscreteResourceSpec: { Kind: one.kind, Value: one.value },
            })),
          },
        ),
      },
      ...optional('RestartPolicy', restartPolicy(service)),
      Placement: {
        Constraints: deploy?.placement.constraints ?? [],
        Preferences: (deploy?.placement.preferences ?? []).map(({ spread }) => ({
          Spread: { SpreadDescriptor: spread },
        })),
        MaxReplicas: deploy?.placement.max_replicas_per_node ?? 0,
      },
      Networks: service.networks
        .map(({ name, aliases, driverOpts }) => {
          const target = names.network(name);
          return {
            Target: target,
            // The networks that every node has for itself know no aliases.
            Aliases: PREDEFINED.has(target) ? [] : [...aliases, key],
            DriverOpts: driverOpts,
          };
        })
        .toSorted((a, b) => a.Target.localeCompare(b.Target)),
    },
    EndpointSpec: {
      Mode: deploy?.endpoint_mode ?? 'vip',
      Ports: service.ports
        .map(({ protocol, target, published, mode }) => ({
          Protocol: protocol,
          TargetPort: target,
          PublishedPort: published,
          PublishMode: mode,
        }))
        .toSorted((a, b) => a.TargetPort - b.TargetPort || a.PublishedPort - b.PublishedPort),
    },
    Mode: mode(deploy?.mode ?? 'replicated', deploy?.replicas),
    ...optional('UpdateConfig', update(deploy?.update_config)),
    ...optional('RollbackConfig', update(deploy?.rollback_config)),
  };
}

type UpdateSettings = NonNullable<NonNullable<ComposeService['deploy']>['update_config']>;

/** Networks that every node has for itself. */
export const PREDEFINED: ReadonlySet<string> = new Set(['host', 'bridge', 'none']);

/** The engine takes an absent field otherwise than an empty one. */
function optional<K extends string, T>(name: K, value: T | undefined): { [key in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]?: T });
}

/** A replicated service without a number has none here: what runs keeps its own, a new one begins with 1. */
function mode(name: NonNullable<ComposeService['deploy']>['mode'], replicas: number | undefined) {
  return {
    ...(name === 'replicated' ? { Replicated: optional('Replicas', replicas) } : {}),
    ...(name === 'global' ? { Global: {} } : {}),
    ...(name === 'replicated-job'
      ? { ReplicatedJob: { MaxConcurrent: replicas ?? 1, TotalCompletions: replicas ?? 1 } }
      : {}),
    ...(name === 'global-job' ? { GlobalJob: {} } : {}),
  };
}

function restartPolicy({ deploy, restart }: ComposeService) {
  if (deploy?.restart_policy) {
    const { condition, delay, max_attempts: attempts, window } = deploy.restart_policy;
    return {
      Condition: condition,
      ...optional('Delay', delay),
      ...optional('MaxAttempts', attempts),
      ...optional('Window', window),
    };
  }
  if (restart === undefined) return undefined;
  if (restart === 'no') return { Condition: 'none' };
  const attempts = Number(/^on-failure:(\d+)$/.exec(restart)?.[1] ?? 0);
  return {
    Condition: restart.startsWith('on-failure') ? 'on-failure' : 'any',
    ...(attempts > 0 ? { MaxAttempts: attempts } : {}),
  };
}

function healthcheck({ healthcheck: check }: ComposeService) {
  if (!check) return undefined;
  if (check.disable) return { Test: ['NONE'] };
  return {
    Test: check.test,
    Interval: check.interval ?? 0,
    Timeout: check.timeout ?? 0,
    StartPeriod: check.start_period ?? 0,
    Retries: check.retries,
  };
}

function dns({ dns, dns_search: search, dns_opt: options }: ComposeService) {
  if (dns.length + search.length + options.length === 0) return undefined;
  return { Nameservers: dns, Search: search, Options: options };
}

/** `net_admin` -> `CAP_NET_ADMIN`, as the engine keeps it. */
function capability(name: string): string {
  const upper = name.toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

function mountSpec(stack: string, mount: Mount, file: ComposeFile, names: Names) {
  const { type, source, target, readOnly, consistency, propagation, nocopy, sizeBytes, mode } = mount;
  const volume = type === 'volume' && source !== '' ? own(file.volumes, source) : undefined;
  const driver =
    volume && !volume.external.is && (volume.driver || Object.keys(volume.driver_opts).length > 0)
      ? { DriverConfig: { Name: volume.driver, Options: volume.driver_opts } }
      : {};
  return {
    Type: type,
    Source: volume ? names.volume(source) : source,
    Target: target,
    ReadOnly: readOnly,
    Consistency: consistency,
    ...(propagation ? { BindOptions: { Propagation: propagation } } : {}),
    ...(volume
      ? {
          VolumeOptions: {
            NoCopy: nocopy,
            ...(volume.external.is ? {} : { Labels: { ...volume.labels, [STACK_LABEL]: stack } }),
            ...driver,
          },
        }
      : {}),
    ...(type === 'tmpfs' && (sizeBytes > 0 || mode > 0)
      ? {
          TmpfsOptions: {
            ...(sizeBytes > 0 ? { SizeBytes: sizeBytes } : {}),
            ...(mode > 0 ? { Mode: mode } : {}),
          },
        }
      : {}),
  };
}
