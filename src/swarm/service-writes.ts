/** Creating and updating services: what is there is read, what is wanted is put into it, and it goes back whole. */
import { UserError } from '../errors.ts';
import { pathPart } from '../hosts/engine.ts';
import type { Engine } from '../hosts/engine.ts';
import { notScalable } from './change-service.ts';
import { forecast } from './forecast.ts';
import type { Forecast } from './forecast.ts';
import { needsOf, readPlaces } from './forecast-facts.ts';
import { inSequence } from './in-sequence.ts';
import { isNotFound, readService } from './reads.ts';
import type { ServiceJson } from './engine-json.ts';
import { applyChange, specOf } from './service-apply.ts';
import type { NewService, ServiceChange, UpdatePlan } from './service-changes.ts';
import { changedMeanwhile, differences, fieldsOf } from './service-fields.ts';
import { readNetworkNames, resolveNetworks } from './service-networks.ts';
import { refusalOf } from './service-refusals.ts';
import { readSpecJson, specJson } from './service-spec.ts';
import type { RawSpec } from './service-spec.ts';
import { modeOf } from './translate.ts';

export async function look(engine: Engine, name: string, abortSignal: AbortSignal) {
  const [{ raw, service }, networks] = await Promise.all([
    readService(engine, name, abortSignal),
    readNetworkNames(engine, abortSignal),
  ]);
  // The engine's own spec, as it came: what this project does not know in it goes back unseen.
  return { raw: raw.Spec as unknown as RawSpec, service, now: readSpecJson.parse(raw), networks };
}

/** What the engine would make of a spec that this process has written. */
export const parsed = (spec: RawSpec) => specJson.parse(spec);

export async function differsFrom(engine: Engine, wanted: NewService, abortSignal: AbortSignal) {
  const known = await engine
    .getService(pathPart(wanted.name))
    .inspect({ abortSignal })
    .then(
      (answer) => readSpecJson.parse(answer),
      (thrown: unknown) => {
        if (isNotFound(thrown)) return undefined;
        throw thrown;
      },
    );
  // The engine also answers to the beginning of an ID.
  if (known?.Spec.Name !== wanted.name) {
    await resolveNetworks(engine, specOf(wanted), abortSignal);
    return undefined;
  }
  const networks = await readNetworkNames(engine, abortSignal);
  return differences(fieldsOf(known.Spec, networks), fieldsOf(parsed(specOf(wanted)), networks));
}

export async function createService(
  engine: Engine,
  wanted: NewService,
  abortSignal: AbortSignal,
): Promise<void> {
  const spec = await resolveNetworks(engine, specOf(wanted), abortSignal);
  try {
    await engine.createService(undefined, { _body: spec, abortSignal });
  } catch (thrown) {
    const refusal = refusalOf(thrown, wanted.name);
    if (refusal?.kind === 'taken') {
      // A manager that died while it answered may have done it.
      const differs = await differsFrom(engine, wanted, abortSignal);
      if (differs?.length === 0) return;
    }
    throw refusal?.error ?? thrown;
  }
}

export async function planUpdate(
  engine: Engine,
  name: string,
  change: ServiceChange,
  abortSignal: AbortSignal,
): Promise<UpdatePlan> {
  const { raw, service, now, networks } = await look(engine, name, abortSignal);
  const mode = modeOf(service);
  refuseJob(service);
  if (change.replicas !== undefined && mode !== 'replicated') throw notScalable(service.Spec.Name, mode);
  const forceTo = now.Spec.TaskTemplate.ForceUpdate + 1;
  const next = applyChange(raw, change, forceTo);
  const seen = fieldsOf(now.Spec, networks);
  const ends = (spec: RawSpec) => JSON.stringify([spec.TaskTemplate, spec.EndpointSpec?.Ports ?? []]);
  return {
    name: service.Spec.Name,
    seen,
    changes: differences(seen, fieldsOf(parsed(next), networks)),
    restarts: ends(raw) !== ends(next),
    forceTo,
    replicas: parsed(next).Mode.Replicated?.Replicas ?? null,
  };
}

/** @throws UserError for a service that runs to its end: no update goes through it task by task. */
export function refuseJob(service: ServiceJson): void {
  if (!modeOf(service).endsWith('-job')) return;
  const { Name: name } = service.Spec;
  throw new UserError(`${name} is a job: it runs to its end, and no update goes through its tasks.`, {
    hint: `Remove it and create it again; \`/swarm ps ${name}\` shows how far it is.`,
    remedies: [{ label: 'Show its tasks', line: `ps ${name}` }],
  });
}

export async function forecastUpdate(
  engine: Engine,
  name: string,
  change: ServiceChange,
  abortSignal: AbortSignal,
): Promise<Forecast | null> {
  const { raw, service, now } = await look(engine, name, abortSignal);
  const next = parsed(applyChange(raw, change, 0));
  const [before, after] = [needsOf(now.Spec), needsOf(next)];
  const replicas = next.Mode.Replicated?.Replicas;
  const same =
    replicas === now.Spec.Mode.Replicated?.Replicas &&
    // Another image may be for other platforms, of which a spec that was not asked of a registry says nothing.
    JSON.stringify({ ...before, image: '' }) === JSON.stringify({ ...after, image: '' });
  if (same || replicas === undefined) return null;
  const wish = { service: { id: service.ID, name: service.Spec.Name, needs: after }, replicas };
  return forecast(await readPlaces(engine, abortSignal), [wish])[0] ?? null;
}

export async function updateService(
  engine: Engine,
  name: string,
  change: ServiceChange,
  { seen, forceTo }: UpdatePlan,
  abortSignal: AbortSignal,
) {
  // By the newest read: what others did before the one that was lost against is among it.
  return await inSequence(`The service ${name}`, async () => {
    const { raw, service, now, networks } = await look(engine, name, abortSignal);
    const next = applyChange(raw, change, forceTo);
    const meanwhile = changedMeanwhile(seen, fieldsOf(now.Spec, networks), fieldsOf(parsed(next), networks));
    if (JSON.stringify(next) !== JSON.stringify(raw)) {
      const spec = await resolveNetworks(engine, next, abortSignal);
      try {
        await engine.getService(pathPart(service.ID)).update({
          _query: { version: service.Version.Index },
          _body: spec,
          abortSignal,
        });
      } catch (thrown) {
        throw refusalOf(thrown, service.Spec.Name)?.error ?? thrown;
      }
    }
    return { meanwhile };
  });
}
