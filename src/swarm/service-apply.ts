/** A spec out of what is wanted, and what is wanted applied to a spec. Pure. */
import { CHAT_SCALE_LABEL } from './chat-scale.ts';
import type { Amounts, NewService, Port, ServiceChange, UpdateRule } from './service-changes.ts';
import { constraint, nameOf, tagged, toPort } from './service-fields.ts';
import type { RawAmounts, RawPort, RawRule, RawSpec } from './service-spec.ts';

/** What the engine does without a rule: with one, it would take what is left out of it for zero. */
const DEFAULT_RULE: RawRule = {
  Parallelism: 1,
  Monitor: 5e9,
  FailureAction: 'pause',
  Order: 'stop-first',
};

/** What is left out is left to the engine. */
export function specOf(wanted: NewService): RawSpec {
  const { reserve, limit, maxPerNode, constraints, restart, entrypoint, args } = wanted;
  const reservations = amounts({}, reserve);
  const limits = amounts({}, limit);
  return {
    Name: wanted.name,
    Labels: wanted.labels,
    TaskTemplate: {
      ContainerSpec: {
        Image: tagged(wanted.image),
        ...(wanted.env.length > 0 ? { Env: wanted.env } : {}),
        ...(entrypoint ? { Command: entrypoint } : {}),
        ...(args ? { Args: args } : {}),
        ...(wanted.mounts.length > 0
          ? {
              Mounts: wanted.mounts.map(({ type, source, target, readOnly }) => ({
                Type: type,
                ...(source === '' ? {} : { Source: source }),
                Target: target,
                ...(readOnly ? { ReadOnly: true } : {}),
              })),
            }
          : {}),
      },
      ...(reservations || limits
        ? {
            Resources: {
              ...(limits ? { Limits: limits } : {}),
              ...(reservations ? { Reservations: reservations } : {}),
            },
          }
        : {}),
      ...(restart ? { RestartPolicy: { Condition: restart } } : {}),
      ...(constraints.length > 0 || maxPerNode > 0
        ? {
            Placement: {
              ...(constraints.length > 0 ? { Constraints: constraints.map(constraint) } : {}),
              ...(maxPerNode > 0 ? { MaxReplicas: maxPerNode } : {}),
            },
          }
        : {}),
      ...(wanted.networks.length > 0 ? { Networks: wanted.networks.map((name) => ({ Target: name })) } : {}),
    },
    Mode: wanted.replicas === null ? { Global: {} } : { Replicated: { Replicas: wanted.replicas } },
    ...(wanted.update ? { UpdateConfig: ruleOf(DEFAULT_RULE, wanted.update) } : {}),
    ...(wanted.ports.length > 0 ? { EndpointSpec: { Ports: wanted.ports.map(rawPort) } } : {}),
  };
}

/**
 * The same spec with the change in it; all else as it was. `forceTo`: the counter of forced updates is raised to this,
 * so that applying it twice restarts once.
 */
export function applyChange(spec: RawSpec, change: ServiceChange, forceTo: number): RawSpec {
  const next = structuredClone(spec);
  const template = next.TaskTemplate;
  const container = template.ContainerSpec;
  if (
    change.image !== undefined &&
    tagged(change.image) !== tagged(container.Image.replace(/@sha256:.*$/, ''))
  )
    container.Image = tagged(change.image);
  if (change.replicas !== undefined) {
    const already = next.Mode.Replicated?.Replicas === change.replicas;
    next.Mode = { ...next.Mode, Replicated: { ...next.Mode.Replicated, Replicas: change.replicas } };
    if (!already || next.Labels?.[CHAT_SCALE_LABEL] !== undefined)
      next.Labels = { ...next.Labels, [CHAT_SCALE_LABEL]: String(change.replicas) };
  }
  if (change.envAdd || change.envRm)
    container.Env = environment(container.Env ?? [], change.envAdd ?? [], change.envRm ?? []);
  if (change.labelAdd || change.labelRm) {
    next.Labels = { ...next.Labels, ...change.labelAdd };
    for (const name of change.labelRm ?? []) delete next.Labels[name];
  }
  if (change.args) container.Args = change.args;
  if (change.constraintAdd || change.constraintRm) {
    const without = new Set((change.constraintRm ?? []).map(constraint));
    const kept = (template.Placement?.Constraints ?? []).filter((one) => !without.has(constraint(one)));
    const known = new Set(kept.map(constraint));
    const added = (change.constraintAdd ?? []).map(constraint).filter((one) => !known.has(one));
    template.Placement = { ...template.Placement, Constraints: [...kept, ...added] };
  }
  if (change.maxPerNode !== undefined)
    template.Placement = { ...template.Placement, MaxReplicas: change.maxPerNode };
  if (change.publishAdd || change.publishRm)
    next.EndpointSpec = { ...next.EndpointSpec, Ports: ports(next, change) };
  for (const [key, wanted] of [
    ['Limits', change.limit],
    ['Reservations', change.reserve],
  ] as const) {
    const known = template.Resources?.[key] ?? {};
    const changed = wanted && amounts(known, wanted);
    if (changed) template.Resources = { ...template.Resources, [key]: changed };
  }
  if (change.update) next.UpdateConfig = ruleOf(next.UpdateConfig ?? DEFAULT_RULE, change.update);
  if (change.force) template.ForceUpdate = Math.max(template.ForceUpdate ?? 0, forceTo);
  return next;
}

function environment(known: string[], add: string[], rm: string[]): string[] {
  const added = new Map(add.map((one) => [nameOf(one), one]));
  const without = new Set(rm);
  const kept = known
    .filter((one) => !without.has(nameOf(one)) || added.has(nameOf(one)))
    .map((one) => {
      const replaced = added.get(nameOf(one));
      added.delete(nameOf(one));
      return replaced ?? one;
    });
  return [...kept, ...added.values()];
}

/** Docker's rule: removal goes by the container's port; one that is added replaces one on the same published port. */
function ports({ EndpointSpec: endpoint }: RawSpec, { publishAdd = [], publishRm = [] }: ServiceChange) {
  const same = (a: Port, b: Port) =>
    a.target === b.target && a.published === b.published && a.protocol === b.protocol;
  const kept = (endpoint?.Ports ?? []).filter((raw) => {
    const port = toPort(raw);
    return (
      !publishRm.includes(port.target) &&
      !publishAdd.some((added) => same(added, port) && added.mode !== port.mode)
    );
  });
  const added = publishAdd.filter((port) => !kept.some((raw) => same(toPort(raw), port)));
  return [...kept, ...added.map(rawPort)];
}

function rawPort({ target, published, protocol, mode }: Port): RawPort {
  return {
    Protocol: protocol,
    TargetPort: target,
    ...(published === 0 ? {} : { PublishedPort: published }),
    PublishMode: mode,
  };
}

function amounts(known: RawAmounts, { cpus, memoryBytes }: Amounts): RawAmounts | undefined {
  if (cpus === undefined && memoryBytes === undefined) return undefined;
  return {
    ...known,
    ...(cpus === undefined ? {} : { NanoCPUs: Math.round(cpus * 1e9) }),
    ...(memoryBytes === undefined ? {} : { MemoryBytes: memoryBytes }),
  };
}

function ruleOf(
  known: RawRule,
  { parallelism, delayMs, monitorMs, failureAction, order }: UpdateRule,
): RawRule {
  return {
    ...known,
    ...(parallelism === undefined ? {} : { Parallelism: parallelism }),
    ...(delayMs === undefined ? {} : { Delay: delayMs * 1e6 }),
    ...(monitorMs === undefined ? {} : { Monitor: monitorMs * 1e6 }),
    ...(failureAction === undefined ? {} : { FailureAction: failureAction }),
    ...(order === undefined ? {} : { Order: order }),
  };
}
