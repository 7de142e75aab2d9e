/** Services as tests need them: made by the lab's own client, so that no check of the project's stands in the way. */
import type { Lab } from '../../../lab/lab.ts';
import { until } from '../../../lab/until.ts';

/** As much of a service's spec as tests change. */
interface Spec {
  Name: string;
  TaskTemplate: { ContainerSpec: { Image: string }; [more: string]: unknown };
  [more: string]: unknown;
}

export interface Wish {
  replicas?: number;
  image?: string;
  /** Host on which it is to run. */
  on?: string;
  task?: object;
  spec?: object;
}

/** @throws what the engine refuses. */
export async function createService(lab: Lab, name: string, wish: Wish = {}): Promise<void> {
  const { replicas = 1, image = 'my-apache2:latest', on, task, spec } = wish;
  await lab.engine('manager').createService({
    Name: name,
    TaskTemplate: {
      ContainerSpec: { Image: image },
      ...(on === undefined ? {} : { Placement: { Constraints: [`node.hostname==${on}`] } }),
      ...task,
    },
    Mode: { Replicated: { Replicas: replicas } },
    ...spec,
  });
}

export async function readService(
  lab: Lab,
  name: string,
): Promise<{ Version: { Index: number }; Spec: Spec }> {
  return (await lab.engine('manager').getService(name).inspect()) as {
    Version: { Index: number };
    Spec: Spec;
  };
}

export async function changeService(lab: Lab, name: string, change: (spec: Spec) => object): Promise<void> {
  const { Version, Spec } = await readService(lab, name);
  await lab
    .engine('manager')
    .getService(name)
    .update({ _query: { version: Version.Index }, _body: change(Spec) });
}

interface Task {
  NodeID?: string;
  DesiredState: string;
  Status: { State: string };
}

export async function tasksOf(lab: Lab, service: string): Promise<Task[]> {
  return (await lab.engine('manager').listTasks({ filters: { service: [service] } })) as Task[];
}

/** Waits until so many of a service's tasks run. */
export async function runs(lab: Lab, service: string, tasks = 1): Promise<void> {
  await until(
    async () =>
      (await tasksOf(lab, service)).filter(({ Status }) => Status.State === 'running').length >= tasks,
    { what: `${tasks} tasks of ${service} to run`, within: 30_000, every: 100 },
  );
}
