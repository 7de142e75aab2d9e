import { UserError } from '../errors.ts';
import { pathPart } from '../hosts/engine.ts';
import type { Engine } from '../hosts/engine.ts';
import { inSequence } from './in-sequence.ts';
import { modeOf } from './translate.ts';
import { readService } from './reads.ts';

/**
 * Sets the replicas in a service's spec; the rest of the spec goes back as it was read. The registry is not asked for a
 * digest (the engine does that only for clients older than API 1.30), so that nothing hangs while it is down.
 * @throws UserError when there is no such service or it has no replicas to set.
 */
export async function scaleService(
  engine: Engine,
  name: string,
  replicas: number,
  abortSignal: AbortSignal,
): Promise<{ from: number; to: number }> {
  return await inSequence(`The service ${name}`, async () => {
    const { raw, service } = await readService(engine, name, abortSignal);
    const from = service.Spec.Mode.Replicated?.Replicas;
    if (from === undefined) throw notScalable(service.Spec.Name, modeOf(service));
    if (from !== replicas) {
      const { Spec: spec } = raw;
      await engine.getService(pathPart(service.ID)).update({
        _query: { version: service.Version.Index },
        _body: {
          ...spec,
          Mode: { ...spec.Mode, Replicated: { ...spec.Mode['Replicated'], Replicas: replicas } },
        },
        abortSignal,
      });
    }
    return { from, to: replicas };
  });
}

function notScalable(name: string, mode: string): UserError {
  return mode === 'global'
    ? new UserError(`${name} is a global service: it runs once on every node and has no number to set.`, {
        hint: 'Add or drain nodes, or narrow its constraints, to change where it runs.',
      })
    : new UserError(`${name} is a job (${mode}) and cannot be scaled.`, {
        hint: 'Only replicated services can be scaled.',
      });
}
