/**
 * What an approval rests on: told so that a later look, also by another worker, finds whether it still is so, and so that
 * nobody who reads it learns or can try what is secret.
 */
import { createHmac } from 'node:crypto';
import type { Engine } from '../hosts/engine.ts';
import type { Secret } from '../secret.ts';
import type { Ask } from './ask.ts';
import { swarmJson } from './engine-json.ts';
import { readService } from './reads.ts';
import { fieldsOf, nameOf, type NetworkNames } from './service-fields.ts';
import { readNetworkNames } from './service-networks.ts';
import { readSpecJson } from './service-spec.ts';
import { STACK_LABEL } from './stack-shapes.ts';

export interface Bases {
  /** Of services by name or ID, in the same order. @throws UserError naming the nearest when there is none of a name. */
  serviceBases(names: readonly string[], signal?: AbortSignal): Promise<ServiceBasis[]>;
  /** Another text once the join token of this role is another one. */
  tokenMark(role: 'worker' | 'manager', signal?: AbortSignal): Promise<string>;
}

/**
 * A service as people have set it. Nothing of this changes by itself, as the engine's version number of a service does
 * with every step of an update, and again for all services when another manager becomes the leader.
 */
export interface ServiceBasis {
  id: string;
  name: string;
  /** ISO time. */
  createdAt: string;
  /** The stack that it belongs to, or an empty text. */
  stack: string;
  /** By field, such as `image`, `replicas`, `port 8080:80/tcp`. None of them is secret. */
  fields: Record<string, string>;
  /** Names of its environment variables, and a mark of their values. */
  env: { names: string[]; mark: string };
  /** Of all the rest. */
  mark: string;
}

/** `key`: the same in all workers, and nowhere that a mark is kept. */
export function basesOf(read: Ask, key: Secret): Bases {
  const mark = (text: string): string =>
    createHmac('sha256', key.reveal()).update(`basis\0${text}`).digest('hex').slice(0, 12);
  return {
    serviceBases: (names, signal) =>
      read('services', signal, async (engine, abortSignal) => {
        const networks = await readNetworkNames(engine, abortSignal);
        const bases: ServiceBasis[] = [];
        for (const name of names) bases.push(await basisOf(engine, name, networks, mark, abortSignal));
        return bases;
      }),

    tokenMark: (role, signal) =>
      read('join tokens', signal, async (engine, abortSignal) => {
        const { JoinTokens: tokens } = swarmJson.parse(await engine.swarmInspect({ abortSignal }));
        return mark(role === 'worker' ? tokens.Worker : tokens.Manager);
      }),
  };
}

async function basisOf(
  engine: Engine,
  name: string,
  networks: NetworkNames,
  mark: (text: string) => string,
  abortSignal: AbortSignal,
): Promise<ServiceBasis> {
  const { raw } = await readService(engine, name, abortSignal);
  const { ID: id, Spec: spec, CreatedAt: createdAt } = readSpecJson.parse(raw);
  const { Env: env } = spec.TaskTemplate.ContainerSpec;
  return {
    id,
    name: spec.Name,
    createdAt,
    stack: spec.Labels[STACK_LABEL] ?? '',
    fields: fieldsOf(spec, networks).plain,
    env: { names: env.map(nameOf), mark: env.length === 0 ? '' : mark(stable(env)) },
    mark: mark(stable(withoutTold(raw.Spec))),
  };
}

/** The spec without what the fields tell in full; of the image its digest stays, which they leave out. */
function withoutTold(spec: object): object {
  const rest = structuredClone(spec) as {
    Labels?: Record<string, string> | null;
    Mode?: { Replicated?: object };
    UpdateConfig?: unknown;
    EndpointSpec?: { Ports?: unknown } | null;
    TaskTemplate?: {
      ForceUpdate?: unknown;
      ContainerSpec?: { Image?: string; Env?: unknown };
      Placement?: { Constraints?: unknown; MaxReplicas?: unknown } | null;
    };
  };
  delete rest.Labels;
  if (rest.Mode?.Replicated) rest.Mode.Replicated = {};
  delete rest.EndpointSpec?.Ports;
  const task = rest.TaskTemplate;
  delete task?.ForceUpdate;
  delete task?.Placement?.Constraints;
  delete task?.Placement?.MaxReplicas;
  if (task?.ContainerSpec) {
    const { Image: image = '' } = task.ContainerSpec;
    task.ContainerSpec.Image = image.split('@')[1] ?? '';
    delete task.ContainerSpec.Env;
  }
  return rest;
}

/** JSON, with keys in one order whatever engine gave it, and without what is empty: engines differ in what they leave out. */
function stable(value: unknown): string {
  return JSON.stringify(plainOf(value)) ?? '';
}

function plainOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(plainOf);
  if (typeof value !== 'object' || value === null) return value === null ? undefined : value;
  const known = Object.entries(value)
    .map(([key, inner]): [string, unknown] => [key, plainOf(inner)])
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
