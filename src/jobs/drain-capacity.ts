/**
 * What a drain sets for a while and puts back: nodes that are paused until their turn comes, and replicas that are raised
 * so that as many tasks run elsewhere before those of the node end.
 */
import { UserError } from '../errors.ts';
import type { Shortfall, Swarm } from '../swarm/swarm.ts';
import type { Step } from './define.ts';
import { eachOf, loadOf, type Moved } from './drain-move.ts';

/**
 * While more tasks are asked for than usual, nothing has been taken from anybody yet: less patience than for a scale will
 * do before it is said that there is no room.
 */
const STUCK_MS = 15_000;

export interface Raised {
  id: string;
  name: string;
  from: number;
  to: number;
}

/** What becomes of a raised number. */
export type PutBack =
  | { name: string; kind: 'back'; replicas: number }
  /** Somebody set another number meanwhile: that one stays. */
  | { name: string; kind: 'other'; replicas: number }
  | { name: string; kind: 'gone' };

interface Acting {
  swarm: Swarm;
  signal: AbortSignal;
  step: Step;
}

/** What would have to be raised by how much before this node is emptied. */
export async function planRaise(nodeId: string, swarm: Swarm, signal: AbortSignal): Promise<Raised[]> {
  const { services } = await loadOf(nodeId, swarm, signal);
  return services.map(({ id, name, here, wanted }) => ({ id, name, from: wanted, to: wanted + here }));
}

/**
 * Raises the services and waits until all of it runs.
 * @returns the services that were not raised because somebody has changed their number meanwhile.
 * @throws UserError when there is no room for as many more.
 */
export async function raise(
  node: string,
  plan: readonly Raised[],
  deadlineMs: number,
  { swarm, signal, step }: Acting,
): Promise<string[]> {
  const others: string[] = [];
  const raised: Raised[] = [];
  for (const one of plan) {
    const { kind } = await step.act(`raise ${one.name} from ${one.from} to ${one.to}`, () =>
      swarm.resize(one.id, one, signal),
    );
    if (kind === 'other') others.push(one.name);
    if (kind === 'set' || kind === 'already') raised.push(one);
  }
  const end = Date.now() + deadlineMs;
  const outcomes = await eachOf(raised, 10, async ({ id, name }) => {
    const outcome = await swarm.converge(id, {
      deadlineMs: Math.max(1, end - Date.now()),
      stuckMs: STUCK_MS,
      signal,
      onProgress: ({ running, wanted }) => step.say(`${name}: ${running} of ${wanted} running`),
    });
    return { name, outcome };
  });
  const short = outcomes.flatMap(({ name, outcome }) =>
    outcome.kind === 'short' ? [`${name}: ${reasonText(outcome.reasons)}`] : [],
  );
  if (short.length === 0) return others;
  throw new UserError(
    `${node} was not drained: there is no room elsewhere for as many tasks more. ${short.join('; ')}.`,
    {
      hint: 'Make room first, or drain it without --keep-capacity: then fewer tasks run until theirs have moved.',
      remedies: [
        {
          label: 'Drain all the same',
          line: `drain ${node}`,
          confirm: `Fewer tasks than usual run until those of ${node} have found a place.`,
        },
      ],
    },
  );
}

export function reasonText(reasons: readonly Shortfall[]): string {
  const [first] = reasons;
  return first === undefined
    ? 'its tasks give no reason'
    : `${first.state}${first.error ? ` (${first.error})` : ''}`;
}

/** Puts raised numbers back, where they still are what they were raised to. */
export async function restore(
  plan: readonly Raised[],
  swarm: Swarm,
  signal: AbortSignal,
  act: Step['act'],
): Promise<PutBack[]> {
  const results: PutBack[] = [];
  for (const { id, name, from, to } of plan) {
    const outcome = await act(`put ${name} back to ${from}`, () =>
      swarm.resize(id, { from: to, to: from }, signal),
    );
    if (outcome.kind === 'gone') results.push({ name, kind: 'gone' });
    else if (outcome.kind === 'other') results.push({ name, kind: 'other', replicas: outcome.replicas });
    else results.push({ name, kind: 'back', replicas: from });
  }
  return results;
}

/** Waits until what was put back runs at its number again, and nothing beyond it. */
export async function settled(
  plan: readonly Raised[],
  back: readonly PutBack[],
  deadlineMs: number,
  swarm: Swarm,
  signal: AbortSignal,
): Promise<Pick<Moved, 'name' | 'running' | 'wanted'>[]> {
  const end = Date.now() + deadlineMs;
  const wait = plan.filter(({ name }) => back.some((one) => one.name === name && one.kind === 'back'));
  return await eachOf(wait, 10, async ({ id, name }) => {
    const options = { deadlineMs: Math.max(1, end - Date.now()), stuckMs: STUCK_MS, signal };
    const { running, wanted } = await swarm.converge(id, options);
    return { name, running, wanted };
  });
}
