/** What is known of a node, from the managers and from the host itself. An unreachable host is evidence, not a failure. */
import { UserError } from '../errors.ts';
import type { HostAnswer, NodeFacts } from '../diagnosis/why-node-facts.ts';
import type { Host } from '../hosts/hosts.ts';
import type { NodeDetail } from '../swarm/node-details.ts';
import type { Node, Service } from '../swarm/swarm.ts';
import type { JobContext } from './define.ts';
import { hostsLike } from './node-find.ts';
import { inTime } from './why-ask.ts';

const HOST_MS = 8_000;
/** A host that answers at all runs a command at once. */
const ALIVE_MS = 3_000;
const DIAL_MS = 4_000;
/** A task that was told to stop needs a moment. */
const STRAY_MS = 60_000;

export async function nodeFacts(
  {
    name,
    entries: found,
    overview,
  }: { name: string; entries: Node[]; overview: { nodes: Node[]; services: Service[] } | undefined },
  context: Pick<JobContext, 'swarm' | 'hosts' | 'signal'>,
): Promise<NodeFacts> {
  const { swarm, hosts, signal } = context;
  const [node] = found;
  const host = hostFor(name, node, context);
  const nodes = overview?.nodes ?? [];
  const managers = nodes.filter(({ role }) => role === 'manager');
  const [entries, said, toManager] = await Promise.all([
    details(found, context),
    host ? askHost(host, signal) : null,
    host && node?.state !== 'ready' ? dialManager(host, nodes, context) : null,
  ]);
  const ours = said?.kind === 'info' && said.info.swarm.nodeId === node?.id;
  const isOpen = node?.state === 'ready' && node.availability === 'active';
  const [strays, couldTake] = await Promise.all([
    host && ours && node?.state === 'ready' ? straysOn(host, entries, signal) : 0,
    isOpen && overview
      ? inTime(HOST_MS, signal, (inner) => swarm.couldTake(node.id, inner)).then((all) =>
          all.ok ? all.value : [],
        )
      : [],
  ]);
  return {
    name,
    entries,
    host: host ? { name: host.name, address: host.address } : null,
    said,
    toManager,
    managers: {
      total: managers.length,
      reachable: managers.filter(({ manager }) => manager?.reachability === 'reachable').length,
    },
    managersAnswer: overview !== undefined,
    versions: [...new Set(nodes.filter(({ state }) => state === 'ready').map(({ version }) => version))],
    strays,
    couldTake,
  };

  function hostFor(
    called: string,
    of: Node | undefined,
    { hosts: known }: Pick<JobContext, 'hosts'>,
  ): Host | undefined {
    const own = hosts.names().find((one) => one.toLowerCase() === called.toLowerCase());
    if (own !== undefined) return known.host(own);
    return of ? hostsLike(of, known)[0] : undefined;
  }
}

/** All that the managers know of these entries, in the same order; those that vanish meanwhile are left out. */
async function details(
  found: Node[],
  { swarm, signal }: Pick<JobContext, 'swarm' | 'signal'>,
): Promise<NodeDetail[]> {
  const all = await Promise.all(
    found.map(({ id }) => inTime(HOST_MS, signal, (inner) => swarm.nodeDetails(id, inner))),
  );
  return all.flatMap((one) => (one.ok ? one.value : []));
}

export async function askHost(host: Host, signal: AbortSignal): Promise<HostAnswer> {
  const asked = await inTime(HOST_MS, signal, (inner) => host.info(inner));
  if (asked.ok) return { kind: 'info', info: asked.value };
  if (asked.late) return await late(host, signal);
  const { error } = asked;
  // HostFailure names its kind; its class is not for jobs to know.
  const kind = error instanceof UserError && 'kind' in error ? String(error.kind) : 'late';
  return {
    kind: 'failed',
    failed: kind,
    message:
      error instanceof UserError ? error.message : `${host.name} gave no answer within ${HOST_MS / 1000} s.`,
  };
}

/** No answer in time: it is the engine that hangs where the host itself still answers, and the host otherwise. */
async function late(host: Host, signal: AbortSignal): Promise<HostAnswer> {
  const alive = await inTime(ALIVE_MS, signal, (inner) =>
    host.run(['true'], { timeoutMs: ALIVE_MS, signal: inner }),
  );
  const kind = alive.ok ? 'silent' : 'unreachable';
  const who = alive.ok ? `The engine of ${host.name}` : host.name;
  return { kind: 'failed', failed: kind, message: `${who} gave no answer within ${HOST_MS / 1000} s.` };
}

/** One connection from the host to the manager that leads, as a node needs it. */
async function dialManager(
  host: Host,
  nodes: Node[],
  { signal }: Pick<JobContext, 'signal'>,
): Promise<NodeFacts['toManager']> {
  const managers = nodes.flatMap(({ manager, address: at }) =>
    manager?.reachability === 'reachable' && at !== host.address ? [manager] : [],
  );
  const address = managers.toSorted((a, b) => Number(b.leader) - Number(a.leader))[0]?.address ?? '';
  const colon = address.lastIndexOf(':');
  if (colon < 1) return null;
  const outcome = await inTime(DIAL_MS + 1000, signal, (inner) =>
    host.dial(address.slice(0, colon), Number(address.slice(colon + 1)), {
      timeoutMs: DIAL_MS,
      signal: inner,
    }),
  );
  return outcome.ok ? { address, outcome: outcome.value } : null;
}

/** Containers there whose tasks are not wanted: what a partition leaves behind. None where it cannot be told. */
async function straysOn(host: Host, [entry]: NodeDetail[], signal: AbortSignal): Promise<number> {
  const format = '{{.Label "com.docker.swarm.task.id"}}';
  const listed = await inTime(HOST_MS, signal, (inner) =>
    host.run(['docker', 'ps', '--filter', 'label=com.docker.swarm.task.id', '--format', format], {
      timeoutMs: HOST_MS,
      signal: inner,
    }),
  );
  if (!listed.ok || listed.value.code !== 0 || !entry) return 0;
  const known = new Map(entry.tasks.map((task) => [task.id, task]));
  const ids = listed.value.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return ids.filter((id) => {
    const task = known.get(id);
    if (!task) return true;
    return task.desiredState !== 'running' && Date.now() - Date.parse(task.at) > STRAY_MS;
  }).length;
}
