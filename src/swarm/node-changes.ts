/** Changes of nodes, and what has to be known before one. Every update sends back the version that was read. */
import type { Ask } from './ask.ts';
import { editNode } from './change-node.ts';
import type { NodeJson } from './engine-json.ts';
import { resizeService } from './node-capacity.ts';
import type { Resized } from './node-capacity.ts';
import { changeManagers } from './quorum.ts';
import type { ManagersChange, ManagerView } from './quorum.ts';
import { readNodes } from './reads.ts';
import type { Node } from './swarm.ts';

export interface NodeChanges {
  /** The hosts over which the swarm is asked, as swarm.yaml names them. */
  managerHosts(): string[];
  /** @throws UserError naming the nearest nodes when there is none of this ID. */
  setAvailability(
    id: string,
    availability: Node['availability'],
    signal?: AbortSignal,
  ): Promise<FieldChange<Node['availability']>>;
  /** The engine follows a moment later, in both directions: see that both sides agree. */
  setRole(id: string, role: Node['role'], signal?: AbortSignal): Promise<FieldChange<Node['role']>>;
  /** Sets labels; null takes one away. Gives one change for every key, also where nothing had to be changed. */
  setLabels(
    id: string,
    labels: Record<string, string | null>,
    signal?: AbortSignal,
  ): Promise<Record<string, FieldChange<string | null>>>;
  /**
   * What the managers would be if these nodes, by ID, were made or unmade. With none: what they are. `away`: managers that
   * are known not to answer although the others have not noticed yet. `joining`: names of hosts that are no nodes yet and
   * join as managers.
   */
  planManagers(
    change: { promote?: string[]; demote?: string[]; away?: string[]; joining?: string[] },
    signal?: AbortSignal,
  ): Promise<ManagersChange>;
  /** Sets a service's replicas from one number to another, only if nobody has set a third one. */
  resize(service: string, change: { from: number; to: number }, signal?: AbortSignal): Promise<Resized>;
}

interface FieldChange<T> {
  from: T;
  to: T;
  /** What somebody else had set it to while it was being changed; null: nobody had, or to the same. */
  meanwhile: { value: T } | null;
}

export function nodeChanges(read: Ask, managerHosts: string[]): NodeChanges {
  return {
    managerHosts: () => [...managerHosts],

    async setAvailability(id, availability, signal) {
      const seen = watched<Node['availability']>(availability);
      await read('set availability', signal, (engine, abortSignal) =>
        editNode(
          engine,
          id,
          ({ Spec }) => (seen.isNew(Spec.Availability) ? { Availability: availability } : undefined),
          abortSignal,
        ),
      );
      return seen.change();
    },

    async setRole(id, role, signal) {
      const seen = watched<Node['role']>(role);
      await read('set role', signal, (engine, abortSignal) =>
        editNode(engine, id, ({ Spec }) => (seen.isNew(Spec.Role) ? { Role: role } : undefined), abortSignal),
      );
      return seen.change();
    },

    async setLabels(id, wanted, signal) {
      const keys = Object.entries(wanted).map(([key, value]) => ({ key, value, seen: watched(value) }));
      await read('set labels', signal, (engine, abortSignal) =>
        editNode(engine, id, ({ Spec }) => labelsOf(Spec.Labels, keys), abortSignal),
      );
      return Object.fromEntries(keys.map(({ key, seen }) => [key, seen.change()]));
    },

    async planManagers({ promote = [], demote = [], away = [], joining = [] }, signal) {
      const nodes = await read('managers', signal, readNodes);
      const managers = nodes
        .filter(({ ManagerStatus }) => ManagerStatus)
        .map(asManager)
        .map((one) => (away.includes(one.id) ? { ...one, reachable: false } : one));
      const coming = [
        ...nodes.filter(({ ID }) => promote.includes(ID)).map(asManager),
        ...joining.map((name): ManagerView => ({
          id: `joining ${name}`,
          name,
          reachable: true,
          leaving: false,
        })),
      ];
      return changeManagers(managers, { promote: coming, demote });
    },

    resize: (service, change, signal) =>
      read('resize', signal, (engine, abortSignal) => resizeService(engine, service, change, abortSignal)),
  };
}

/** A node that is no manager yet counts as reachable when it is ready. */
function asManager({ ID, Description, ManagerStatus, Status, Spec }: NodeJson): ManagerView {
  return {
    id: ID,
    name: Description.Hostname || ID,
    reachable: ManagerStatus ? ManagerStatus.Reachability === 'reachable' : Status.State === 'ready',
    leaving: ManagerStatus !== undefined && ManagerStatus !== null && Spec.Role === 'worker',
  };
}

interface Watched<T> {
  isNew(now: T): boolean;
  change(): FieldChange<T>;
}

/**
 * Follows one field over all tries of a change: what it was first, and whether somebody else set it to something else
 * between two tries. Also kept over a change of manager, of which the first may have done it and died before it said so.
 */
function watched<T>(wanted: T): Watched<T> {
  let first: { value: T } | undefined;
  let meanwhile: { value: T } | null = null;
  return {
    isNew(now) {
      first ??= { value: now };
      if (now !== first.value && now !== wanted) meanwhile = { value: now };
      return now !== wanted;
    },
    change: () => ({ from: first ? first.value : wanted, to: wanted, meanwhile }),
  };
}

function labelsOf(
  now: Record<string, string>,
  keys: { key: string; value: string | null; seen: Watched<string | null> }[],
): { Labels: Record<string, string> } | undefined {
  const labels = new Map(Object.entries(now));
  let isNew = false;
  for (const { key, value, seen } of keys) {
    if (!seen.isNew(labels.get(key) ?? null)) continue;
    isNew = true;
    if (value === null) labels.delete(key);
    else labels.set(key, value);
  }
  return isNew ? { Labels: Object.fromEntries(labels) } : undefined;
}
