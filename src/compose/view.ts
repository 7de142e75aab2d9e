/**
 * A service's spec as it is compared: every field that compose files speak of, with the engine's own defaults, whoever
 * wrote it. A spec that was sent and the same one read back look alike. Pure.
 */
import { z } from 'zod';
import { CHAT_SCALE_LABEL } from '../swarm/chat-scale.ts';
import { STACK_IMAGE_LABEL, STACK_LABEL } from '../swarm/stack-shapes.ts';

const or = <T extends z.ZodType>(schema: T, none: z.output<T>) =>
  schema.nullish().transform((value) => value ?? none);
const text = or(z.string(), '');
const number = or(z.number(), 0);
const flag = or(z.boolean(), false);
const texts = or(z.array(z.string()), []);
const map = or(z.record(z.string(), z.string()), {});
const sorted = texts.transform((all) => all.toSorted());
const part = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.preprocess((given) => given ?? {}, z.object(shape));
const list = <T extends z.ZodType>(entry: T) => or(z.array(entry), []);

const SECOND = 1e9;
const zeroIs = (none: number) => number.transform((value) => value || none);

const update = part({
  Parallelism: or(z.number(), 1),
  Delay: number,
  FailureAction: text.transform((value) => value || 'pause'),
  Monitor: zeroIs(5 * SECOND),
  MaxFailureRatio: number.transform((value) => Math.round(value * 1e4) / 1e4),
  Order: text.transform((value) => value || 'stop-first'),
});

const file = part({ Name: text, UID: text, GID: text, Mode: number });

const mount = z
  .object({
    Type: text,
    Source: text,
    Target: text,
    ReadOnly: flag,
    Consistency: text.transform((value) => (value === 'default' ? '' : value)),
    BindOptions: part({ Propagation: text.transform((value) => value || 'rprivate') }),
    VolumeOptions: part({
      NoCopy: flag,
      Labels: map,
      DriverConfig: part({ Name: text, Options: map }),
    }),
    TmpfsOptions: part({ SizeBytes: number, Mode: number }),
  })
  .transform(({ BindOptions, VolumeOptions, TmpfsOptions, ...rest }) => ({
    ...rest,
    ...(rest.Type === 'bind' ? { BindOptions } : {}),
    ...(rest.Type === 'volume' ? { VolumeOptions } : {}),
    ...(rest.Type === 'tmpfs' ? { TmpfsOptions } : {}),
  }));

const OWN_LABELS = new Set([STACK_LABEL, STACK_IMAGE_LABEL, CHAT_SCALE_LABEL]);

const spec = z.object({
  Labels: map.transform((all) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !OWN_LABELS.has(name))),
  ),
  TaskTemplate: part({
    ContainerSpec: part({
      Image: text,
      Command: texts,
      Args: texts,
      Hostname: text,
      Hosts: texts,
      DNSConfig: part({ Nameservers: texts, Search: texts, Options: texts }),
      Healthcheck: part({
        Test: texts,
        Interval: number,
        Timeout: number,
        StartPeriod: number,
        Retries: number,
      }),
      Env: texts,
      Labels: map.transform((all) => {
        const { [STACK_LABEL]: _stack, ...rest } = all;
        return rest;
      }),
      Dir: text,
      User: text,
      Groups: texts,
      Mounts: list(mount),
      StopGracePeriod: or(z.number(), 10 * SECOND),
      StopSignal: text,
      TTY: flag,
      OpenStdin: flag,
      ReadOnly: flag,
      Isolation: text.transform((value) => (value === 'default' ? '' : value)),
      Init: or(z.boolean().nullable(), null),
      Sysctls: map,
      CapabilityAdd: sorted,
      CapabilityDrop: sorted,
      Ulimits: list(z.object({ Name: text, Soft: number, Hard: number })),
      Secrets: list(z.object({ SecretID: text, SecretName: text, File: file })),
      Configs: list(z.object({ ConfigID: text, ConfigName: text, File: file })),
    }),
    LogDriver: part({ Name: text, Options: map }),
    Resources: part({
      Limits: part({ NanoCPUs: number, MemoryBytes: number, Pids: number }),
      Reservations: part({
        NanoCPUs: number,
        MemoryBytes: number,
        GenericResources: list(z.object({ DiscreteResourceSpec: part({ Kind: text, Value: number }) })),
      }),
    }),
    RestartPolicy: part({
      Condition: text.transform((value) => value || 'any'),
      Delay: or(z.number(), 5 * SECOND),
      MaxAttempts: number,
      Window: number,
    }),
    Placement: part({
      Constraints: texts,
      Preferences: list(z.object({ Spread: part({ SpreadDescriptor: text }) })),
      MaxReplicas: number,
    }),
    Networks: list(z.object({ Target: text, Aliases: sorted, DriverOpts: map })),
  }),
  EndpointSpec: part({
    Mode: text.transform((value) => value || 'vip'),
    Ports: list(
      z.object({
        Protocol: text.transform((value) => value || 'tcp'),
        TargetPort: number,
        PublishedPort: number,
        PublishMode: text.transform((value) => value || 'ingress'),
      }),
    ),
  }),
  Mode: part({
    Replicated: z.object({ Replicas: z.number().nullish() }).nullish(),
    Global: z.object({}).nullish(),
    ReplicatedJob: z.object({ TotalCompletions: number, MaxConcurrent: number }).nullish(),
    GlobalJob: z.object({}).nullish(),
  }),
  UpdateConfig: update,
  RollbackConfig: update,
});

export type ServiceView = ReturnType<typeof viewOf>;

/** `networks`: names by ID; a target that is not in it is taken for a name. */
export function viewOf(raw: unknown, networks: ReadonlyMap<string, string>) {
  const {
    Labels: labels,
    TaskTemplate: task,
    EndpointSpec,
    Mode,
    UpdateConfig,
    RollbackConfig,
  } = spec.parse(raw);
  const container = task.ContainerSpec;
  const { Limits, Reservations } = task.Resources;
  return {
    image: container.Image,
    entrypoint: container.Command,
    command: container.Args,
    environment: variables(container.Env),
    mode: modeName(Mode),
    replicas: Mode.Replicated
      ? (Mode.Replicated.Replicas ?? 1)
      : (Mode.ReplicatedJob?.TotalCompletions ?? null),
    ports: EndpointSpec.Ports.map(
      ({ PublishedPort, TargetPort, Protocol, PublishMode }) =>
        `${PublishedPort || '*'}:${TargetPort}/${Protocol}${PublishMode === 'host' ? ' (host)' : ''}`,
    ).toSorted(),
    endpointMode: EndpointSpec.Mode,
    networks: task.Networks.map(({ Target, ...rest }) => ({
      name: networks.get(Target) ?? Target,
      ...rest,
    })).toSorted((a, b) => a.name.localeCompare(b.name)),
    mounts: container.Mounts.toSorted((a, b) => a.Target.localeCompare(b.Target)),
    configs: container.Configs.toSorted((a, b) => a.ConfigName.localeCompare(b.ConfigName)),
    secrets: container.Secrets.toSorted((a, b) => a.SecretName.localeCompare(b.SecretName)),
    constraints: task.Placement.Constraints,
    preferences: task.Placement.Preferences.map(({ Spread }) => Spread.SpreadDescriptor),
    maxPerNode: task.Placement.MaxReplicas,
    cpuLimit: Limits.NanoCPUs,
    memoryLimit: Limits.MemoryBytes,
    processLimit: Limits.Pids,
    cpuReservation: Reservations.NanoCPUs,
    memoryReservation: Reservations.MemoryBytes,
    genericResources: Reservations.GenericResources,
    restartPolicy: task.RestartPolicy,
    updateConfig: UpdateConfig,
    rollbackConfig: RollbackConfig,
    healthcheck: container.Healthcheck,
    labels,
    containerLabels: container.Labels,
    logging: task.LogDriver,
    hostname: container.Hostname,
    user: container.User,
    groups: container.Groups,
    workingDir: container.Dir,
    dns: container.DNSConfig,
    hosts: container.Hosts,
    capabilities: { add: container.CapabilityAdd, drop: container.CapabilityDrop },
    sysctls: container.Sysctls,
    ulimits: container.Ulimits.toSorted((a, b) => a.Name.localeCompare(b.Name)),
    init: container.Init,
    readOnly: container.ReadOnly,
    terminal: { tty: container.TTY, stdin: container.OpenStdin },
    stopGracePeriod: container.StopGracePeriod,
    stopSignal: container.StopSignal,
    isolation: container.Isolation,
  };
}

function modeName(
  mode: Partial<Record<'Replicated' | 'Global' | 'ReplicatedJob' | 'GlobalJob', unknown>>,
): string {
  if (mode.Global) return 'global';
  if (mode.ReplicatedJob) return 'replicated-job';
  return mode.GlobalJob ? 'global-job' : 'replicated';
}

function variables(env: string[]): Record<string, string> {
  return Object.fromEntries(
    env.map((entry) => {
      const at = entry.indexOf('=');
      return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
