/** Waiting for a service's tasks, with the same words in every job that changes services. */
import type { Convergence, Progress, Swarm } from '../swarm/swarm.ts';
import type { Stage } from './stages.ts';

/**
 * So long may nothing get better while every missing task says why. Tasks that fail are tried again after 5 s, and a
 * node is avoided only after five failures: with less patience a service would be given up that one node without its
 * image holds up for 25 s.
 */
const STUCK_MS = 30_000;

export interface WaitOptions {
  deadlineMs: number;
  swarm: Pick<Swarm, 'converge'>;
  signal: AbortSignal;
  stage: Stage;
  /** The swarm going back by itself is no success, unless that was what was asked for. */
  rollback?: 'asked' | 'not asked';
}

/** Waits until the service's tasks run and stay, or will not; the step shows how far it is. */
export async function waitForTasks(
  name: string,
  title: string,
  { deadlineMs, swarm, signal, stage, rollback = 'not asked' }: WaitOptions,
): Promise<Convergence> {
  return await stage(title, async (step) => {
    const outcome = await swarm.converge(name, {
      deadlineMs,
      stuckMs: STUCK_MS,
      signal,
      onProgress: (progress) => step.say(progressLine(progress)),
    });
    const wentBack = outcome.update.state === 'rollback_completed' && rollback === 'not asked';
    if (outcome.kind === 'converged' && !wentBack) step.say(strength(outcome));
    else step.fail(wentBack ? `the swarm went back: ${strength(outcome)}` : strength(outcome));
    return outcome;
  });
}

/** `4 of 12 running, 8 of the old version, 1 preparing`. */
function progressLine({ running, wanted, states, old, update }: Progress): string {
  const others = Object.entries(states)
    .filter(([state, count]) => state !== 'running' && count > 0)
    .map(([state, count]) => `${count} ${state}`);
  const goingBack = update.state.startsWith('rollback') ? 'rolling back: ' : '';
  return (
    goingBack +
    [`${running} of ${wanted} running`, ...(old > 0 ? [`${old} of the old version`] : []), ...others].join(
      ', ',
    )
  );
}

export function strength({ running, wanted, old }: Pick<Convergence, 'running' | 'wanted' | 'old'>): string {
  return `${running} of ${wanted} running${old > 0 ? `, ${old} of the old version` : ''}`;
}
