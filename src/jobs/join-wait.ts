/** The waits of a join: the engine goes on joining by itself, so what counts is what both sides say. */
import type { Host } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import { poll } from './poll.ts';

/** The engine itself gives up waiting after 20 s and goes on in the background; a slow host gets a few such rounds. */
export const AGREE_DEADLINE_MS = 75_000;
/** A join that somebody began earlier ends in `active` or `error` within 40 s (tried, 20.10); this is a little more. */
const EARLIER_DEADLINE_MS = 45_000;
const LEAVE_DEADLINE_MS = 20_000;

/** Waits until a join that somebody began earlier has come to an end, good or bad. */
export async function earlierJoinEnds(host: Host, signal: AbortSignal): Promise<void> {
  const ended = async () => ((await host.info(signal)).swarm.state === 'pending' ? undefined : true);
  await poll(ended, { everyMs: 150, deadlineMs: EARLIER_DEADLINE_MS, signal });
}

/** Waits until the host says that it is in no swarm. */
export async function hasLeft(host: Host, signal: AbortSignal): Promise<boolean> {
  const left = async () => ((await host.info(signal)).swarm.state === 'inactive' ? true : undefined);
  return (await poll(left, { everyMs: 150, deadlineMs: LEAVE_DEADLINE_MS, signal })) ?? false;
}

export type Agreement =
  | { kind: 'agreed'; node: Node }
  /** `error`: the engine has given up, in its own words. `pending`: it still tries. */
  | { kind: 'error' | 'pending'; text: string; nodeId: string };

/**
 * Success is both sides agreeing: the host says active, and the manager lists that very node as ready. `say` is told how
 * far it is.
 */
export async function bothAgree(
  host: Host,
  swarm: Swarm,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Agreement> {
  let last = 'nothing yet';
  let nodeId = '';
  const agreed = await poll<Agreement>(
    async () => {
      const { swarm: local } = await host.info(signal);
      nodeId = local.nodeId || nodeId;
      if (local.state === 'error')
        return { kind: 'error', text: local.error || 'its engine gives no reason', nodeId };
      const node = local.nodeId
        ? (await swarm.nodes(signal)).find(({ id }) => id === local.nodeId)
        : undefined;
      if (local.state === 'active' && node?.state === 'ready') return { kind: 'agreed', node };
      const why = local.error ? ` (${local.error})` : '';
      const now = `the host says ${local.state}${why}, the manager ${node ? `says ${node.state}` : 'does not know it yet'}`;
      if (now !== last) say((last = now));
      return undefined;
    },
    { everyMs: 150, deadlineMs: AGREE_DEADLINE_MS, signal },
  );
  return agreed ?? { kind: 'pending', text: last, nodeId };
}
