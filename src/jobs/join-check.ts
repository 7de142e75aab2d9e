/** What is looked at before a join, so that one which cannot end well is refused before anything changes. */
import { UserError } from '../errors.ts';
import type { EngineInfo, Host, Hosts } from '../hosts/hosts.ts';
import { checkHost, timedInfo, type CheckRequest } from '../probes/check-host.ts';
import type { Finding } from '../probes/finding.ts';
import type { Remedy } from '../remedy.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';

/** What was asked for, beside the hosts. */
export interface Wish {
  role: 'worker' | 'manager';
  drained: boolean;
  labels: Record<string, string>;
  /** Leaves first whatever it is part of. */
  again: boolean;
  /** Goes on although a probe has failed. */
  anyway: boolean;
}

export interface ReadyToJoin {
  /** It is in this swarm already, and is to stay. */
  member: boolean;
  info: EngineInfo;
  /** Its entry in this swarm, good or bad. */
  node?: Node;
  /** Sentences. */
  warnings: string[];
  /** Those of them that stand against it, and are passed over because somebody asked to join anyway. */
  passedOver: string[];
  /** Address to name, where it has several. */
  advertise?: string;
}

interface World {
  hosts: Hosts;
  swarm: Swarm;
  signal: AbortSignal;
}

/** Looks at both sides before anything changes. @throws UserError when a join cannot end well. */
export async function checkJoin(host: Host, wish: Wish, world: World): Promise<ReadyToJoin> {
  const { swarm, signal } = world;
  const [read, nodes] = await Promise.all([timedInfo(host, signal), swarm.nodes(signal)]);
  const { info } = read;
  const node = nodes.find(({ id }) => id === info.swarm.nodeId);
  refuseMembership(host, wish, info, node);
  const known = { info, ...(node ? { node } : {}) };
  if (info.swarm.state === 'active' && node && !wish.again)
    return { member: true, warnings: [], passedOver: [], ...known };
  const { warnings, passedOver, advertise } = await probe(host, wish, world, { read, nodes });
  return { member: false, warnings, passedOver, ...known, ...(advertise ? { advertise } : {}) };
}

/**
 * All probes but the images, which a join looks at once it stands.
 * @throws UserError naming everything that is in the way.
 */
export async function probe(
  host: Host,
  wish: Wish,
  { hosts, swarm, signal }: World,
  known?: CheckRequest['known'],
): Promise<{ warnings: string[]; passedOver: string[]; advertise?: string }> {
  const { findings, advertise } = await checkHost({
    host,
    hosts,
    swarm,
    role: wish.role,
    thorough: false,
    signal,
    ...(known ? { known } : {}),
  });
  // What it is part of is dealt with by the join itself.
  const told = findings.filter(({ probe: what }) => what !== 'Membership');
  const fails = told.filter(({ verdict }) => verdict === 'fail');
  const binding = fails.some(({ probe: what }) => NO_WAY_AROUND.has(what));
  if (fails.length > 0 && (binding || !wish.anyway)) throw refusal(host.name, wish, fails, binding);
  return {
    warnings: told.flatMap(({ verdict, says }) => (verdict === 'pass' ? [] : [says])),
    passedOver: fails.map(({ says }) => says),
    ...(advertise ? { advertise } : {}),
  };
}

/** What the engine itself would refuse. */
const NO_WAY_AROUND = new Set(['SSH', 'Engine', 'Engine settings']);

function refusal(host: string, wish: Wish, fails: readonly Finding[], binding: boolean): UserError {
  const blocked = fails.every(({ probe: what }) => what === 'Ports');
  const repair = fails.flatMap(({ remedies }) => remedies);
  const anyway: Remedy = {
    label: 'Join anyway',
    line: joinLine(host, { ...wish, anyway: true }),
    confirm: `${fails.map(({ says }) => says).join(' ')} The join will probably fail.`,
  };
  return new UserError(
    `${host} cannot join as it is${blocked ? ', because packets do not pass' : ''}: ${midSentence(fails.map(({ says }) => says).join(' '))}`,
    {
      hint: [...new Set(fails.map(({ advice }) => advice))].join(' '),
      remedies: [
        ...repair,
        { label: 'Check again', line: checkLine(host, wish) },
        ...(binding ? [] : [anyway]),
      ],
    },
  );
}

const midSentence = (text: string): string =>
  text.replace(/^(?:It|Its|An|Another|Packets|Something) /, (word) => word.toLowerCase());

/** Facts about the swarm that it is in, which decide before any packet is sent. */
function refuseMembership(host: Host, wish: Wish, info: EngineInfo, node: Node | undefined): void {
  const { state, isManager } = info.swarm;
  if (state === 'locked') {
    throw new UserError(`The swarm key of ${host.name} is locked.`, {
      hint: `Run "docker swarm unlock" on ${host.name} itself, then join again.`,
    });
  }
  if (state !== 'active') return;
  if (wish.again) {
    if (!isManager) return;
    throw new UserError(
      `${host.name} is a manager${node ? '' : ' of another swarm'}, and a manager does not just leave.`,
      node
        ? {
            hint: 'Make it a worker first; then it can leave and join again.',
            remedies: [
              { label: 'Demote', line: `demote ${node.hostname}`, confirm: demoting(node.hostname) },
            ],
          }
        : {
            hint: `If that swarm may go, run "docker swarm leave --force" on ${host.name} itself, then join.`,
          },
    );
  }
  if (!node) {
    throw new UserError(`${host.name} is already part of another swarm.`, {
      hint: isManager
        ? `It is a manager there: if that swarm may go, run "docker swarm leave --force" on ${host.name} itself, then join.`
        : 'If it may leave that swarm, let it leave and join this one.',
      remedies: isManager ? [] : [leaveAndJoin(host.name, wish)],
    });
  }
  if (wish.role === 'manager' && node.role === 'worker') {
    throw new UserError(`${host.name} is in this swarm already, as a worker.`, {
      hint: 'Promote it to make it a manager.',
      remedies: [{ label: 'Promote', line: `promote ${node.hostname}` }],
    });
  }
}

const demoting = (node: string): string => `${node} becomes a worker: the swarm has one manager less.`;

/** The remedy for a host that is in another swarm, or in a bad state. */
function leaveAndJoin(host: string, wish: Wish): Remedy {
  return {
    label: 'Leave and join again',
    line: joinLine(host, { ...wish, again: true }),
    confirm: `${host} leaves the swarm that it is in, its tasks there end, and it joins this one.`,
  };
}

export function checkLine(host: string, { role }: Pick<Wish, 'role'>): string {
  return `check ${host}${role === 'manager' ? ' --manager' : ''}`;
}

/** The words that ask for the same for one host. */
export function joinLine(host: string, { role, drained, labels, again, anyway }: Wish): string {
  const labelled = Object.entries(labels).flatMap(([key, value]) => ['--label', quoted(`${key}=${value}`)]);
  return [
    'join',
    host,
    ...(role === 'manager' ? ['--manager'] : []),
    ...(drained ? ['--drained'] : []),
    ...labelled,
    ...(again ? ['--again'] : []),
    ...(anyway ? ['--anyway'] : []),
  ].join(' ');
}

function quoted(word: string): string {
  return /^[\w.=/:@-]+$/.test(word) ? word : `"${word.replaceAll('"', '')}"`;
}
