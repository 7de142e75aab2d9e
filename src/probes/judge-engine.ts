/** Whether an engine can be in this swarm: version, settings, what it is part of already, whether it is a clone. Pure. */
import type { EngineInfo, Host } from '../hosts/hosts.ts';
import type { Node } from '../swarm/swarm.ts';
import { list } from '../cards/text.ts';
import { fail, pass, warn, type Finding } from './finding.ts';

export interface EngineFacts {
  /** Name in the inventory. */
  host: string;
  info: EngineInfo;
  nodes: readonly Node[];
  /** Engine IDs of other hosts of the inventory. */
  others: readonly { host: string; engineId: string }[];
}

export function judgeEngine(facts: EngineFacts): Finding[] {
  return [judgeVersion(facts), judgeSettings(facts), judgeMembership(facts), ...judgeIdentity(facts)].flatMap(
    (one) => one ?? [],
  );
}

/**
 * The entry of a host that cannot be asked itself: of that hostname, else at its address. Of several the one that is
 * not down: the others are what is left of earlier joins.
 */
export function entryOf(
  { name, address }: Pick<Host, 'name' | 'address'>,
  nodes: readonly Node[],
): Node | undefined {
  const called = nodes.filter(({ hostname }) => hostname.toLowerCase() === name.toLowerCase());
  const like = called.length > 0 ? called : nodes.filter((node) => node.address === address);
  return like.find(({ state }) => state !== 'down') ?? like[0];
}

/** What the managers know of a node that cannot be asked itself. */
export function judgeUnasked({ id, hostname, role, state, message }: Node): Finding {
  return warn(
    'Membership',
    `The managers have it in this swarm as a ${role}, and call it ${state}${message ? ` (${message})` : ''}.`,
    state === 'ready'
      ? 'It takes part as before: only the bot cannot ask it.'
      : 'It needs no join: once its engine runs and reaches the managers, it takes its part again by itself.',
    [{ label: 'Why?', line: `why ${hostname || id}` }],
  );
}

function judgeVersion({ host, info, nodes }: EngineFacts): Finding {
  const { version } = info;
  const others = [
    ...new Set(nodes.flatMap(({ version: other, state }) => (state === 'ready' && other ? [other] : []))),
  ];
  if (others.length === 0 || (others.length === 1 && others[0] === version))
    return pass(
      'Engine',
      `Its engine is ${version}${others.length > 0 ? ', as everywhere in the swarm' : ''}.`,
    );
  if (others.includes(version))
    return warn(
      'Engine',
      `Its engine is ${version}, but the swarm is mixed: ${list(others)}.`,
      'Bring all engines to one version, managers first: mixed ones may not understand each other.',
    );
  return warn(
    'Engine',
    `Its engine is ${version}, the swarm's ${others.length > 1 ? 'are' : 'is'} ${list(others)}.`,
    `Bring the engine of ${host} to the version of the managers: mixed ones may not understand each other.`,
  );
}

function judgeSettings({ host, info }: EngineFacts): Finding {
  if (info.liveRestore)
    return fail(
      'Engine settings',
      'Its engine runs with live-restore, which swarm mode refuses.',
      `Take \`"live-restore": true\` out of /etc/docker/daemon.json on ${host} (on Fedora also \`--live-restore\` out of /etc/sysconfig/docker), then restart its engine.`,
    );
  if (/nftables/i.test(info.firewallBackend))
    return fail(
      'Engine settings',
      'Its engine uses the nftables firewall backend, which swarm mode does not support.',
      `Set \`"firewall-backend": "iptables"\` in /etc/docker/daemon.json on ${host}, then restart its engine.`,
    );
  const backend = info.firewallBackend ? `, and its firewall backend is ${info.firewallBackend}` : '';
  return pass('Engine settings', `Live-restore is off${backend}.`);
}

const LEAVE_AND_JOIN = 'Leave and join again';

/** What it is part of, as it says itself and as the managers know it. */
function judgeMembership({ host, info, nodes }: EngineFacts): Finding {
  const { state, nodeId, isManager, error } = info.swarm;
  const node = nodes.find(({ id }) => id === nodeId);
  const again = {
    label: LEAVE_AND_JOIN,
    line: `join ${host} --again`,
    confirm: `${host} leaves the swarm that it is in, its tasks there end, and it joins this one.`,
  };
  switch (state) {
    case 'inactive':
      return pass('Membership', 'It is in no swarm yet.');
    case 'pending':
      return warn(
        'Membership',
        `An earlier join is still under way${error ? `: ${error}` : ''}.`,
        'A join waits for it; if it stays so, let it leave and join again.',
        [again],
      );
    case 'error':
      return warn(
        'Membership',
        `An earlier join has failed${error ? `: ${error}` : ''}.`,
        'A join forgets it and begins anew.',
      );
    case 'locked':
      return fail(
        'Membership',
        'Its part in a swarm is locked with a key.',
        `Run "docker swarm unlock" on ${host} itself, where the key can be typed without anybody reading it.`,
      );
    case 'active':
      break;
  }
  if (!node)
    return fail(
      'Membership',
      `It is already part of another swarm${isManager ? ', as a manager' : ''}.`,
      isManager
        ? `If that swarm may go, run "docker swarm leave --force" on ${host} itself: a manager takes its swarm's data with it.`
        : 'If it may leave that swarm, let it leave and join this one.',
      isManager ? [] : [again],
    );
  if (node.state !== 'ready')
    return warn(
      'Membership',
      `It believes to be in this swarm, but the managers call it ${node.state}${node.message ? ` (${node.message})` : ''}.`,
      isManager ? 'See why before you change a manager.' : 'See why, or let it leave and join again.',
      [{ label: 'Why?', line: `why ${node.hostname}` }, ...(isManager ? [] : [again])],
    );
  return pass(
    'Membership',
    `It is in this swarm as a ${isManager ? 'manager' : 'worker'}, and both sides agree.`,
  );
}

function judgeIdentity({ host, info, nodes, others }: EngineFacts): Finding[] {
  const twin = others.find(
    ({ host: other, engineId }) => other !== host && engineId !== '' && engineId === info.engineId,
  );
  const clone = twin
    ? [
        fail(
          'Identity',
          `Its engine has the same ID as that of ${twin.host}: one of the machines was cloned from the other.`,
          `Stop Docker on ${host}, remove /var/lib/docker/engine-id (before 23.0: /etc/docker/key.json), and start it again.`,
        ),
      ]
    : [];
  const namesakes = nodes.filter(
    ({ id, hostname }) => hostname === info.hostname && id !== info.swarm.nodeId,
  );
  const living = namesakes.filter(({ state }) => state !== 'down');
  const ghosts = namesakes.length - living.length;
  if (living[0])
    return [
      ...clone,
      warn(
        'Identity',
        `Another node is called ${info.hostname} as well, at ${living[0].address || 'an address that is not known'}.`,
        'Give one of the two another hostname, or nobody can tell them apart in a list.',
      ),
    ];
  if (clone.length > 0) return clone;
  return [
    pass(
      'Identity',
      ghosts > 0
        ? `${ghosts === 1 ? 'An old entry' : `${ghosts} old entries`} of that hostname ${ghosts === 1 ? 'is' : 'are'} Down in the node list; a join clears away what was this host.`
        : 'No other node has its engine ID or its hostname.',
    ),
  ];
}
