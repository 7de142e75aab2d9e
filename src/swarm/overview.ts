/** Nodes, and services with how many of their tasks run, read as lightly as the engine allows. */
import type { Engine } from '../hosts/engine.ts';
import type { NodeJson, ServiceJson } from './engine-json.ts';
import { downNodes, readNodes, readServices, readTasks } from './reads.ts';
import type { Filters, Service } from './swarm.ts';
import { countByStatus, countTasks, modeOf, toService } from './translate.ts';

/** All nodes, and the services that fit the filters. */
export async function readOverview(
  engine: Engine,
  abortSignal: AbortSignal,
  filters: Filters = {},
): Promise<{ nodes: NodeJson[]; services: Service[] }> {
  const [nodes, services] = await Promise.all([
    readNodes(engine, abortSignal),
    readServices(engine, abortSignal, { filters, status: true }),
  ]);
  return { nodes, services: await counted(engine, abortSignal, services, nodes) };
}

/** One service: by its tasks, which during an update are truer than the engine's count. */
export async function readStrength(
  engine: Engine,
  abortSignal: AbortSignal,
  service: ServiceJson,
): Promise<Service> {
  const of = { service: [service.ID] };
  if (modeOf(service).endsWith('-job')) {
    const found = await readServices(engine, abortSignal, {
      filters: { id: [service.ID] },
      status: true,
    });
    const [only] = await counted(engine, abortSignal, found, []);
    if (only) return only;
  }
  const [tasks, nodes] = await Promise.all([
    readTasks(engine, { ...of, ...WANTED }, abortSignal),
    readNodes(engine, abortSignal),
  ]);
  return toService(service, countTasks(service, tasks, downNodes(nodes)));
}

/** Ready: waiting for its restart delay. */
const WANTED: Filters = { 'desired-state': ['running', 'ready'] };

/**
 * By the engine's own counts where it gives them: the tasks of a large swarm are megabytes. Only those on nodes that are
 * down must be looked at, since it counts them as running.
 */
async function counted(
  engine: Engine,
  abortSignal: AbortSignal,
  services: ServiceJson[],
  nodes: NodeJson[],
): Promise<Service[]> {
  const down = downNodes(nodes);
  const byStatus = services.every(({ ServiceStatus }) => ServiceStatus);
  if (byStatus && down.size === 0)
    return services.map((raw) => toService(raw, countByStatus(raw, []) ?? NONE));
  const tasks = await readTasks(engine, byStatus ? { node: [...down] } : WANTED, abortSignal);
  const byService = Map.groupBy(tasks, ({ ServiceID }) => ServiceID);
  return services.map((raw) => {
    const own = byService.get(raw.ID) ?? [];
    return toService(raw, countByStatus(raw, own) ?? countTasks(raw, own, down));
  });
}

const NONE = { wanted: 0, running: 0 };
