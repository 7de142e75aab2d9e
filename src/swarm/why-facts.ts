/** What has to be known to say why a service or a node is as it is: read from a manager, judged elsewhere. */
import { z } from 'zod';
import { part, words } from '../hosts/json-parts.ts';
import type { Engine } from '../hosts/engine.ts';
import type { Ask } from './ask.ts';
import { CHAT_SCALE_LABEL } from './chat-scale.ts';
import { observe } from './converge-rule.ts';
import type { TaskJson } from './engine-json.ts';
import { meets, parseConstraint } from './forecast-constraint.ts';
import { forecast } from './forecast.ts';
import type { Places, PlaceService } from './forecast.ts';
import { readPlaces } from './forecast-facts.ts';
import { downNodes, namesOf, readNodes, readService, readTasks } from './reads.ts';
import { hasFailed, reasonsOf, spreadOf, troublesOf } from './shortfall.ts';
import type { Service, Shortfall, Spread, UpdateState } from './swarm.ts';
import { countTasks, newestFirst, placeOf, toService } from './translate.ts';
import { isOver } from './task-states.ts';

export interface WhyReads {
  /** By name or ID. @throws UserError naming the nearest services. */
  whyService(name: string, signal?: AbortSignal): Promise<ServiceFacts>;
  /** Services with more than one task on some other node, of which this one could take some, by name. */
  couldTake(nodeId: string, signal?: AbortSignal): Promise<string[]>;
}

export interface ServiceFacts {
  service: Service;
  /** ISO time from which on the missing tasks are missing; empty when none is or it cannot be told. */
  since: string;
  update: UpdateState;
  /** The stack that it is of; empty: none. */
  stack: string;
  /** Replicas that were set from chat before the present spec came, where it has others. */
  fromChat: number | null;
  constraints: string[];
  /** Why places run nothing. */
  reasons: Shortfall[];
  /** Tasks on their way that give no reason, by state and node. */
  starting: Shortfall[];
  /** What failed and has been replaced since, newest of each place, with the ISO time of the last. */
  failed: Shortfall[];
  failedAt: string;
  /** Places whose task has come to a good end although tasks are wanted to run. */
  ended: number;
  spread: Spread[];
  /** The most replicas for which there is room; null: nothing limits it, or it is not a replicated service. */
  fits: number | null;
  /** The node that lacks only a label for all constraints. */
  nearest: { node: string; label: string } | null;
  /** `closed`: ready, and drained or paused. `closedFor`: those that meet its constraints, when no open node does. */
  nodes: { ready: number; closed: string[]; closedFor: string[] };
}

export function whyReads(read: Ask): WhyReads {
  return {
    whyService: (name, signal) =>
      read('why', signal, (engine, abortSignal) => serviceFacts(engine, name, abortSignal)),
    couldTake: (nodeId, signal) =>
      read('why', signal, async (engine, abortSignal) => {
        const { nodes, services, tasks } = await readPlaces(engine, abortSignal);
        const node = nodes.find(({ id }) => id === nodeId);
        if (!node) return [];
        const crowded = new Set(
          [...Map.groupBy(tasks, (task) => `${task.service} ${task.node}`).values()].flatMap(
            ([first, second]) => (first && second ? first.service : []),
          ),
        );
        return services
          .filter(
            ({ id, replicas = 0, needs }) =>
              replicas > 1 && crowded.has(id) && needs.constraints.every((one) => meets(node, one)),
          )
          .map((service) => service.name)
          .toSorted();
      }),
  };
}

const specJson = part({
  Labels: words,
  Mode: part({ Replicated: part({ Replicas: z.number().nullish() }) }),
});
const historyJson = z.object({ Spec: specJson, PreviousSpec: specJson });
type History = z.infer<typeof historyJson>;

async function serviceFacts(engine: Engine, name: string, abortSignal: AbortSignal): Promise<ServiceFacts> {
  const { raw, service } = await readService(engine, name, abortSignal);
  const of = { service: [service.ID] };
  const [present, every, nodes, places] = await Promise.all([
    readTasks(engine, { ...of, '_up-to-date': ['true'] }, abortSignal),
    readTasks(engine, of, abortSignal),
    readNodes(engine, abortSignal),
    readPlaces(engine, abortSignal),
  ]);
  const history = historyJson.parse(raw);
  const matching = new Set(present.map(({ ID }) => ID));
  const down = downNodes(nodes);
  const names = namesOf(nodes);
  const empty = emptyPlaces(every, down);
  const snapshot = { service, tasks: present, others: every.filter(({ ID }) => !matching.has(ID)), down };
  const said = reasonsOf(snapshot, names);
  const failed = newestOfEachPlace(every).filter(hasFailed);
  const place = places.services.find(({ id }) => id === service.ID);
  const foreseen =
    place?.replicas === undefined
      ? undefined
      : forecast(places, [{ service: service.ID, replicas: place.replicas }])[0];
  const isClosed = ({ Spec, Status }: (typeof nodes)[number]) =>
    Status.State === 'ready' && Spec.Availability !== 'active';
  const namesWhere = (fits: (node: (typeof nodes)[number]) => boolean) =>
    nodes.filter(fits).map(({ ID, Description }) => Description.Hostname || ID);
  return {
    service: toService(service, countTasks(service, wanted(every), down)),
    since: missingSince(empty, down),
    update: observe(snapshot).update,
    stack: history.Spec.Labels['com.docker.stack.namespace'] ?? '',
    fromChat: undoneChatScale(history),
    constraints: place?.needs.constraints ?? [],
    reasons: said.filter(({ error }) => error !== ''),
    starting: said.filter(({ error }) => error === ''),
    failed: troublesOf(failed, names),
    failedAt:
      failed
        .map(({ Status }) => Status.Timestamp)
        .toSorted()
        .at(-1) ?? '',
    ended: newestOfEachPlace(empty.flat()).filter(({ Status }) => Status.State === 'complete').length,
    spread: spreadOf({ ...snapshot, tasks: every }, names),
    fits: foreseen?.most ?? null,
    nearest: place ? nearestNode(places, place) : null,
    nodes: {
      ready: nodes.filter(({ Status }) => Status.State === 'ready').length,
      closed: namesWhere(isClosed),
      closedFor: place ? onlyClosedNodes(places, place) : [],
    },
  };
}

const wanted = (tasks: TaskJson[]) =>
  tasks.filter(({ DesiredState }) => DesiredState === 'running' || DesiredState === 'ready');

/** The newest task of each place that has ended. */
function newestOfEachPlace(tasks: TaskJson[]): TaskJson[] {
  const over = tasks.filter(({ Status }) => isOver(Status.State)).toSorted(newestFirst);
  return [...new Map(over.toReversed().map((task) => [placeOf(task), task])).values()];
}

/** The tasks of each place that should run something and does not, newest first. */
function emptyPlaces(tasks: TaskJson[], down: ReadonlySet<string>): TaskJson[][] {
  const runs = ({ Status, NodeID }: TaskJson) => Status.State === 'running' && !down.has(NodeID);
  return [...Map.groupBy(tasks.toSorted(newestFirst), placeOf).values()].filter(
    (here) => !here.some(runs) && !here.every(({ DesiredState }) => DesiredState === 'remove'),
  );
}

/**
 * The oldest of the moments at which places began to run nothing: when what ran there ended, or when the first task was
 * made that never ran, as far back as the swarm remembers. What ran on a node that is down says nothing of its end.
 */
function missingSince(places: TaskJson[][], down: ReadonlySet<string>): string {
  const moments = places.flatMap((here) => {
    const oldest = here.findLast(({ NodeID, Status }) => !(down.has(NodeID) && Status.State === 'running'));
    if (!oldest) return [];
    return isOver(oldest.Status.State) ? oldest.Status.Timestamp : oldest.CreatedAt;
  });
  return moments.toSorted()[0] ?? '';
}

/** A deploy of a stack replaces the service's labels, so the number that was set from chat stands in the spec before. */
function undoneChatScale({ Spec, PreviousSpec }: History): number | null {
  const now = Spec.Mode.Replicated.Replicas;
  const kept = [Spec, PreviousSpec].map(({ Labels }) => Labels[CHAT_SCALE_LABEL]).find(Boolean);
  const inStack = Spec.Labels['com.docker.stack.namespace'] !== undefined;
  return kept !== undefined && inStack && typeof now === 'number' && Number(kept) !== now
    ? Number(kept)
    : null;
}

/** The node that takes tasks and lacks nothing but one label that a constraint asks for. */
function nearestNode({ nodes }: Places, { needs }: PlaceService): ServiceFacts['nearest'] {
  for (const node of nodes) {
    if (node.state !== 'ready' || node.availability !== 'active') continue;
    const unmet = needs.constraints.filter((constraint) => !meets(node, constraint));
    const [only] = unmet;
    if (only === undefined || unmet.length > 1) continue;
    const { key = '', equal, value } = parseConstraint(only) ?? {};
    const label = /^node\.labels\.(?<label>.+)$/i.exec(key)?.groups?.['label'];
    if (label !== undefined && equal === true) return { node: node.hostname, label: `${label}=${value}` };
  }
  return null;
}

/** Hostnames of the nodes that meet the constraints and take no tasks, unless one that takes tasks meets them. */
function onlyClosedNodes({ nodes }: Places, { needs }: PlaceService): string[] {
  const meant = nodes.filter(
    (node) => node.state === 'ready' && needs.constraints.every((constraint) => meets(node, constraint)),
  );
  return meant.some(({ availability }) => availability === 'active')
    ? []
    : meant.map(({ hostname }) => hostname);
}
