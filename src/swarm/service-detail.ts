/** Everything about one service that may be shown. Values of environment variables are left out here, at the border. */
import type { Engine } from '../hosts/engine.ts';
import { updateOf } from './converge-rule.ts';
import { forecast } from './forecast.ts';
import { readPlaces } from './forecast-facts.ts';
import { readStrength } from './overview.ts';
import { downNodes, namesOf, readNodes, readService, readTasks } from './reads.ts';
import type { ServiceDetail } from './service-changes.ts';
import { constraint, differences, fieldsOf, nameOf, networkNames, toMount } from './service-fields.ts';
import { readNetworkNames } from './service-networks.ts';
import { readSpecJson } from './service-spec.ts';
import type { SpecJson } from './service-spec.ts';
import { reasonsOf, spreadOf } from './shortfall.ts';

/** @throws UserError naming the nearest services. */
export async function readDetail(
  engine: Engine,
  name: string,
  abortSignal: AbortSignal,
): Promise<ServiceDetail> {
  const { raw, service } = await readService(engine, name, abortSignal);
  const [known, tasks, nodes, networks, places] = await Promise.all([
    readStrength(engine, abortSignal, service),
    readTasks(engine, { service: [service.ID] }, abortSignal),
    readNodes(engine, abortSignal),
    readNetworkNames(engine, abortSignal),
    readPlaces(engine, abortSignal),
  ]);
  const down = downNodes(nodes);
  const names = namesOf(nodes);
  const { Spec: spec, PreviousSpec: previous, CreatedAt, UpdatedAt } = readSpecJson.parse(raw);
  const snapshot = { service, tasks, down };
  const spread = spreadOf(snapshot, names);
  const open =
    known.mode === 'replicated' && places.services.some(({ id }) => id === service.ID)
      ? (forecast(places, [{ service: service.ID, replicas: known.wanted }])[0]?.open ?? [])
      : [];
  const empty = open.filter(({ hostname }) => !spread.some(({ node }) => node === hostname));
  const { StartedAt: startedAt, CompletedAt: completedAt } = service.UpdateStatus;
  return {
    ...known,
    createdAt: CreatedAt,
    updatedAt: UpdatedAt,
    spread: [...spread, ...empty.map(({ hostname }) => ({ node: hostname, running: 0 }))],
    reasons:
      known.running < known.wanted || updateOf(service).state.endsWith('paused')
        ? reasonsOf(snapshot, names)
        : [],
    update: { ...updateOf(service), startedAt, completedAt },
    previous: previous ? differences(fieldsOf(spec, networks), fieldsOf(previous, networks)) : null,
    ...settingsOf(spec, networks),
  };
}

function settingsOf(spec: SpecJson, networks: ReadonlyMap<string, string>) {
  const { ContainerSpec: container, Placement: placement, Resources: resources, ...task } = spec.TaskTemplate;
  const amounts = ({ NanoCPUs, MemoryBytes }: typeof resources.Limits) => ({
    cpus: NanoCPUs / 1e9,
    memoryBytes: MemoryBytes,
  });
  const rule = spec.UpdateConfig;
  const oneOf = <T extends string>(text: string, ...known: T[]) => known.find((one) => one === text) ?? null;
  return {
    constraints: placement.Constraints.map(constraint),
    preferences: placement.Preferences.flatMap(({ Spread }) =>
      Spread ? [`spread=${Spread.SpreadDescriptor}`] : [],
    ),
    maxPerNode: placement.MaxReplicas,
    platforms: placement.Platforms.map(({ OS, Architecture }) =>
      [OS, Architecture].filter(Boolean).join('/'),
    ),
    reserve: amounts(resources.Reservations),
    limit: amounts(resources.Limits),
    mounts: container.Mounts.map(toMount),
    networks: networkNames(spec, networks),
    env: container.Env.map(nameOf),
    secrets: container.Secrets.map(({ SecretName }) => SecretName),
    configs: container.Configs.map(({ ConfigName }) => ConfigName),
    labels: spec.Labels,
    restart: {
      condition: task.RestartPolicy.Condition || 'any',
      delayMs: (task.RestartPolicy.Delay ?? 5e9) / 1e6,
      maxAttempts: task.RestartPolicy.MaxAttempts,
    },
    updateRule: {
      parallelism: rule.Parallelism ?? 1,
      delayMs: rule.Delay / 1e6,
      monitorMs: (rule.Monitor || 5e9) / 1e6,
      failureAction: oneOf(rule.FailureAction, 'pause', 'continue', 'rollback') ?? 'pause',
      order: oneOf(rule.Order, 'stop-first', 'start-first') ?? 'stop-first',
    },
  };
}
