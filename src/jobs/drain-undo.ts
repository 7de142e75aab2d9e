/** What a drain had only set for a while goes back when it ends early: cancelled, or failed. */
import { UserError, messageOf } from '../errors.ts';
import type { Node, Swarm } from '../swarm/swarm.ts';
import type { JobContext } from './define.ts';
import { restore, type Raised } from './drain-capacity.ts';
import { putBackText } from './drain-text.ts';

/** The swarm's managers may just be away: what can be put back is put back within this time. */
const UNDO_MS = 30_000;

/**
 * Runs `work`. Should it fail or be cancelled, raised numbers go back to what they were and nodes that were only paused
 * become active again; a node that is drained stays so, and is named. `work` may ask for the same itself when it stops half-way.
 * @throws what `work` threw, with what was put back said beside it.
 */
export async function undoing<R>(
  nodeIds: readonly string[],
  before: Record<string, Node['availability']>,
  /** What this drain sets at all: somebody else's pause is left alone. */
  may: { raised: boolean; paused: boolean },
  {
    swarm,
    signal,
    recall,
    keep,
    undo: putBack,
  }: Pick<JobContext, 'swarm' | 'signal' | 'recall' | 'keep' | 'undo'>,
  /** The result that a cancelled job shows: what was put back, and hostnames of the nodes that stay drained. */
  ended: (undone: string[], drained: string[]) => unknown,
  work: (undo: () => Promise<string[]>) => Promise<R>,
): Promise<R> {
  const undo = async (): Promise<string[]> => {
    // The job's own signal may have fired, so calls and steps of the job are over: these are made in spite of that.
    const late = AbortSignal.timeout(UNDO_MS);
    const said: string[] = [];
    for (const id of may.raised ? nodeIds : []) {
      const raised = await recall(`raised:${id}`, () => Promise.resolve<Raised[]>([]));
      const back = await restore(raised, swarm, late, putBack);
      said.push(...back.map(putBackText));
    }
    for (const node of await swarm.nodes(late)) {
      const wasActive = may.paused && nodeIds.includes(node.id) && before[node.id] === 'active';
      if (!wasActive || node.availability !== 'pause') continue;
      await putBack(`activate ${node.hostname}`, () => swarm.setAvailability(node.id, 'active', late));
      said.push(`${node.hostname} is active again`);
    }
    return said;
  };
  try {
    return await work(undo);
  } catch (thrown) {
    // Another worker goes on with this very job: what is set is still wanted.
    if (goesOnElsewhere(signal)) throw thrown;
    const undone = await undo().catch((error: unknown) => [
      `not everything could be put back: ${messageOf(error)}`,
    ]);
    const drained = await drainedSince(nodeIds, before, swarm);
    if (undone.length + drained.length > 0) keep(ended(undone, drained));
    if (!(thrown instanceof UserError) || undone.length + drained.length === 0) throw thrown;
    const told = [
      ...(undone.length > 0 ? [`Put back: ${undone.join(', ')}.`] : []),
      ...drained.map((node) => `${node} stays drained.`),
    ];
    throw new UserError(thrown.message, {
      hint: `${told.join(' ')} ${thrown.hint}`.trim(),
      cause: thrown,
      remedies: thrown.remedies,
    });
  }
}

/** Hostnames of those that are drained now and were not before. None where the managers cannot be asked. */
async function drainedSince(
  nodeIds: readonly string[],
  before: Record<string, Node['availability']>,
  swarm: Pick<Swarm, 'nodes'>,
): Promise<string[]> {
  const nodes = await swarm.nodes(AbortSignal.timeout(UNDO_MS)).catch(() => []);
  return nodes
    .filter(
      ({ id, availability }) => nodeIds.includes(id) && availability === 'drain' && before[id] !== 'drain',
    )
    .map(({ hostname, id }) => hostname || id);
}

/** The queue's reasons are `cancelled`, `shutdown` and `replaced`; only the first is the end of the job. */
function goesOnElsewhere({ aborted, reason }: AbortSignal): boolean {
  const { reason: why } = Object(reason) as { reason?: unknown };
  return aborted && (why === 'shutdown' || why === 'replaced');
}
