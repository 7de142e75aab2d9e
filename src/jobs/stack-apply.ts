import type { StackSpec } from '../compose/convert.ts';
import type { Action, Difference } from '../compose/difference.ts';
import { settle } from '../compose/settle.ts';
import { changes } from '../compose/fields.ts';
import { viewOf } from '../compose/view.ts';
import { UserError } from '../errors.ts';
import type { StackState } from '../swarm/stack-shapes.ts';
import { defineJob, type JobContext } from './define.ts';
import { applyInput, lookAgain, noPlan } from './stack-again.ts';
import { previewStackApply } from './stack-apply-preview.ts';
import { awaitServices, type Reached } from './stack-wait.ts';

interface DeployedService {
  name: string;
  action: Action;
  image: string;
  changes: string[];
  /** Of what was created or updated. */
  reached: Reached | null;
  /** Why it could not be deployed, or what else is to be known of it; mostly empty. */
  note: string;
  failed: boolean;
}

export interface StackDeployed {
  stack: string;
  services: DeployedService[];
  /** Names of what was created. */
  networks: string[];
  configs: string[];
  warnings: string[];
}

const STEPS = [
  'See whether all is as in the plan',
  'Create networks and configs',
  'Create and update the services',
  'Wait until the tasks run and stay',
] as const;

export const stackApply = defineJob({
  input: applyInput,
  // The services too: somebody who scales one of them waits, and the other way round.
  lock: ({ plan, planned }) =>
    planned === null
      ? [`stack:${plan}`]
      : [`stack:${planned.stack}`, ...planned.services.map((name) => `service:${name}`)],
  steps: () => [...STEPS],
  preview: previewStackApply,
  async run({ plan, planned }, context): Promise<StackDeployed> {
    const { step, swarm, signal, recall } = context;
    if (planned === null) throw noPlan(plan);
    const { stack, deadlineMs } = planned;
    const [look, parts, put, wait] = STEPS;

    const { spec, found } = await step(look, async ({ say }) => {
      const fresh = await lookAgain(plan, planned, context);
      say(summary(fresh.found));
      return fresh;
    });
    // Found before the first change, also when this runs again after a crash: by then all would seem to be there.
    const plannedServices = await recall('services', () => Promise.resolve(found.services));
    const created = await recall('created', () =>
      Promise.resolve({ networks: namesToCreate(found.networks), configs: namesToCreate(found.configs) }),
    );

    await step(parts, async ({ act, say }) => {
      const names = [...created.networks, ...created.configs];
      const lacking = new Set([...namesToCreate(found.networks), ...namesToCreate(found.configs)]);
      for (const network of spec.networks)
        if (lacking.has(network.Name))
          await act(`create network ${network.Name}`, () => swarm.createStackNetwork(network, signal));
      for (const config of spec.configs)
        if (lacking.has(config.Name))
          await act(`create config ${config.Name}`, () => swarm.createStackConfig(config, signal));
      say(names.length > 0 ? names.join(', ') : 'none to create');
    });

    const failures = await step(put, async (line) => {
      const state = await swarm.stackState(stack, signal);
      const failed = new Map<string, UserError>();
      const each = async (name: string, work: () => Promise<unknown>): Promise<void> => {
        line.say(name);
        try {
          await work();
        } catch (error) {
          if (!(error instanceof UserError) || signal.aborted) throw error;
          failed.set(name, error);
        }
      };
      // A name or a port of a service that goes may be needed by one that comes.
      for (const { id, name } of leaving(plannedServices, state))
        await each(name, () =>
          line.act(`remove service ${name}`, () => swarm.removeStackPart('service', id, signal)),
        );
      for (const wanted of spec.services)
        await each(wanted.Name, () => putService(wanted, state, context, line.act));
      const [first] = failed.values();
      const toDo = plannedServices.filter(({ action }) => CHANGES.has(action)).length;
      if (first && failed.size >= toDo) throw first;
      if (failed.size > 0) line.fail(`not done: ${[...failed.keys()].join(', ')}`);
      else line.say(`${toDo} of ${toDo} done`);
      return failed;
    });

    const awaited = plannedServices.filter(
      ({ name, action, mode }) =>
        (action === 'create' || action === 'update') && !failures.has(name) && !mode.endsWith('-job'),
    );
    const reached = await step(wait, (line) =>
      awaitServices(
        awaited.map(({ name }) => name),
        deadlineMs,
        context,
        line,
      ),
    );
    return {
      stack,
      networks: created.networks,
      configs: created.configs,
      warnings: found.warnings,
      services: plannedServices.map(({ name, action, image, changes: told, mode }) => {
        const failure = failures.get(name);
        return {
          name,
          action,
          image,
          changes: told,
          reached: reached.get(name) ?? null,
          failed: failure !== undefined,
          note: failure
            ? `${failure.message} ${failure.hint}`.trim()
            : mode.endsWith('-job') && CHANGES.has(action)
              ? 'a job: it runs to its end by itself'
              : '',
        };
      }),
    };
  },
});

const CHANGES: ReadonlySet<Action> = new Set(['create', 'update', 'remove']);

async function putService(
  wanted: StackSpec['services'][number],
  state: StackState,
  { swarm, signal }: JobContext,
  act: (what: string, change: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const names = new Map(state.networks.map(({ id, name }) => [id, name]));
  const running = state.services.find(({ name }) => name === wanted.Name);
  const differs = (now: typeof running): boolean =>
    now === undefined ||
    changes(viewOf(now.spec, names), viewOf(settle(wanted, now, state), names)).length > 0;
  if (!differs(running)) return;
  await act(`deploy service ${wanted.Name}`, () =>
    swarm.putStackService(
      wanted.Name,
      (now) => (differs(now) ? settle(wanted, now, state) : undefined),
      signal,
    ),
  );
}

function leaving(planned: Difference['services'], { services }: StackState): StackState['services'] {
  const names = new Set(planned.filter(({ action }) => action === 'remove').map(({ name }) => name));
  return services.filter(({ name }) => names.has(name));
}

function namesToCreate(all: Difference['networks']): string[] {
  return all.filter(({ action }) => action === 'create').map(({ name }) => name);
}

function summary({ services }: Difference): string {
  const count = (action: Action): number => services.filter((service) => service.action === action).length;
  const parts = [
    [count('create'), 'to create'],
    [count('update'), 'to update'],
    [count('remove'), 'to remove'],
    [count('keep'), 'as they are'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number} ${what}`)
    .join(', ');
}
