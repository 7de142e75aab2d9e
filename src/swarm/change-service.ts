import { UserError } from '../errors.ts';
import { pathPart } from '../hosts/engine.ts';
import type { Engine } from '../hosts/engine.ts';
import { CHAT_SCALE_LABEL } from './chat-scale.ts';
import { inSequence } from './in-sequence.ts';
import { modeOf } from './translate.ts';
import { readService } from './reads.ts';
import type { ReadService } from './reads.ts';

/**
 * Sets the replicas in a service's spec; the rest of the spec goes back as it was read. The registry is not asked for a
 * digest (the engine does that only for clients older than API 1.30), so that nothing hangs while it is down. `fromChat`: the number is kept in a label as well (chat-scale.ts).
 * @throws UserError when there is no such service or it has no replicas to set.
 */
export async function scaleService(
  engine: Engine,
  name: string,
  replicas: number,
  abortSignal: AbortSignal,
  { fromChat = false }: { fromChat?: boolean } = {},
): Promise<{ from: number; to: number }> {
  return await inSequence(`The service ${name}`, async () => {
    const { raw, service } = await readService(engine, name, abortSignal);
    const from = service.Spec.Mode.Replicated?.Replicas;
    if (from === undefined) throw notScalable(service.Spec.Name, modeOf(service));
    const { Spec: spec } = raw;
    const remembered = spec.Labels?.[CHAT_SCALE_LABEL];
    const outdated = fromChat && remembered !== undefined && remembered !== String(replicas);
    if (from !== replicas || outdated) {
      await engine.getService(pathPart(service.ID)).update({
        _query: { version: service.Version.Index },
        _body: {
          ...spec,
          ...(fromChat ? { Labels: { ...spec.Labels, [CHAT_SCALE_LABEL]: String(replicas) } } : {}),
          ...withReplicas(spec, replicas),
        },
        abortSignal,
      });
    }
    return { from, to: replicas };
  });
}

/** What changes in the spec of a replicated service that gets another number of replicas. */
export function withReplicas({ Mode: mode }: ReadService['raw']['Spec'], replicas: number): { Mode: object } {
  return { Mode: { ...mode, Replicated: { ...mode['Replicated'], Replicas: replicas } } };
}

/** Only a replicated service has a number of replicas to set. */
export function notScalable(name: string, mode: string): UserError {
  return mode === 'global'
    ? new UserError(`${name} is a global service: it runs once on every node and has no number to set.`, {
        hint: 'Add or drain nodes, or narrow its constraints, to change where it runs.',
      })
    : new UserError(`${name} is a job (${mode}) and cannot be scaled.`, {
        hint: 'Only replicated services can be scaled.',
      });
}
