/** Replicas that are raised for a while and put back: never over somebody else's number. */
import { pathPart } from '../hosts/engine.ts';
import type { Engine } from '../hosts/engine.ts';
import { withReplicas } from './change-service.ts';
import { serviceJson } from './engine-json.ts';
import { inSequence } from './in-sequence.ts';
import { isNotFound } from './reads.ts';
import type { ReadService } from './reads.ts';

export type Resized =
  | { kind: 'set' }
  /** It had the new number already. */
  | { kind: 'already' }
  /** Somebody has set another number, which stays. */
  | { kind: 'other'; replicas: number }
  /** It was removed, or is no replicated service any more. */
  | { kind: 'gone' };

/**
 * Sets the replicas to `to` only where they are `from`, also when somebody else changes the service in between. `id`: the
 * service's ID, so that another one that took its name is not meant.
 */
export async function resizeService(
  engine: Engine,
  id: string,
  { from, to }: { from: number; to: number },
  abortSignal: AbortSignal,
): Promise<Resized> {
  return await inSequence(`The service ${id}`, async (): Promise<Resized> => {
    const raw = await engine
      .getService(pathPart(id))
      .inspect({ abortSignal })
      .catch((thrown: unknown) => {
        if (isNotFound(thrown)) return undefined;
        throw thrown;
      });
    if (raw === undefined) return { kind: 'gone' };
    const service = serviceJson.parse(raw);
    const replicas = service.Spec.Mode.Replicated?.Replicas;
    if (replicas === undefined) return { kind: 'gone' };
    if (replicas === to) return { kind: 'already' };
    if (replicas !== from) return { kind: 'other', replicas };
    const { Spec: spec } = raw as ReadService['raw'];
    await engine.getService(pathPart(service.ID)).update({
      _query: { version: service.Version.Index },
      _body: { ...spec, ...withReplicas(spec, to) },
      abortSignal,
    });
    return { kind: 'set' };
  });
}
