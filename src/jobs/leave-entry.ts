/** The entry that a host leaves behind at the managers. */
import { UserError, isAbort } from '../errors.ts';
import type { Host } from '../hosts/hosts.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import type { JobContext, Step } from './define.ts';
import { oldEntries } from './node-find.ts';
import { nodeById, patiently } from './node-wait.ts';

/** A node that leaves says so; one that could not is Down 13.5 to 16.5 s after its last heartbeat. */
const DOWN_DEADLINE_MS = 20_000;

/** Waits until the managers call this node down, or have no entry of it any more. @throws UserError after 20 s. */
export async function entryGoesDown(
  name: string,
  id: string,
  swarm: Swarm,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const down = async () => {
    const node = await nodeById(swarm, id, signal);
    if (node === undefined || node.state === 'down') return true;
    say(`the managers say ${node.state}`);
    return undefined;
  };
  if (await patiently(down, DOWN_DEADLINE_MS, signal)) return say('they do');
  throw new UserError(
    `${name} has left, but the managers do not call it down after ${DOWN_DEADLINE_MS / 1000} s.`,
    {
      hint: 'Its entry can be removed once they do.',
      remedies: [
        {
          label: 'Remove its entry',
          line: `node rm ${id}`,
          confirm: `The entry ${id} of ${name} is removed.`,
        },
      ],
    },
  );
}

/**
 * Removes the host's own entry and what is left of it under other IDs: only entries that are down and no managers.
 * @returns the IDs.
 */
export async function clearEntries(
  host: Host,
  hostname: string,
  ownId: string,
  { swarm, signal, recall }: Pick<JobContext, 'swarm' | 'signal' | 'recall'>,
  step: Pick<Step, 'act' | 'say'>,
): Promise<string[]> {
  const find = async (): Promise<Node[]> => {
    const nodes = await swarm.nodes(signal);
    return [...nodes.filter(({ id }) => id === ownId), ...oldEntries(nodes, host, hostname, ownId)];
  };
  // The host is in no swarm now, so whatever the managers still take for alive goes down within the grace.
  await patiently(
    async () => ((await find()).every(({ state }) => state === 'down') ? true : undefined),
    DOWN_DEADLINE_MS,
    signal,
  );
  // Remembered across a crash: what was removed by then is not there to be told.
  const ids = await recall(`entries:${host.name}`, async () =>
    (await find()).filter(({ state }) => state === 'down').map(({ id }) => id),
  );
  const there = new Set((await swarm.nodes(signal)).map(({ id }) => id));
  const removed = ids.filter((id) => !there.has(id));
  for (const id of ids.filter((one) => there.has(one))) {
    try {
      await step.act(`remove the entry ${id} of ${host.name}`, () => swarm.removeNode(id, signal));
      removed.push(id);
    } catch (thrown) {
      // An old entry that will not go harms nobody; its own must go.
      if (id === ownId || isAbort(thrown) || !(thrown instanceof UserError)) throw thrown;
    }
  }
  return removed;
}
