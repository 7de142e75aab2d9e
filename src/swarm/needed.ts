/** What any node may be asked to have at any time, because a service of the swarm names it. */
import { z } from 'zod';
import { part, text } from '../hosts/json-parts.ts';
import type { Ask } from './ask.ts';
import { readNodes } from './reads.ts';

export interface Needs {
  /** Images and volumes that services name, in their present specs and in those to which a rollback would go back. */
  needed(signal?: AbortSignal): Promise<Needed>;
}

export interface Needed {
  /** As the services name them, often with a digest: `my-apache2:latest@sha256:...`. */
  images: string[];
  volumes: string[];
  /** Of all nodes: a host with another node ID belongs to another swarm. */
  nodeIds: string[];
}

const specJson = part({
  TaskTemplate: part({
    ContainerSpec: part({
      Image: text,
      Mounts: z.array(z.object({ Type: text, Source: text })).nullish(),
    }),
  }),
});
const serviceJson = z.object({ Spec: specJson, PreviousSpec: specJson });

export function needs(read: Ask): Needs {
  return {
    needed: (signal) =>
      read('what services need', signal, async (engine, abortSignal) => {
        const [services, nodes] = await Promise.all([
          engine.listServices({ abortSignal }),
          readNodes(engine, abortSignal),
        ]);
        const containers = z
          .array(serviceJson)
          .parse(services)
          .flatMap(({ Spec, PreviousSpec }) => [Spec, PreviousSpec])
          .map(({ TaskTemplate }) => TaskTemplate.ContainerSpec);
        const volumes = containers
          .flatMap(({ Mounts }) => Mounts ?? [])
          .filter(({ Type }) => Type === 'volume')
          .map(({ Source }) => Source);
        return {
          images: distinct(containers.map(({ Image }) => Image)),
          volumes: distinct(volumes),
          nodeIds: nodes.map(({ ID }) => ID),
        };
      }),
  };
}

const distinct = (names: string[]) => [...new Set(names)].filter((name) => name !== '').toSorted();
