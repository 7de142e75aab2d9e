/** What is read from a manager's engine, parsed at the border. Each takes the engine and the signal of one call. */
import { UserError } from '../errors.ts';
import { isName, pathPart } from '../hosts/engine.ts';
import type { Engine } from '../hosts/engine.ts';
import { EngineRefusal } from '../hosts/failures.ts';
import { nearest } from '../nearest.ts';
import { nodeJson, serviceJson, taskJson } from './engine-json.ts';
import type { NodeJson, ServiceJson, TaskJson } from './engine-json.ts';
import type { Filters } from './swarm.ts';

/** `filters`: the engine's own, such as `{ role: ['manager'] }`. */
export async function readNodes(
  engine: Engine,
  abortSignal: AbortSignal,
  filters: Filters = {},
): Promise<NodeJson[]> {
  return await engine.each('nodes', { ...given(filters), abortSignal }, (item) => nodeJson.parse(item));
}

/**
 * `status`: with each service's counts of tasks, where the engine knows them (API 1.41; an older one ignores the
 * question). Only for who needs them: the manager looks through all tasks for it.
 */
export async function readServices(
  engine: Engine,
  abortSignal: AbortSignal,
  { filters = {}, status = false }: { filters?: Filters; status?: boolean } = {},
): Promise<ServiceJson[]> {
  const options = { ...given(filters), ...(status ? { status } : {}), abortSignal };
  return await engine.each('services', options, (item) => serviceJson.parse(item));
}

const given = (filters: Filters) => (Object.keys(filters).length > 0 ? { filters } : {});

export async function readTasks(
  engine: Engine,
  filters: Filters,
  abortSignal: AbortSignal,
): Promise<TaskJson[]> {
  return await engine.each('tasks', { ...given(filters), abortSignal }, (item) => taskJson.parse(item));
}

/** A service's answer as it came, to send its spec back whole, and parsed. */
export interface ReadService {
  raw: { Spec: { Labels?: Record<string, string> | null; Mode: Record<string, object> } };
  service: ServiceJson;
}

/** An ID that is cut short is taken from this many letters on: one letter must not pick a service by chance. */
const SHORTEST_ID = 8;

/** @throws UserError naming the nearest services when there is none of that name or ID. */
export async function readService(
  engine: Engine,
  name: string,
  abortSignal: AbortSignal,
): Promise<ReadService> {
  const raw = await inspectService(engine, name, abortSignal);
  if (raw !== undefined) {
    const service = serviceJson.parse(raw);
    // The engine would take any unambiguous beginning of an ID.
    const meant =
      service.Spec.Name === name ||
      service.ID === name ||
      (name.length >= SHORTEST_ID && service.ID.startsWith(name));
    if (meant) return { raw: raw as ReadService['raw'], service };
  }
  const names = (await readServices(engine, abortSignal)).map(({ Spec }) => Spec.Name);
  throw unknownName('service', name, names, '`/swarm services` lists them.');
}

async function inspectService(engine: Engine, name: string, abortSignal: AbortSignal): Promise<unknown> {
  if (!isName(name)) return undefined;
  try {
    return await engine.getService(pathPart(name)).inspect({ abortSignal });
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

/** IDs of the nodes of that hostname or ID: several nodes may share a hostname. @throws UserError when there is none. */
export function nodeIds(nodes: NodeJson[], name: string): string[] {
  const found = nodes.filter(({ ID, Description }) => ID === name || Description.Hostname === name);
  if (found.length > 0) return found.map(({ ID }) => ID);
  const names = nodes.map(({ Description }) => Description.Hostname);
  throw unknownName('node', name, names, '`/swarm nodes` lists them.');
}

export function unknownName(
  kind: 'service' | 'node',
  name: string,
  names: string[],
  list: string,
): UserError {
  const near = nearest(name, names);
  return new UserError(`No ${kind} is called ${name}.`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : list,
  });
}

/** dockerode's error, before or after the host has made a refusal of it. */
export function isNotFound(thrown: unknown): boolean {
  if (thrown instanceof EngineRefusal) return thrown.status === 404;
  return thrown instanceof Error && 'statusCode' in thrown && thrown.statusCode === 404;
}

export const namesOf = (nodes: NodeJson[]) =>
  new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname || ID]));

export const downNodes = (nodes: NodeJson[]) =>
  new Set(nodes.filter(({ Status }) => Status.State === 'down').map(({ ID }) => ID));
