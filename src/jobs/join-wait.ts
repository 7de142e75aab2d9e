/** The waits of a join: the engine goes on joining by itself, so what counts is what both sides say. */
import { UserError } from '../errors.ts';
import type { Host } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import { poll } from './poll.ts';

/** The engine itself gives up waiting after 20 s and goes on in the background; a slow host gets a few such rounds. */
const AGREE_DEADLINE_MS = 90_000;
/** A join that somebody began earlier ends in `active` or `error` within 40 s (tried, 20.10); this is a little more. */
const EARLIER_DEADLINE_MS = 45_000;

/** Waits until a join that somebody began earlier has come to an end, good or bad. */
export async function earlierJoinEnds(host: Host, signal: AbortSignal): Promise<void> {
  const ended = async () => ((await host.info(signal)).swarm.state === 'pending' ? undefined : true);
  await poll(ended, { everyMs: 150, deadlineMs: EARLIER_DEADLINE_MS, signal });
}

/**
 * Success is both sides agreeing: the host says active, and the manager lists that very node as ready. `say` is told how
 * far it is.
 * @throws UserError when the join ends in an error, or after 90 s.
 */
export async function bothAgree(
  host: Host,
  swarm: Swarm,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Node> {
  let last = 'nothing yet';
  const agreed = await poll(
    async () => {
      const { swarm: local } = await host.info(signal);
      if (local.state === 'error') {
        throw new UserError(`${host.name} could not join: ${local.error || 'its engine gives no reason'}.`, {
          hint: 'Check that 2377/tcp to the managers is open from that host and that the clocks agree, then join again.',
        });
      }
      const node = local.nodeId
        ? (await swarm.nodes(signal)).find(({ id }) => id === local.nodeId)
        : undefined;
      if (local.state === 'active' && node?.state === 'ready') return node;
      const now = `the host says ${local.state}, the manager ${node ? `says ${node.state}` : 'does not know it yet'}`;
      if (now !== last) say((last = now));
      return undefined;
    },
    { everyMs: 150, deadlineMs: AGREE_DEADLINE_MS, signal },
  );
  if (agreed) return agreed;
  throw new UserError(`${host.name} has not joined within ${AGREE_DEADLINE_MS / 1000} s: ${last}.`, {
    hint: 'The engine goes on trying in the background. Check 2377/tcp and 7946/tcp+udp between the two hosts, then join again.',
  });
}
