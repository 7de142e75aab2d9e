/** A change of the managers is over when both sides agree on it. */
import { UserError } from '../errors.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import type { Step } from './define.ts';
import { askHost, hostsLike } from './node-find.ts';
import { nodeById, patiently } from './node-wait.ts';

/** The engine follows within seconds; a new manager first gets all that the others know. */
const AGREE_DEADLINE_MS = 60_000;

/**
 * Waits until the managers list the node in this role, and its own engine says the same.
 * @returns whether its own engine was asked: not when no host of the inventory is this node, or it cannot be reached.
 * @throws UserError after a minute. A demotion that the others have not let happen by then is taken back: it would happen
 * one day by itself, when nobody expects it any more.
 */
export async function roleAgreed(
  node: Node,
  role: Node['role'],
  { swarm, hosts, signal }: { swarm: Swarm; hosts: Hosts; signal: AbortSignal },
  step: Step,
): Promise<boolean> {
  let last = '';
  const agreed = await patiently(
    async () => {
      const now = await nodeById(swarm, node.id, signal);
      if (now === undefined) return 'gone';
      const listed = listedAs(now, role);
      const own = await ownRole(now, hosts, signal);
      if (listed && own === undefined) return { asked: false };
      if (listed && own === role) return { asked: true };
      const seen = `the managers say ${now.role}${now.manager ? `, ${now.manager.reachability}` : ''}; its engine says ${own ?? 'nothing'}`;
      if (seen !== last) step.say((last = seen));
      return undefined;
    },
    AGREE_DEADLINE_MS,
    signal,
  );
  if (agreed === 'gone') {
    throw new UserError(`${node.hostname} is not in the swarm any more.`, {
      hint: 'Somebody has removed its entry meanwhile. See `/swarm nodes`.',
    });
  }
  if (agreed) return agreed.asked;
  const seconds = AGREE_DEADLINE_MS / 1000;
  const now = await nodeById(swarm, node.id, signal);
  if (role === 'manager') {
    throw new UserError(
      `${node.hostname} was promoted, but both sides do not agree after ${seconds} s: ${last}.`,
      {
        hint: 'The other managers must reach it on 2377/tcp. Check it, or demote it again.',
        remedies: [
          { label: 'Check it', line: `check ${node.hostname}` },
          { label: 'Demote it again', line: `demote ${node.hostname}` },
        ],
      },
    );
  }
  if (now?.role === 'worker' && now.manager !== undefined) {
    await step.act(`make ${node.hostname} a manager again`, () => swarm.setRole(node.id, 'manager', signal));
    throw new UserError(
      `The other managers have not let ${node.hostname} go within ${seconds} s, so it stays a manager.`,
      {
        hint: 'Mostly another one is away, and without both the quorum would be lost. See which one `/swarm nodes manager` shows as unreachable.',
        remedies: [{ label: 'Managers', line: 'nodes manager' }],
      },
    );
  }
  throw new UserError(
    `${node.hostname} was demoted, but both sides do not agree after ${seconds} s: ${last}.`,
    {
      hint: 'It goes on by itself once the node answers. Look again in a minute.',
      remedies: [{ label: 'Look again', line: `node ${node.hostname}` }],
    },
  );
}

function listedAs(node: Node, role: Node['role']): boolean {
  if (node.role !== role) return false;
  return role === 'manager' ? node.manager?.reachability === 'reachable' : node.manager === undefined;
}

async function ownRole(node: Node, hosts: Hosts, signal: AbortSignal): Promise<Node['role'] | undefined> {
  for (const host of hostsLike(node, hosts)) {
    const info = await askHost(host, signal);
    if (info?.swarm.nodeId === node.id) return info.swarm.isManager ? 'manager' : 'worker';
  }
  return undefined;
}
