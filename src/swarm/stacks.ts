/** Stacks: what carries docker's label of one, read and changed. */
import { z } from 'zod';
import { pathPart } from '../hosts/engine.ts';
import type { Engine } from '../hosts/engine.ts';
import { EngineRefusal } from '../hosts/failures.ts';
import { text, words } from '../hosts/json-parts.ts';
import type { Ask } from './ask.ts';
import { inSequence } from './in-sequence.ts';
import { downNodes, isNotFound, readNodes, readTasks } from './reads.ts';
import {
  STACK_LABEL,
  type ConfigSpec,
  type NetworkSpec,
  type RunningService,
  type StackNetwork,
  type StackObject,
  type StackState,
} from './stack-shapes.ts';
import { isOver } from './task-states.ts';

export type StackPart = 'service' | 'network' | 'config' | 'secret';

export interface Stacks {
  /** Each stack with the names of its services, by name. */
  stacks(signal?: AbortSignal): Promise<{ name: string; services: string[] }[]>;
  /** All that belongs to the stack, and what its services may use of others. A stack that is not there has no services. */
  stackState(stack: string, signal?: AbortSignal): Promise<StackState>;
  /** One that is there already is left as it is. */
  createStackNetwork(spec: NetworkSpec, signal?: AbortSignal): Promise<void>;
  /** One that is there already is left as it is. */
  createStackConfig(spec: ConfigSpec, signal?: AbortSignal): Promise<void>;
  /**
   * Creates the service, or updates it with the version that `make` has seen; when somebody else was faster `make` is
   * asked again, a bounded number of times. `make` gives the whole spec, or undefined when what runs may stay.
   */
  putStackService(
    name: string,
    make: (running: RunningService | undefined) => object | undefined,
    signal?: AbortSignal,
  ): Promise<'created' | 'updated' | 'same'>;
  /** What is gone already is fine. `busy`: tasks still use it. */
  removeStackPart(part: StackPart, id: string, signal?: AbortSignal): Promise<'removed' | 'busy'>;
  /** Tasks of the stack that have not ended, and how many of those are on nodes that are down and cannot say so. */
  stackTasks(stack: string, signal?: AbortSignal): Promise<{ live: number; lost: number }>;
}

const object = z.object({
  ID: z.string(),
  Spec: z.object({ Name: z.string(), Labels: words, Data: text }),
});
const service = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  Spec: z.looseObject({ Name: z.string(), Labels: words }),
});
const network = z.object({
  Id: z.string(),
  Name: z.string(),
  Scope: text,
  Driver: text,
  Internal: z.boolean().catch(false),
  Attachable: z.boolean().catch(false),
  Labels: words,
  IPAM: z.object({ Config: z.array(z.object({ Subnet: text })).nullish() }).nullish(),
});

export function stacksPart(ask: Ask): Stacks {
  return {
    async stacks(signal) {
      const all = await ask('stacks', signal, readServices);
      const byStack = Map.groupBy(all, ({ Spec }) => Spec.Labels[STACK_LABEL] ?? '');
      byStack.delete('');
      return [...byStack]
        .map(([name, services]) => ({ name, services: services.map(({ Spec }) => Spec.Name).toSorted() }))
        .toSorted((a, b) => a.name.localeCompare(b.name));
    },

    async stackState(stack, signal) {
      return await ask('stack', signal, async (engine, abortSignal) => {
        const [services, networks, configs, secrets] = await Promise.all([
          readServices(engine, abortSignal),
          engine.listNetworks({ abortSignal }).then((answer) => z.array(network).parse(answer)),
          engine.listConfigs({ abortSignal }).then(toObjects),
          engine.listSecrets({ abortSignal }).then(toObjects),
        ]);
        const own = services.filter(({ Spec }) => Spec.Labels[STACK_LABEL] === stack);
        const hidden = await hiddenNetworks(engine, own, networks, abortSignal);
        return {
          services: own.map(toRunning).toSorted((a, b) => a.name.localeCompare(b.name)),
          otherServices: services.filter((one) => !own.includes(one)).map(({ Spec }) => Spec.Name),
          networks: [...networks, ...hidden].map(toNetwork),
          configs,
          secrets,
        };
      });
    },

    async createStackNetwork(spec, signal) {
      await ask('create network', signal, (engine, abortSignal) =>
        unlessThere(() => engine.createNetwork({ _query: {}, _body: spec, abortSignal })),
      );
    },

    async createStackConfig(spec, signal) {
      await ask('create config', signal, (engine, abortSignal) =>
        unlessThere(() => engine.createConfig({ _query: {}, _body: spec, abortSignal })),
      );
    },

    async putStackService(name, make, signal) {
      return await ask('deploy service', signal, (engine, abortSignal) =>
        inSequence(`The service ${name}`, () => put(engine, name, make, abortSignal)),
      );
    },

    async removeStackPart(part, id, signal) {
      return await ask(`remove ${part}`, signal, async (engine, abortSignal) => {
        try {
          await handle(engine, part, id).remove({ abortSignal });
          return 'removed';
        } catch (thrown) {
          if (isNotFound(thrown)) return 'removed';
          if (/in use|has active endpoints/i.test(refusalText(thrown))) return 'busy';
          throw thrown;
        }
      });
    },

    async stackTasks(stack, signal) {
      return await ask('tasks', signal, async (engine, abortSignal) => {
        const [tasks, nodes] = await Promise.all([
          readTasks(engine, { label: [`${STACK_LABEL}=${stack}`] }, abortSignal),
          readNodes(engine, abortSignal),
        ]);
        const down = downNodes(nodes);
        // A task that never got to a node has nothing to end.
        const open = tasks.filter(({ Status, NodeID }) => !isOver(Status.State) && NodeID !== '');
        const lost = open.filter(({ NodeID }) => down.has(NodeID)).length;
        return { live: open.length - lost, lost };
      });
    },
  };
}

async function put(
  engine: Engine,
  name: string,
  make: (running: RunningService | undefined) => object | undefined,
  abortSignal: AbortSignal,
): Promise<'created' | 'updated' | 'same'> {
  const found = await inspect(engine, name, abortSignal);
  const spec = make(found && toRunning(found));
  if (spec === undefined) return 'same';
  if (!found) {
    await engine.createService(undefined, { _body: spec, abortSignal });
    return 'created';
  }
  await engine
    .getService(pathPart(found.ID))
    .update({ _query: { version: found.Version.Index }, _body: spec, abortSignal });
  return 'updated';
}

async function inspect(engine: Engine, name: string, abortSignal: AbortSignal) {
  try {
    const found = service.parse(await engine.getService(pathPart(name)).inspect({ abortSignal }));
    // The engine would take the beginning of an ID as well.
    return found.Spec.Name === name ? found : undefined;
  } catch (thrown) {
    if (isNotFound(thrown)) return undefined;
    throw thrown;
  }
}

async function readServices(engine: Engine, abortSignal: AbortSignal) {
  return z.array(service).parse(await engine.listServices({ abortSignal }));
}

const attached = z.object({
  TaskTemplate: z.object({ Networks: z.array(z.object({ Target: text })).nullish() }),
});

/** The swarm's own entries for the networks that every node has, such as host: no list has them, but by ID they are told. */
async function hiddenNetworks(
  engine: Engine,
  services: z.infer<typeof service>[],
  listed: z.infer<typeof network>[],
  abortSignal: AbortSignal,
): Promise<z.infer<typeof network>[]> {
  const targets = services.flatMap(({ Spec }) => attached.parse(Spec).TaskTemplate.Networks ?? []);
  const known = new Set(listed.flatMap(({ Id, Name }) => [Id, Name]));
  const unknown = [...new Set(targets.map(({ Target }) => Target))].filter(
    (id) => id !== '' && !known.has(id),
  );
  const found = unknown.map(async (id) => {
    try {
      return [network.parse(await engine.getNetwork(pathPart(id)).inspect({ abortSignal }))];
    } catch (thrown) {
      if (isNotFound(thrown)) return [];
      throw thrown;
    }
  });
  return (await Promise.all(found)).flat();
}

function toRunning({ ID, Spec }: z.infer<typeof service>): RunningService {
  return { id: ID, name: Spec.Name, spec: Spec };
}

function toNetwork({ Id, Name, IPAM, Labels, ...rest }: z.infer<typeof network>): StackNetwork {
  return {
    id: Id,
    name: Name,
    scope: rest.Scope,
    driver: rest.Driver,
    internal: rest.Internal,
    attachable: rest.Attachable,
    subnets: (IPAM?.Config ?? []).map(({ Subnet }) => Subnet),
    stack: Labels[STACK_LABEL] ?? '',
  };
}

function toObjects(answer: unknown): StackObject[] {
  return z
    .array(object)
    .parse(answer)
    .map(({ ID, Spec }) => ({
      id: ID,
      name: Spec.Name,
      stack: Spec.Labels[STACK_LABEL] ?? '',
      data: Spec.Data,
    }));
}

function handle(engine: Engine, part: StackPart, id: string) {
  const path = pathPart(id);
  if (part === 'service') return engine.getService(path);
  if (part === 'network') return engine.getNetwork(path);
  return part === 'config' ? engine.getConfig(path) : engine.getSecret(path);
}

/** Somebody, or this very job before a crash, was first. */
async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (thrown) {
    if (!/already exists|name conflicts/i.test(refusalText(thrown))) throw thrown;
  }
}

function refusalText(thrown: unknown): string {
  if (thrown instanceof EngineRefusal) return thrown.text;
  return thrown instanceof Error ? thrown.message : '';
}
