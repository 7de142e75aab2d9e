import { z } from 'zod';
import type { Node } from '../swarm/swarm.ts';
import { defineJob } from './define.ts';
import { fitsNode, worstNodeFirst } from './nodes-filter.ts';

/** What the list shows of a node: a thousand of them are kept with the request. */
export interface NodeRow {
  name: string;
  state: Node['state'];
  message: string;
  availability: Node['availability'];
  role: 'leader' | 'manager' | 'worker';
  /** Managers only, and only when it is not as it should be. */
  reachability?: 'unknown' | 'unreachable';
  address: string;
  version: string;
  cpus: number;
  memoryBytes: number;
}

/** Several nodes may share a hostname: their IDs tell them apart, so much of them. */
const SHOWN_ID = 12;

export const nodes = defineJob({
  input: z.object({
    words: z.array(z.string()),
    filters: z.record(z.string(), z.array(z.string())),
    page: z.int().min(1),
  }),
  lock: () => [],
  steps: () => ['Read the nodes'],
  async run({ words, filters, page }, { swarm, step, signal }) {
    const all = await step('Read the nodes', () => swarm.nodes(signal, filters));
    const times = new Map<string, number>();
    for (const { hostname } of all) times.set(hostname, (times.get(hostname) ?? 0) + 1);
    return {
      words,
      filters,
      page,
      all: all.length,
      ready: all.filter(({ state }) => state === 'ready').length,
      managers: all.filter(({ manager }) => manager).length,
      rows: all
        .filter((node) => fitsNode(node, words))
        .toSorted(worstNodeFirst)
        .map((node) => rowOf(node, (times.get(node.hostname) ?? 0) > 1)),
    };
  },
});

function rowOf(node: Node, shared: boolean): NodeRow {
  const { id, hostname, state, message, availability, role, manager, address, version } = node;
  const reachability = manager?.reachability ?? 'reachable';
  return {
    name: shared || hostname === '' ? `${hostname} (${id.slice(0, SHOWN_ID)})`.trim() : hostname,
    state,
    message: state === 'ready' ? '' : message,
    availability,
    role: manager?.leader ? 'leader' : role,
    ...(reachability === 'reachable' ? {} : { reachability }),
    address,
    version,
    cpus: node.cpus,
    memoryBytes: node.memoryBytes,
  };
}
