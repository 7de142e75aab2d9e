import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { Node, Service, Swarm, Task } from '../swarm/swarm.ts';
import { defineJob } from './define.ts';
import { asksForEnded, fitsTask, worstTaskFirst } from './tasks-filter.ts';

/** What the list shows of a task: thousands of them are kept with the request. */
interface TaskRow {
  task: string;
  node: string;
  state: string;
  /** ISO time of the last change of state, to the second. */
  at: string;
  error: string;
}

/** The start of an error tells what it is; more does not fit into a cell. */
const MOST_ERROR = 200;

export const ps = defineJob({
  input: z.object({
    /** A service, or a node. Null: any service, where `node` is given. */
    name: z.string().nullable(),
    words: z.array(z.string()),
    node: z.string().nullable(),
    all: z.boolean(),
    filters: z.record(z.string(), z.array(z.string())),
    page: z.int().min(1),
  }),
  lock: () => [],
  steps: () => ['Read the tasks'],
  async run({ name, words, node: on, all, filters, page }, { swarm, step, signal }) {
    return await step('Read the tasks', async () => {
      const subject = await subjectOf(name, on, swarm, signal);
      const of = subject.service ? { service: subject.service.id } : {};
      const where = subject.node === undefined ? {} : { node: subject.node };
      const history = all || asksForEnded(words);
      const tasks = await swarm.tasks({ ...of, ...where, history, filters }, signal);
      return {
        name: subject.service?.name ?? subject.node ?? '',
        node: subject.service ? (subject.node ?? null) : null,
        words,
        filters,
        page,
        /** Of a service: how many tasks it should have, and has. */
        service: subject.service && strength(subject.service),
        all: tasks.length,
        running: tasks.filter(({ state, desiredState }) => state === 'running' && desiredState === 'running')
          .length,
        rows: tasks
          .filter((task) => fitsTask(task, words))
          .toSorted(worstTaskFirst)
          .map(rowOf),
      };
    });
  },
});

function strength({ wanted, running, image }: Service) {
  return { wanted, running, image };
}

interface Subject {
  service?: Service;
  /** Name or ID. */
  node?: string;
}

/** Docker has `service ps` and `node ps`: the name tells which is meant, and a service comes first. */
async function subjectOf(
  name: string | null,
  on: string | null,
  swarm: Swarm,
  signal: AbortSignal,
): Promise<Subject> {
  const node = on === null ? {} : { node: on };
  if (name === null) return node;
  try {
    return { service: await swarm.service(name, signal), ...node };
  } catch (error) {
    if (!(error instanceof UserError) || on !== null) throw error;
    const nodes = await swarm.nodes(signal);
    if (nodes.some((one) => isCalled(one, name))) return { node: name };
    throw new UserError(`No service or node is called ${name}.`, {
      hint: error.hint.startsWith('Did you mean')
        ? error.hint
        : '`/swarm services` and `/swarm nodes` list them.',
    });
  }
}

function isCalled({ hostname, id }: Node, name: string): boolean {
  return hostname === name || id === name;
}

function rowOf({ service, slot, node, state, at, error }: Task): TaskRow {
  return {
    task: slot > 0 ? `${service}.${slot}` : service,
    node,
    state,
    at: at.slice(0, 19),
    error: error.length > MOST_ERROR ? `${error.slice(0, MOST_ERROR - 1)}…` : error,
  };
}
