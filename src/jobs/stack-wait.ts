import type { Convergence, Shortfall } from '../swarm/swarm.ts';
import type { JobContext, Step } from './define.ts';

/** As long as `scale` waits for a service in which nothing gets better, see there. */
const STUCK_MS = 30_000;
/** Each asks the managers five times in a second. */
const AT_ONCE = 5;

/** How far a service came. */
export interface Reached {
  running: number;
  wanted: number;
  /** Its tasks run and stay. */
  whole: boolean;
  reasons: Shortfall[];
  /** The swarm's own words when it took the change back, or an empty text. */
  rolledBack: string;
}

/** Waits until each service's tasks run and stay, and tells under the step how far they are. */
export async function awaitServices(
  names: string[],
  deadlineMs: number,
  { swarm, signal }: Pick<JobContext, 'swarm' | 'signal'>,
  line: Step,
): Promise<Map<string, Reached>> {
  const end = Date.now() + deadlineMs;
  const outcomes = new Map<string, Reached>();
  const open = new Map<string, string>();
  const tell = (): void =>
    line.say(
      [
        `${outcomes.size} of ${names.length} services`,
        ...[...open].map(([name, at]) => `${name} ${at}`),
      ].join(', '),
    );
  const waiting = [...names];
  const lane = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const here = name;
      const outcome = await swarm.converge(here, {
        deadlineMs: Math.max(1000, end - Date.now()),
        stuckMs: STUCK_MS,
        signal,
        onProgress: ({ running, wanted }) => {
          open.set(here, `${running} of ${wanted} running`);
          tell();
        },
      });
      open.delete(here);
      outcomes.set(here, reached(outcome));
      tell();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, names.length) }, lane));
  const short = [...outcomes]
    .filter(([, { whole, rolledBack }]) => !whole || rolledBack !== '')
    .map(([name]) => name);
  if (short.length > 0) line.fail(`not as they should be: ${short.join(', ')}`);
  else
    line.say(
      names.length === 0
        ? 'nothing to wait for'
        : names.length === 1
          ? 'its service'
          : `all ${names.length} services`,
    );
  return outcomes;
}

function reached(outcome: Convergence): Reached {
  const { kind, running, wanted, update } = outcome;
  return {
    running,
    wanted,
    whole: kind === 'converged',
    reasons: kind === 'short' ? outcome.reasons : [],
    rolledBack: update.state.startsWith('rollback') ? update.message || 'it was rolled back' : '',
  };
}
