/** One node with all that is known of it, beyond the line that a list has for it. */
import { z } from 'zod';
import { count, part, text } from '../hosts/json-parts.ts';
import type { Ask } from './ask.ts';
import { nodeJson, taskJson } from './engine-json.ts';
import { namesOf, nodeIds } from './reads.ts';
import type { Node, Task } from './swarm.ts';
import { currentTasks, toNode, toTask } from './translate.ts';

export interface NodeDetails {
  /** Nodes of this name or ID, the living first: several may share a hostname. @throws UserError naming the nearest. */
  nodeDetails(name: string, signal?: AbortSignal): Promise<NodeDetail[]>;
}

export interface NodeDetail {
  node: Node;
  /** `linux/x86_64`; empty when it does not say. */
  platform: string;
  /** ISO time at which its entry changed last: of a node that is down, mostly when that was noticed. */
  changedAt: string;
  /** What its tasks have reserved. */
  reserved: { cpus: number; memoryBytes: number };
  /** Wanted running there, and the ones that failed there last; newest first. */
  tasks: Task[];
}

const detailJson = z.intersection(
  nodeJson,
  z.object({ UpdatedAt: text, Description: part({ Platform: part({ OS: text, Architecture: text }) }) }),
);
const reservingJson = z.intersection(
  taskJson,
  z.object({
    Spec: part({ Resources: part({ Reservations: part({ NanoCPUs: count, MemoryBytes: count }) }) }),
  }),
);
const named = z.object({ ID: z.string(), Spec: z.object({ Name: z.string() }) });

export function nodeDetails(read: Ask): NodeDetails {
  return {
    nodeDetails: (name, signal) =>
      read('node', signal, async (engine, abortSignal) => {
        const nodes = z.array(detailJson).parse(await engine.listNodes({ abortSignal }));
        const ids = nodeIds(nodes, name);
        const [tasks, services] = await Promise.all([
          engine
            .listTasks({ filters: { node: ids }, abortSignal })
            .then((answer) => z.array(reservingJson).parse(answer)),
          engine.listServices({ abortSignal }).then((answer) => z.array(named).parse(answer)),
        ]);
        const names = {
          nodes: namesOf(nodes),
          services: new Map(services.map(({ ID, Spec }) => [ID, Spec.Name])),
        };
        return nodes
          .filter(({ ID }) => ids.includes(ID))
          .map((raw): NodeDetail => {
            const here = tasks.filter(({ NodeID }) => NodeID === raw.ID);
            const held = here.filter(({ DesiredState }) => DesiredState === 'running');
            const { OS, Architecture } = raw.Description.Platform;
            return {
              node: toNode(raw),
              platform: [OS, Architecture].filter(Boolean).join('/'),
              changedAt: raw.UpdatedAt,
              reserved: {
                cpus: sum(held.map(({ Spec }) => Spec.Resources.Reservations.NanoCPUs)) / 1e9,
                memoryBytes: sum(held.map(({ Spec }) => Spec.Resources.Reservations.MemoryBytes)),
              },
              tasks: currentTasks(here)
                .map((task) => toTask(task, names))
                .filter(({ desiredState, error }) => desiredState === 'running' || error !== ''),
            };
          })
          .toSorted((a, b) => Number(a.node.state === 'down') - Number(b.node.state === 'down'));
      }),
  };
}

const sum = (numbers: number[]): number => numbers.reduce((all, one) => all + one, 0);
