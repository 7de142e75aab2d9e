/** What is looked at before a join, so that one which cannot end well is refused before anything changes. */
import { UserError } from '../errors.ts';
import type { EngineInfo, Host } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';

/** Looks at both sides before anything changes. @throws UserError when a join cannot end well. */
export async function checkJoin(
  host: Host,
  role: 'worker' | 'manager',
  swarm: Swarm,
  signal: AbortSignal,
): Promise<{ member: boolean; state: EngineInfo['swarm']['state']; version: string; warnings: string[] }> {
  const [info, nodes] = await Promise.all([host.info(signal), swarm.nodes(signal)]);
  const state = info.swarm.state;
  const node = nodes.find(({ id }) => id === info.swarm.nodeId);
  const member = state === 'active' && node !== undefined;
  if (member && role === 'manager' && node.role === 'worker') {
    throw new UserError(`${host.name} is in this swarm already, as a worker.`, {
      hint: `Run "docker node promote ${node.hostname}" on a manager to make it one.`,
    });
  }
  if (state === 'active' && !member) {
    throw new UserError(`${host.name} is already part of another swarm.`, {
      hint: `Run "docker swarm leave" on ${host.name} first if it may leave that swarm, then join again.`,
    });
  }
  if (state === 'locked') {
    throw new UserError(`The swarm key of ${host.name} is locked.`, {
      hint: `Run "docker swarm unlock" on ${host.name} itself, then join again.`,
    });
  }
  if (info.liveRestore && !member) {
    throw new UserError(`${host.name} runs its engine with live-restore, which swarm mode refuses.`, {
      hint: `Set "live-restore": false in /etc/docker/daemon.json on ${host.name} and restart its engine, then join again.`,
    });
  }
  if (!member) await reachesManager(host, swarm, signal);
  return { member, state, version: info.version, warnings: versionSkew(info.version, nodes) };
}

function versionSkew(version: string, nodes: Node[]): string[] {
  const others = [
    ...new Set(nodes.filter(({ version: other }) => other && other !== version).map((node) => node.version)),
  ];
  return others.length === 0 ? [] : [`its engine ${version} differs from the swarm's ${others.join(', ')}`];
}

/** A real connection from the host's own network to a manager's port 2377, instead of finding out by a 20 s timeout. */
async function reachesManager(host: Host, swarm: Swarm, signal: AbortSignal): Promise<void> {
  const { managers } = await swarm.joinTicket('worker', signal);
  const reasons: string[] = [];
  for (const manager of managers) {
    const at = manager.lastIndexOf(':');
    const outcome = await host.dial(manager.slice(0, at), Number(manager.slice(at + 1)), {
      timeoutMs: 5000,
      signal,
    });
    if (outcome.kind === 'open') return;
    reasons.push(
      `${manager} ${outcome.kind === 'refused' ? 'refuses the connection' : `cannot be reached (${outcome.reason})`}`,
    );
  }
  throw new UserError(`${host.name} cannot reach a manager: ${reasons.join('; ')}.`, {
    hint: 'Open 2377/tcp, 7946/tcp, 7946/udp and 4789/udp between the two hosts in both directions, then join again.',
  });
}
