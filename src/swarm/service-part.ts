/** The part of the swarm that creates, changes and removes services: each a read, a pure decision, and one call. */
import { UserError } from '../errors.ts';
import { pathPart } from '../hosts/engine.ts';
import type { Ask } from './ask.ts';
import { forecast, type Places } from './forecast.ts';
import { needsOf, readPlaces } from './forecast-facts.ts';
import { inSequence } from './in-sequence.ts';
import { downNodes, isNotFound, namesOf, readNodes, readService, readTasks } from './reads.ts';
import { specOf } from './service-apply.ts';
import type { ServiceChanges } from './service-changes.ts';
import { readDetail } from './service-detail.ts';
import { differences, fieldsOf } from './service-fields.ts';
import {
  createService,
  differsFrom,
  forecastUpdate,
  look,
  parsed,
  planUpdate,
  refuseJob,
  updateService,
} from './service-writes.ts';
import { isOver } from './task-states.ts';

export function servicePart(read: Ask): ServiceChanges {
  // Every change reads first and sends back the version that it read: another manager may be asked to do it again.
  const change = read;
  return {
    serviceDetail: (name, signal) =>
      read('service', signal, (engine, abortSignal) => readDetail(engine, name, abortSignal)),

    differsFrom: (wanted, signal) =>
      read('service', signal, (engine, abortSignal) => differsFrom(engine, wanted, abortSignal)),

    createService: (wanted, signal) =>
      change('create service', signal, (engine, abortSignal) => createService(engine, wanted, abortSignal)),

    planUpdate: (name, wanted, signal) =>
      read('service', signal, (engine, abortSignal) => planUpdate(engine, name, wanted, abortSignal)),

    forecastUpdate: (name, wanted, signal) =>
      read('forecast', signal, (engine, abortSignal) => forecastUpdate(engine, name, wanted, abortSignal)),

    updateService: (name, wanted, plan, signal) =>
      change('update service', signal, (engine, abortSignal) =>
        updateService(engine, name, wanted, plan, abortSignal),
      ),

    planRollback: (name, signal) =>
      read('service', signal, async (engine, abortSignal) => {
        const { service, now, networks } = await look(engine, name, abortSignal);
        refuseJob(service);
        if (!now.PreviousSpec) throw nothingBefore(service.Spec.Name);
        return {
          name: service.Spec.Name,
          changes: differences(fieldsOf(now.Spec, networks), fieldsOf(now.PreviousSpec, networks)),
          updateStartedAt: service.UpdateStatus.StartedAt,
        };
      }),

    rollbackService: (name, { updateStartedAt }, signal) =>
      change('roll back', signal, async (engine, abortSignal) => {
        await inSequence(`The service ${name}`, async () => {
          const { raw, service } = await readService(engine, name, abortSignal);
          const { State: state, StartedAt: startedAt } = service.UpdateStatus;
          // Going back once more would be going forward again.
          if (state.startsWith('rollback') && startedAt !== updateStartedAt) return;
          await engine.getService(pathPart(service.ID)).update({
            _query: { version: service.Version.Index, rollback: 'previous' },
            _body: raw.Spec,
            abortSignal,
          });
        });
      }),

    removeService: (id, signal) =>
      change('remove service', signal, async (engine, abortSignal) => {
        try {
          await engine.getService(pathPart(id)).remove({ abortSignal });
        } catch (thrown) {
          if (!isNotFound(thrown)) throw thrown;
        }
      }),

    tasksLeft: ({ id, name }, signal) =>
      read('tasks', signal, async (engine, abortSignal) => {
        // By the beginning of the tasks' names: the engine refuses the ID of a service that is gone.
        const [tasks, nodes] = await Promise.all([
          readTasks(engine, { name: [`${name}.`] }, abortSignal),
          readNodes(engine, abortSignal),
        ]);
        const down = downNodes(nodes);
        const names = namesOf(nodes);
        const left = tasks.filter(
          ({ ServiceID, NodeID, Status }) => ServiceID === id && NodeID !== '' && !isOver(Status.State),
        );
        const alive = left.filter(({ NodeID }) => !down.has(NodeID));
        return {
          tasks: alive.length,
          lost: left.length - alive.length,
          nodes: [...new Set(alive.map(({ NodeID }) => names.get(NodeID) ?? NodeID))].toSorted(),
        };
      }),

    forecast: (wishes, signal, { without = [] } = {}) =>
      read('forecast', signal, async (engine, abortSignal) =>
        forecast(
          without.length === 0
            ? await readPlaces(engine, abortSignal)
            : placesWithout(await readPlaces(engine, abortSignal), new Set(without)),
          wishes.map(({ service, replicas }) => ({
            service:
              typeof service === 'string'
                ? service
                : { name: service.name, needs: needsOf(parsed(specOf(service))) },
            replicas,
          })),
        ),
      ),
  };
}

function placesWithout({ nodes, tasks, services }: Places, ids: ReadonlySet<string>): Places {
  return {
    services,
    nodes: nodes.filter(({ id }) => !ids.has(id)),
    tasks: tasks.filter(({ node }) => !ids.has(node)),
  };
}

function nothingBefore(name: string): UserError {
  return new UserError(
    `There is nothing to roll ${name} back to: the swarm knows no earlier version of it.`,
    {
      hint: `It is as it was created, or was rolled back by the swarm itself. \`/swarm update ${name} --image ...\` sets another version.`,
    },
  );
}
