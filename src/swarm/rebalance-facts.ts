/** Where the tasks of services run and could run. */
import type { Ask } from './ask.ts';
import { roomOn } from './forecast.ts';
import type { PlacedTask, Places, PlaceService } from './forecast.ts';
import { readPlaces } from './forecast-facts.ts';
import { planMoves, planSingle } from './rebalance-plan.ts';
import type { BalanceNode, Plan } from './rebalance-plan.ts';

export interface Balances {
  /** Every replicated service with its nodes: those that have tasks of it and those that could. */
  balances(signal?: AbortSignal): Promise<Balance[]>;
}

export interface Balance {
  id: string;
  name: string;
  /** Replicas that are set. */
  wanted: number;
  nodes: BalanceNode[];
  /** What would level it. */
  plan: Plan;
  /** Of a service of one task: what would take it to a node on which less runs. */
  single: Plan;
}

export function balancesOf(read: Ask): Balances {
  return {
    balances: async (signal) => {
      const places = await read('places', signal, readPlaces);
      const byNode = Map.groupBy(places.tasks, ({ node }) => node);
      return places.services
        .flatMap((service) =>
          service.replicas === undefined ? [] : balance(service, service.replicas, places, byNode),
        )
        .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    },
  };
}

/** Made once: that takes longer than a comparison. */
const inOrder = new Intl.Collator('en', { numeric: true });

function balance(
  service: PlaceService,
  wanted: number,
  places: Places,
  byNode: Map<string, PlacedTask[]>,
): Balance {
  const all = places.nodes.map((node): BalanceNode => {
    const here = byNode.get(node.id) ?? [];
    // Only this node's tasks count for it: with all of them a large swarm would take minutes.
    const { room, by } = roomOn(node, service, { ...places, tasks: here });
    return {
      id: node.id,
      hostname: node.hostname,
      has: here.filter((task) => task.service === service.id).length,
      room: Number.isFinite(room) ? room : null,
      tasks: here.length,
      limit: by?.kind ?? '',
    };
  });
  const nodes = all
    .filter(({ has, room }) => has > 0 || room !== 0)
    .toSorted((a, b) => inOrder.compare(a.hostname, b.hostname));
  return {
    id: service.id,
    name: service.name,
    wanted,
    nodes,
    plan: planMoves(nodes),
    single: planSingle(nodes),
  };
}
