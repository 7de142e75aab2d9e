/** Whether managers may become workers: the swarm keeps its quorum, and the bot its way in. */
import { UserError } from '../errors.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { ManagersChange } from '../swarm/quorum.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import { askHost, hostsLike } from './node-find.ts';
import { patiently } from './node-wait.ts';

/** The others notice a manager that is gone within some seconds; until then they call it reachable. */
const NOTICED_MS = 15_000;

interface Asking {
  swarm: Swarm;
  hosts: Hosts;
  signal: AbortSignal;
}

/**
 * @param ids what shall become workers; those that are already do not matter.
 * @throws UserError when the swarm would lose its quorum, or the bot all managers over which it reaches the swarm.
 */
export async function mayDemote(
  ids: readonly string[],
  nodes: readonly Node[],
  asking: Asking,
): Promise<ManagersChange> {
  const { swarm, signal } = asking;
  const plan = await swarm.planManagers({ demote: [...ids] }, signal);
  refuseIfLost(plan);
  const isManager = nodes.some(
    ({ id, role, manager }) => ids.includes(id) && (role === 'manager' || manager !== undefined),
  );
  if (!isManager) return plan;
  refuseIfLost(
    await swarm.planManagers({ demote: [...ids], away: await awayManagers(ids, nodes, asking) }, signal),
  );
  await notLockedOut(ids, nodes, asking);
  return plan;
}

/** @throws UserError for a node that could not do its part as a manager. */
export function mayBePromoted({ hostname, role, state, message }: Node): void {
  if (role === 'manager' || state === 'ready') return;
  throw new UserError(
    `${hostname} cannot become a manager: it is ${state}${message ? ` (${message})` : ''}.`,
    {
      hint: 'A manager that is away counts for the quorum and cannot vote.',
      remedies: [{ label: 'Why?', line: `why ${hostname}` }],
    },
  );
}

/**
 * Managers that stay and whose engine does not answer, although the others still call them reachable. Where the others
 * do so for long, they are right and only the way from here is cut.
 */
async function awayManagers(
  ids: readonly string[],
  nodes: readonly Node[],
  { swarm, hosts, signal }: Asking,
): Promise<string[]> {
  const staying = nodes.filter(
    ({ id, manager }) => manager?.reachability === 'reachable' && !ids.includes(id),
  );
  const silent: string[] = [];
  for (const node of staying) {
    const like = hostsLike(node, hosts);
    const answers = await Promise.all(like.map((host) => askHost(host, signal)));
    if (like.length > 0 && answers.every((info) => info === undefined)) silent.push(node.id);
  }
  if (silent.length === 0) return [];
  const noticed = await patiently(
    async () => {
      const now = (await swarm.nodes(signal)).filter(({ id }) => silent.includes(id));
      return now.every(({ manager }) => manager?.reachability !== 'reachable') ? true : undefined;
    },
    NOTICED_MS,
    signal,
  );
  return noticed ? silent : [];
}

/** @throws UserError when the swarm would lose its quorum. */
function refuseIfLost({ refusal }: ManagersChange): void {
  if (refusal) throw new UserError(refusal.message, { hint: refusal.hint });
}

/**
 * The swarm is asked over the managers of swarm.yaml: when none of them is a manager any more, nothing can be asked or
 * changed from here. Where names and addresses do not tell which nodes they are, nothing is refused.
 * @throws UserError when no manager of swarm.yaml would stay.
 */
async function notLockedOut(
  demoted: readonly string[],
  nodes: readonly Node[],
  { swarm, hosts }: { swarm: Swarm; hosts: Hosts },
): Promise<void> {
  const known = new Set(swarm.managerHosts());
  const ours = nodes.filter(
    (node) => node.role === 'manager' && hostsLike(node, hosts).some(({ name }) => known.has(name)),
  );
  const reachable = ours.filter(
    ({ id, manager }) => !demoted.includes(id) && manager?.reachability === 'reachable',
  );
  if (reachable.length > 0 || !ours.some(({ id }) => demoted.includes(id))) return;
  const others = nodes.filter(({ id, role }) => role === 'manager' && !demoted.includes(id));
  throw new UserError(
    `No manager of swarm.yaml would be left: the swarm is reached over ${[...known].join(', ')}.`,
    {
      hint: `Have the operator add ${others[0]?.hostname ?? 'another manager'} under managers in swarm.yaml first.`,
    },
  );
}
