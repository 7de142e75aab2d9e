/** What the lab's own clients see in the engines, whatever Swarmkeeper says. */
import type { Lab } from '../../lab/lab.ts';

/** As much of a node's answer as the tests look at. */
export interface NodeJson {
  ID: string;
  Version: { Index: number };
  Spec: { Role: string; Availability: string; Labels: Record<string, string> };
  Description: { Hostname: string };
  Status: { State: string; Addr: string };
  ManagerStatus?: { Reachability: string };
}

/** The swarm part of `docker info`. */
interface LocalSwarm {
  LocalNodeState: string;
  Error: string;
  NodeID: string;
  NodeAddr: string;
  ControlAvailable: boolean;
}

interface TaskJson {
  NodeID: string;
  DesiredState: string;
  Status: { State: string; Err?: string };
}

/** The swarm's nodes, as this manager lists them. */
export async function nodesOf(lab: Lab, manager = 'manager'): Promise<NodeJson[]> {
  return (await lab.engine(manager).listNodes()) as NodeJson[];
}

/** What the host itself thinks of its part in a swarm. */
export async function localSwarm(lab: Lab, host: string): Promise<LocalSwarm> {
  const { Swarm } = (await lab.engine(host).info()) as { Swarm: LocalSwarm };
  return Swarm;
}

/** How many tasks of the service run, by hostname. */
export async function runningByNode(lab: Lab, service: string): Promise<Record<string, number>> {
  const [nodes, tasks] = await Promise.all([
    nodesOf(lab),
    lab.engine('manager').listTasks({ filters: { service: [service] } }) as Promise<TaskJson[]>,
  ]);
  const running = tasks.filter(
    ({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running',
  );
  const counts: Record<string, number> = {};
  for (const { NodeID } of running) {
    const name = nodes.find(({ ID }) => ID === NodeID)?.Description.Hostname ?? NodeID;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The number of replicas that stands in the service's spec. */
export async function replicasOf(lab: Lab, service: string): Promise<number | undefined> {
  const { Spec } = (await lab.engine('manager').getService(service).inspect()) as {
    Spec: { Mode: { Replicated?: { Replicas: number } } };
  };
  return Spec.Mode.Replicated?.Replicas;
}
