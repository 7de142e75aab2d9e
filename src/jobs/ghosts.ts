/** Entries that a host has left in the node list: of earlier joins, and of joins that never came to an end. */
import { UserError, isAbort } from '../errors.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import type { Step } from './define.ts';
import { poll } from './poll.ts';

/** A dead node is Down 13.5 to 16.5 s after its last heartbeat; only then may its entry be removed. */
const GHOST_DEADLINE_MS = 20_000;

/**
 * Each join gives a new node ID, so a host that left or was wiped stays behind under its old one. Only entries that
 * are this very host (same hostname and address, or an ID that it had), no manager, and Down are removed.
 */
export async function clearGhosts(
  node: Node,
  former: readonly string[],
  swarm: Swarm,
  signal: AbortSignal,
  act: Step['act'],
): Promise<number> {
  return await removeOnceDown(
    (other) =>
      other.id !== node.id &&
      ((other.hostname === node.hostname && other.address === node.address) || former.includes(other.id)),
    swarm,
    signal,
    act,
  );
}

/** What a join that failed has left: an entry that never was ready, often without a hostname. */
export async function removeHalfJoined(
  ids: readonly string[],
  swarm: Swarm,
  signal: AbortSignal,
  act: Step['act'],
): Promise<number> {
  return await removeOnceDown(({ id }) => ids.includes(id), swarm, signal, act);
}

async function removeOnceDown(
  isGhost: (node: Node) => boolean,
  swarm: Swarm,
  signal: AbortSignal,
  act: Step['act'],
): Promise<number> {
  const find = async () =>
    (await swarm.nodes(signal)).filter((node) => node.role === 'worker' && isGhost(node));
  const gone = ({ state, hostname }: Node): boolean =>
    state === 'down' || (state === 'unknown' && hostname === '');
  const ghosts = await find();
  if (ghosts.length === 0) return 0;
  await poll(async () => ((await find()).every(gone) ? true : undefined), {
    everyMs: 500,
    deadlineMs: GHOST_DEADLINE_MS,
    signal,
  });
  let removed = 0;
  for (const ghost of (await find()).filter(gone)) {
    try {
      await act(`remove the old entry ${ghost.id} of ${ghost.hostname || 'a half-joined host'}`, () =>
        swarm.removeNode(ghost.id, signal),
      );
      removed += 1;
    } catch (error) {
      if (isAbort(error) || !(error instanceof UserError)) throw error;
      // An old entry that will not go harms nobody: the join itself is done.
    }
  }
  return removed;
}
