/** What a host is in, by its own engine and by the managers, and whether it may be taken out. */
import { UserError } from '../errors.ts';
import type { Host } from '../hosts/hosts.ts';
import type { Remedy } from '../remedy.ts';
import type { Node } from '../swarm/swarm.ts';

interface Told {
  /** As its engine gives it. */
  hostname: string;
  /** What was found, for the line under a step. */
  text: string;
}

/** A host's part in a swarm. */
export type Membership = Told &
  (
    | { kind: 'member'; nodeId: string; manager: boolean }
    | { kind: 'none' }
    /** A join that failed or is still under way. */
    | { kind: 'failed-join'; state: 'pending' | 'error' }
    | { kind: 'elsewhere'; manager: boolean }
    | { kind: 'locked' }
  );

/**
 * @throws UserError when its engine cannot be asked, with a way to remove its entry.
 */
export async function membershipOf(
  host: Host,
  nodes: readonly Node[],
  signal: AbortSignal,
): Promise<Membership> {
  const info = await host.info(signal).catch((thrown: unknown) => {
    signal.throwIfAborted();
    if (!(thrown instanceof UserError)) throw thrown;
    throw unreachable(host, nodes, thrown);
  });
  const { state, nodeId, isManager, error } = info.swarm;
  const { hostname } = info;
  const node = nodes.find(({ id }) => id === nodeId);
  if (state === 'locked') return { kind: 'locked', hostname, text: 'its swarm is locked' };
  if (state === 'inactive') return { kind: 'none', hostname, text: 'it is in no swarm' };
  if (node !== undefined && state === 'active') {
    const manager = node.role === 'manager' || isManager;
    return {
      kind: 'member',
      nodeId,
      manager,
      hostname,
      text: `${manager ? 'a manager' : 'a worker'}, ${node.state}`,
    };
  }
  if (state === 'active')
    return { kind: 'elsewhere', manager: isManager, hostname, text: 'it is in another swarm' };
  return {
    kind: 'failed-join',
    state,
    hostname,
    text: `a join is in the state ${state}${error ? `: ${inShort(error)}` : ''}`,
  };
}

/** Without what the transport says before it, and without the full stop behind it. */
const inShort = (error: string): string =>
  error.replace(/^rpc error: code = \w+ desc = /, '').replace(/\.+$/, '');

/** @throws UserError when it must not, or not without `force`. */
export function mayLeave({ name }: Host, found: Membership, force: boolean): void {
  switch (found.kind) {
    case 'member':
    case 'none':
      return;
    case 'failed-join':
      if (force) return;
      throw new UserError(`${name} is not in the swarm: ${found.text}.`, {
        hint: `\`leave ${name} --force\` makes its engine forget that join.`,
        remedies: [forced(name, 'Forget the join', `The engine of ${name} forgets the join that it began.`)],
      });
    case 'elsewhere':
      if (found.manager) {
        throw new UserError(`${name} is a manager of another swarm.`, {
          hint: 'It is not taken out from here: whoever runs that swarm demotes it first.',
        });
      }
      if (force) return;
      throw new UserError(`${name} is in another swarm, not in this one.`, {
        hint: `\`leave ${name} --force\` takes it out of that swarm, if it may go.`,
        remedies: [forced(name, 'Take it out', `${name} leaves the other swarm, and its tasks there end.`)],
      });
    case 'locked':
      throw new UserError(`${name} waits for the unlock key of its swarm, so it cannot leave.`, {
        hint: `Type \`docker swarm unlock\` on ${name} itself, never the key in chat. Then let it leave.`,
      });
  }
}

/** After a crash: it may have left since, and nothing else. @throws UserError when somebody else had a hand in it. */
export function sameAsBefore(name: string, first: Membership, now: Membership): void {
  if (now.kind === 'none') return;
  const id = (one: Membership): string => (one.kind === 'member' ? one.nodeId : '');
  if (now.kind === first.kind && id(now) === id(first)) return;
  throw new UserError(`${name} is not what it was when this began: ${now.text}.`, {
    hint: 'Somebody else has changed it meanwhile. Look at it, then give the command again.',
    remedies: [{ label: 'docker info', line: `info ${name}` }],
  });
}

const forced = (name: string, label: string, confirm: string): Remedy => ({
  label,
  line: `leave ${name} --force`,
  confirm,
});

function unreachable(host: Host, nodes: readonly Node[], thrown: UserError): UserError {
  const entries = nodes.filter(
    ({ hostname, address }) => hostname.toLowerCase() === host.name.toLowerCase() || address === host.address,
  );
  const down = entries.filter(({ state }) => state === 'down');
  // One that died just now is called down within 17 s: the removal waits for that.
  const named = down.length > 0 ? down : entries;
  const [entry] = named;
  if (entry === undefined) {
    return new UserError(thrown.message, { hint: thrown.hint, cause: thrown, remedies: thrown.remedies });
  }
  const manager = entry.role === 'manager';
  return new UserError(
    `${thrown.message} So it cannot leave by itself; the managers call it ${entry.state}${manager ? ', and it still counts as a manager' : ''}.`,
    {
      hint: manager
        ? 'Bring it back, or demote it: then its entry can be removed.'
        : 'Bring it back, or remove its entry if it is gone for good.',
      cause: thrown,
      remedies: named.slice(0, 3).map(({ id, role }): Remedy =>
        role === 'manager'
          ? {
              label: `Demote ${host.name}`,
              line: `demote ${id}`,
              confirm: `${host.name} is no manager any more then.`,
            }
          : {
              label: `Remove the entry of ${host.name}`,
              line: `node rm ${id}`,
              confirm: `The entry ${id} of ${host.name} is removed. Its labels go with it.`,
            },
      ),
    },
  );
}

/** Its tasks have found no place, and nobody said that it shall go all the same. */
export function stuckThere(name: string, what: string, wasManager: boolean): UserError {
  return new UserError(
    `${name} is drained${wasManager ? ' and no manager any more' : ''} but has not left: ${what}.`,
    {
      hint: 'Make room for them and let it leave again, or let it leave all the same.',
      remedies: [
        forced(
          name,
          `Let ${name} leave all the same`,
          `${name} leaves although not all of its tasks have found a place.`,
        ),
        { label: `Activate ${name}`, line: `activate ${name}` },
        ...(wasManager ? [{ label: `Promote ${name} again`, line: `promote ${name}` }] : []),
      ],
    },
  );
}
