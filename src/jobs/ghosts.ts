import { UserError, isAbort } from '../errors.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import type { Step } from './define.ts';
import { poll } from './poll.ts';

/** A dead node is Down 13.5 to 16.5 s after its last heartbeat; only then may its entry be removed. */
const GHOST_DEADLINE_MS = 20_000;

/**
 * Each join gives a new node ID, so a host that left or was wiped stays behind under its old one. Only entries that
 * are this very host (same hostname, same address), no manager, and Down are removed.
 */
export async function clearGhosts(
  node: Node,
  swarm: Swarm,
  signal: AbortSignal,
  act: Step['act'],
): Promise<number> {
  const find = async () =>
    (await swarm.nodes(signal)).filter(
      ({ id, hostname, address, role }) =>
        id !== node.id && hostname === node.hostname && address === node.address && role === 'worker',
    );
  const ghosts = await find();
  if (ghosts.length === 0) return 0;
  await poll(async () => ((await find()).every(({ state }) => state === 'down') ? true : undefined), {
    everyMs: 500,
    deadlineMs: GHOST_DEADLINE_MS,
    signal,
  });
  let removed = 0;
  for (const ghost of (await find()).filter(({ state }) => state === 'down')) {
    try {
      await act(`remove the old entry ${ghost.id} of ${ghost.hostname}`, () =>
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
