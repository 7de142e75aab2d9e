/** Several nodes that are emptied one after the other: the first that does not go well is the last. */
import { UserError } from '../errors.ts';
import type { Swarm } from '../swarm/swarm.ts';
import type { JobContext, Step } from './define.ts';
import { forEachTarget, type Outcome, type Stage } from './stages.ts';

export const PAUSE_ALL = 'Keep new tasks away from all of them';

/** No task may move onto a node whose turn is next. */
export async function pauseAll(
  ids: readonly string[],
  swarm: Swarm,
  signal: AbortSignal,
  { act, say }: Step,
): Promise<void> {
  let paused = 0;
  for (const { id, hostname, availability } of await swarm.nodes(signal)) {
    if (availability !== 'active' || !ids.includes(id)) continue;
    await act(`pause ${hostname}`, () => swarm.setAvailability(id, 'pause', signal));
    paused += 1;
  }
  say(paused === 0 ? 'none had to be paused' : `paused ${paused}`);
}

/**
 * Runs `work` for one target after the other. After the first that fails, or of which `isBad` says so, the rest is left as
 * it was: their tasks would only make it worse.
 */
export async function inTurn<R>(
  targets: string[],
  verb: string,
  context: Pick<JobContext, 'step' | 'signal'>,
  work: (target: string, stage: Stage) => Promise<R>,
  { isBad, inShort }: { isBad: (value: R) => boolean; inShort: (value: R) => string },
): Promise<{ outcomes: Outcome<R>[]; stopped: boolean }> {
  let stoppedAt: string | undefined;
  const outcomes = await forEachTarget(
    targets,
    context,
    1,
    async (target, stage) => {
      if (stoppedAt !== undefined) throw untouched(target, verb, stoppedAt);
      try {
        const value = await work(target, stage);
        if (isBad(value)) stoppedAt = target;
        return value;
      } catch (thrown) {
        stoppedAt = target;
        throw thrown;
      }
    },
    inShort,
  );
  return { outcomes, stopped: stoppedAt !== undefined };
}

function untouched(target: string, verb: string, stoppedAt: string): UserError {
  return new UserError(`${target} was left as it was, because ${stoppedAt} did not go well.`, {
    hint: `See what becomes of ${stoppedAt} first, then give the command again.`,
    remedies: [{ label: `Go on with ${target}`, line: `${verb} ${target}` }],
  });
}
