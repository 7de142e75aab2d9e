import { z } from 'zod';
import type { Host } from '../hosts/hosts.ts';
import { defineJob, type JobContext } from './define.ts';
import { HOSTS_AT_ONCE, mustBeOurs } from './prune-look.ts';
import { previewPrune } from './prune-preview.ts';
import { forEachTarget, stepsFor, type Outcome, type Stage } from './stages.ts';

const LOOK = 'Look what nobody needs';
const REMOVE = 'Remove it';

const input = z.object({
  hosts: z.array(z.string()).min(1),
  /** False: only shows what would go. */
  apply: z.boolean(),
  volumes: z.boolean(),
});

/** What went from one host, or would go. */
export interface Cleared {
  containers: number;
  images: string[];
  volumes: string[];
  /** Freed; of what would go, what it frees at least. */
  bytes: number;
  /** Images that no container uses, kept because a service names them. */
  spared: string[];
  /** What the engine did not remove, in its words. */
  refused: string[];
}

export interface Pruning {
  applied: boolean;
  volumes: boolean;
  hosts: Outcome<Cleared>[];
}

export const prune = defineJob({
  input,
  lock: ({ hosts }) => hosts.map((name) => `host:${name}`),
  steps: ({ hosts, apply }) => stepsFor(hosts, apply ? [LOOK, REMOVE] : [LOOK]),
  preview: previewPrune,
  async run({ hosts: names, apply, volumes }, context): Promise<Pruning> {
    const hosts = await forEachTarget(
      names,
      context,
      HOSTS_AT_ONCE,
      (name, stage) => clear(context.hosts.host(name), { apply, volumes }, context, stage),
      ({ bytes }) => `${Math.round(bytes / 1e6)} MB ${apply ? 'freed' : 'could be freed'}`,
    );
    return { applied: apply, volumes, hosts };
  },
});

async function clear(
  host: Host,
  { apply, volumes }: { apply: boolean; volumes: boolean },
  { swarm, signal, recall }: JobContext,
  stage: Stage,
): Promise<Cleared> {
  const { before, needed } = await stage(LOOK, async (step) => {
    const services = await swarm.needed(signal);
    await mustBeOurs(host, services, signal);
    const found = await host.prunable(services, { volumes, signal });
    step.say(
      `${many(found.containers.length, 'stopped container')}, ${many(found.images.length, 'unused image')}`,
    );
    return { before: found, needed: services };
  });
  const { containers, images, buildCacheBytes, spared } = before;
  const sum = (sizes: { bytes: number }[]) => sizes.reduce((total, { bytes }) => total + bytes, 0);
  if (!apply) {
    return {
      containers: containers.length,
      images: images.map(({ references }) => references[0] ?? ''),
      volumes: before.volumes.map(({ name }) => name),
      bytes: sum(containers) + sum(images) + sum(before.volumes) + buildCacheBytes,
      spared,
      refused: [],
    };
  }
  return await stage(REMOVE, async (step) => {
    // Remembered across a crash: what the killed run had removed counts as well.
    const first = await recall(`before:${host.name}`, () =>
      Promise.resolve({
        bytes: before.usedBytes,
        containers: containers.length,
        images: images.map(({ references }) => references[0] ?? ''),
        volumes: before.volumes.map(({ name }) => name),
      }),
    );
    const nothing = containers.length + images.length + before.volumes.length === 0 && buildCacheBytes === 0;
    const gone = nothing
      ? undefined
      : await step.act(`prune ${host.name}`, () => host.prune(needed, { volumes, signal }));
    const left = await host.prunable(needed, { volumes, signal });
    const stays = new Set([
      ...left.images.map(({ references }) => references[0]),
      ...left.volumes.map(({ name }) => name),
    ]);
    return {
      containers: first.containers - left.containers.length,
      images: first.images.filter((name) => !stays.has(name)),
      volumes: first.volumes.filter((name) => !stays.has(name)),
      bytes: Math.max(0, first.bytes - left.usedBytes),
      spared,
      refused: gone?.refused ?? [],
    };
  });
}

const many = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`;
