/** Waiting for what the managers say of a node, over a change of leader too. */
import { UserError, isAbort } from '../errors.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import { poll } from './poll.ts';

/** A change of leader takes the managers this long at most to be of use again. */
const LEADERLESS_MS = 30_000;
const EVERY_MS = 250;

/**
 * Asks until `look` gives something, or the time is over (then undefined). The managers may be away for a while: whoever
 * demotes the leader, or takes a manager out, makes them so.
 * @throws what `look` throws when it does so for longer than a change of leader takes.
 */
export async function patiently<R>(
  look: () => Promise<R | undefined>,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<R | undefined> {
  let blindSince: number | undefined;
  return await poll(
    async () => {
      try {
        const found = await look();
        blindSince = undefined;
        return found;
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof UserError) || isAbort(thrown)) throw thrown;
        blindSince ??= Date.now();
        if (Date.now() - blindSince >= Math.min(LEADERLESS_MS, deadlineMs)) throw thrown;
        return undefined;
      }
    },
    { everyMs: EVERY_MS, deadlineMs, signal },
  );
}

/** The node of this ID, as the managers list it; undefined when it has no entry. */
export async function nodeById(swarm: Swarm, id: string, signal: AbortSignal): Promise<Node | undefined> {
  return (await swarm.nodes(signal)).find((node) => node.id === id);
}
