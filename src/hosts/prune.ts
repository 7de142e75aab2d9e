/** Clears up a host's engine, one thing after the other, so that nothing goes that was not looked at. */
import type { Engine } from './engine.ts';
import { isReference, pathPart } from './engine.ts';
import { EngineRefusal } from './failures.ts';
import { prunable, type Prunable, type Spared } from './prunable.ts';
import type { EngineCall } from './ssh-host.ts';

export interface Pruning {
  /** What could go, the volumes only where they are meant as well. Changes nothing. */
  prunable: (spared: Spared, options: PruneOptions) => Promise<Prunable>;
  /**
   * Removes stopped containers, images that nobody uses or names, build cache that nothing refers to and, where they
   * are meant, volumes. What is used after all by then stays: the engine refuses it.
   * @returns what is gone, and what the engine refused in its own words.
   */
  prune: (spared: Spared, options: PruneOptions) => Promise<Pruned>;
}

interface PruneOptions {
  volumes: boolean;
  signal?: AbortSignal;
}

interface Pruned {
  containers: number;
  /** Their names, or IDs of those without one. */
  images: string[];
  volumes: string[];
  refused: string[];
  /** What is left. */
  usedBytes: number;
}

/** Engines measure every layer and volume for this: minutes on a full disk. */
const MEASURE_MS = 180_000;
const REMOVE_MS = 60_000;

type Call = <T>(
  call: EngineCall,
  ask: (engine: Engine, abortSignal: AbortSignal) => Promise<T>,
) => Promise<T>;

export function pruning(call: Call): Pruning {
  const look = async (spared: Spared, { volumes, signal }: PruneOptions): Promise<Prunable> => {
    const answer = await call(
      { what: 'disk use', repeatable: true, ms: MEASURE_MS, signal },
      (engine, abortSignal) => engine.df({ abortSignal }),
    );
    return prunable(answer, spared, { volumes });
  };
  return {
    prunable: look,
    async prune(spared, options) {
      const { signal } = options;
      const going = await look(spared, options);
      const refused: string[] = [];
      const remove = async (
        what: string,
        change: (engine: Engine, abortSignal: AbortSignal) => Promise<unknown>,
      ): Promise<boolean> => {
        try {
          await call({ what, ms: REMOVE_MS, signal }, change);
          return true;
        } catch (thrown) {
          if (!(thrown instanceof EngineRefusal)) throw thrown;
          // Gone already: somebody else was faster, or this job before it was killed.
          if (thrown.status === 404) return true;
          refused.push(thrown.text);
          return false;
        }
      };
      let containers = 0;
      for (const { id } of going.containers) {
        const gone = await remove('remove container', (engine, abortSignal) =>
          engine.getContainer(pathPart(id)).remove({ force: false, v: false, abortSignal }),
        );
        if (gone) containers += 1;
      }
      const images: string[] = [];
      for (const { references } of going.images) {
        let gone = true;
        for (const reference of references.filter(isReference)) {
          gone &&= await remove('remove image', (engine, abortSignal) =>
            engine.getImage(reference).remove({ force: false, abortSignal }),
          );
        }
        if (gone) images.push(references[0] ?? '');
      }
      const volumes: string[] = [];
      for (const { name } of going.volumes) {
        const gone = await remove('remove volume', (engine, abortSignal) =>
          engine.getVolume(pathPart(name)).remove({ force: false, abortSignal }),
        );
        if (gone) volumes.push(name);
      }
      if (going.buildCacheBytes > 0)
        await remove('prune build cache', (engine, abortSignal) => engine.pruneBuilder({ abortSignal }));
      const { usedBytes } = await look(spared, options);
      return { containers, images, volumes, refused: [...new Set(refused)], usedBytes };
    },
  };
}
