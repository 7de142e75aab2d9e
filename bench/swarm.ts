/** Puts the lab's swarm back as it was between two runs, through the engines themselves, and looks that it is so. */
import type { Lab } from '../lab/lab.ts';
import { each, until } from '../lab/until.ts';
import { MANAGER } from './ground.ts';

const PATIENCE_MS = 60_000;
const LEAVES_AT_ONCE = 3;

interface Service {
  ID: string;
  Version: { Index: number };
  Spec: { Mode: object };
}

/** Gives the service this many tasks, and makes it if there is none. Resolves when they run and no other is left. */
export async function resetService(
  lab: Lab,
  name: string,
  replicas: number,
  signal: AbortSignal,
): Promise<void> {
  const engine = lab.engine(MANAGER);
  const mode = { Replicated: { Replicas: replicas } };
  const [service] = (await engine.listServices({ filters: { name: [name] } })) as unknown as Service[];
  if (service) {
    const spec = { ...service.Spec, Mode: mode };
    await engine.getService(service.ID).update({ ...spec, version: service.Version.Index });
  } else {
    const image = { ContainerSpec: { Image: 'my-apache2:latest' } };
    await engine.createService({ Name: name, TaskTemplate: image, Mode: mode });
  }
  await until(async () => (await taskStates(lab, name)).join() === Array(replicas).fill('running').join(), {
    what: `just ${replicas} tasks of ${name} to run`,
    within: PATIENCE_MS,
    every: 50,
    signal,
  });
}

/** How many tasks of the service run now. */
export async function runningTasks(lab: Lab, name: string): Promise<number> {
  return (await taskStates(lab, name)).filter((state) => state === 'running').length;
}

async function taskStates(lab: Lab, name: string): Promise<string[]> {
  const tasks = await lab.engine(MANAGER).listTasks({ filters: { service: [name] } });
  return (tasks as { Status: { State: string } }[]).map(({ Status }) => Status.State);
}

interface Node {
  ID: string;
  Description: { Hostname: string };
  Status: { State: string };
}

/** Hostnames that the manager lists as ready. */
export async function readyNodes(lab: Lab): Promise<string[]> {
  const ready = (await nodes(lab)).filter(({ Status }) => Status.State === 'ready');
  return ready.map(({ Description }) => Description.Hostname);
}

async function nodes(lab: Lab): Promise<Node[]> {
  return (await lab.engine(MANAGER).listNodes()) as Node[];
}

/** Takes hosts out of the swarm, with their entries at the manager, so that they can join anew. */
export async function takeOut(lab: Lab, hosts: string[], signal: AbortSignal): Promise<void> {
  const manager = lab.engine(MANAGER);
  await each(hosts, LEAVES_AT_ONCE, async (host) => {
    const { Swarm } = (await lab.engine(host).info()) as { Swarm: { LocalNodeState: string } };
    if (Swarm.LocalNodeState !== 'inactive') await lab.engine(host).swarmLeave({ force: true });
  });
  const left = (await nodes(lab)).filter(({ Description }) => hosts.includes(Description.Hostname));
  await each(left, LEAVES_AT_ONCE, async ({ ID }) => {
    await manager.getNode(ID).remove({ force: true });
  });
  const out = async () =>
    (await nodes(lab)).every(({ Description }) => !hosts.includes(Description.Hostname));
  await until(out, { what: `${hosts.join(', ')} to be forgotten`, within: PATIENCE_MS, every: 50, signal });
}
