/** Networks of services by name. */
import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Engine } from '../hosts/engine.ts';
import { flag, text } from '../hosts/json-parts.ts';
import { nearest } from '../nearest.ts';
import type { RawSpec } from './service-spec.ts';

const networkJson = z.object({ Id: z.string(), Name: text, Scope: text, Ingress: flag });

async function readNetworks(engine: Engine, abortSignal: AbortSignal) {
  return z.array(networkJson).parse(await engine.listNetworks({ abortSignal }));
}

/** Names by ID. */
export async function readNetworkNames(
  engine: Engine,
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  return new Map((await readNetworks(engine, abortSignal)).map(({ Id, Name }) => [Id, Name]));
}

/**
 * The spec with networks by ID, as the docker CLI sends it.
 * @throws UserError for one that is not there, or that belongs to one host only.
 */
export async function resolveNetworks(
  engine: Engine,
  spec: RawSpec,
  abortSignal: AbortSignal,
): Promise<RawSpec> {
  const asked = spec.TaskTemplate.Networks ?? [];
  if (asked.length === 0) return spec;
  const known = await readNetworks(engine, abortSignal);
  const usable = known.filter(({ Scope, Ingress }) => Scope === 'swarm' && !Ingress);
  const resolved = asked.map((network) => {
    const { Target: target } = network;
    const found = usable.find(({ Id, Name }) => Name === target || Id === target);
    if (found) return { ...network, Target: found.Id };
    // Predefined ones such as `host` and `bridge` are on every node.
    if (known.some(({ Name }) => Name === target && (Name === 'host' || Name === 'bridge'))) return network;
    const own = known.some(({ Name, Id }) => Name === target || Id === target);
    const names = usable.map(({ Name }) => Name);
    const near = nearest(target, names);
    throw new UserError(
      own
        ? `The network ${target} belongs to one host only, so no service can use it.`
        : `No network is called ${target}.`,
      {
        hint:
          near.length > 0
            ? `Did you mean ${near.join(' or ')}?`
            : names.length > 0
              ? `Services can use ${names.slice(0, 10).join(', ')}.`
              : 'Create one first: `docker network create --driver overlay NAME` on a manager.',
      },
    );
  });
  return { ...spec, TaskTemplate: { ...spec.TaskTemplate, Networks: resolved } };
}
