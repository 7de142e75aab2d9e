/**
 * Moves tasks of one service to emptier nodes. The swarm moves none by itself, so its replicas are raised by a few: the
 * scheduler puts the new ones where least runs. When they run and stay, the replicas are lowered again, and the swarm
 * takes away from the nodes that have most (swarmkit, orchestrator/replicated: seen with engine 20.10).
 */
import { UserError } from '../errors.ts';
import type { Remedy } from '../remedy.ts';
import type { Balance } from '../swarm/rebalance-facts.ts';
import type { Plan } from '../swarm/rebalance-plan.ts';
import type { JobContext, Step } from './define.ts';

/** So long nothing may get better while the new tasks say why they do not run. */
const STUCK_MS = 20_000;
/** To put the replicas back when the job is ended in the middle. */
const PUT_BACK_MS = 15_000;
/** To see what has become of the tasks then. */
const LAST_LOOK_MS = 3000;
/** Rounds in a row that may bring nothing. */
const MOST_VAIN = 2;

export type Ended =
  | { kind: 'level' }
  /** No move brought it further. */
  | { kind: 'stuck' }
  /** Somebody else set the replicas meanwhile; theirs stay. */
  | { kind: 'changed'; replicas: number }
  | { kind: 'cut short' };

interface Options {
  atOnce: number;
  deadlineMs: number;
}

export function planOf({ wanted, plan, single: ofOne }: Balance, single: boolean): Plan {
  return wanted === 1 && single ? ofOne : plan;
}

/**
 * The one task of a service is started anew: the scheduler goes by where the service has no task, then by where least
 * runs. Raised and lowered, it would stay: of two tasks on two nodes the swarm takes away the one of the higher slot.
 */
export async function moveSingle(
  { id, name, single }: Balance,
  { deadlineMs }: Options,
  { swarm, signal, recall }: JobContext,
  step: Step,
): Promise<Ended> {
  // Kept across a crash: a second run must not restart it once more.
  const plan = await recall(`restart:${name}`, () => swarm.planUpdate(name, { force: true }, signal));
  if (single.moves.length > 0) {
    await step.act(`restart ${name}`, () => swarm.updateService(name, { force: true }, plan, signal));
    const outcome = await swarm.converge(id, { deadlineMs, stuckMs: STUCK_MS, signal });
    if (outcome.kind === 'short') return { kind: 'stuck' };
  }
  const left = (await balanceOf(id, swarm, signal)).single.moves.length;
  step.say(single.moves.length === 0 ? 'it is where it should be' : 'started anew');
  return { kind: left === 0 ? 'level' : 'stuck' };
}

/** By name or ID. @throws UserError when it is gone. */
export async function balanceOf(
  name: string,
  swarm: JobContext['swarm'],
  signal: AbortSignal,
): Promise<Balance> {
  const { id } = await swarm.service(name, signal);
  const found = (await swarm.balances(signal)).find((balance) => balance.id === id);
  if (found) return found;
  throw gone(name);
}

/**
 * Puts back the replicas that a run that crashed had raised: no more than this job raises. Any other number is somebody
 * else's and stays.
 */
export async function replicasBefore(
  balance: Balance,
  { wanted, atOnce }: { wanted: number; atOnce: number },
  { swarm, signal }: JobContext,
  step: Step,
): Promise<Balance> {
  const { id, name, wanted: now } = balance;
  if (now <= wanted || now > wanted + atOnce) return balance;
  await step.act(`put ${name} back from ${now} to ${wanted}`, () =>
    swarm.resize(id, { from: now, to: wanted }, signal),
  );
  return await balanceOf(id, swarm, signal);
}

/**
 * Moves tasks until the plan is done or does not get shorter. However it ends, the replicas are what they were.
 * `soFar` hears of the beginning and of each group that has moved.
 * @throws UserError when the swarm cannot start one task more.
 */
export async function moveTasks(
  first: Balance,
  options: Options,
  context: JobContext,
  step: Step,
  soFar: (now: Balance) => void,
): Promise<Ended> {
  const { swarm, signal } = context;
  let balance = first;
  const total = balance.plan.moves.length;
  let vain = 0;
  soFar(balance);
  for (;;) {
    const left = balance.plan.moves.length;
    if (left === 0) {
      step.say(total === 0 ? 'it is level already' : `${total} of ${total} moved`);
      return { kind: 'level' };
    }
    if (vain === MOST_VAIN) return { kind: 'stuck' };
    step.say(`${Math.max(0, total - left)} of ${total} moved`);
    const other = await moveSome(balance, Math.min(options.atOnce, left), options, context, step).catch(
      async (error: unknown) => {
        if (signal.aborted) soFar(await whereItEnded(balance, swarm));
        throw error;
      },
    );
    if (other !== undefined) return { kind: 'changed', replicas: other };
    const after = await balanceOf(balance.id, swarm, signal);
    // Somebody else changed it while the last tasks stopped.
    if (after.wanted !== balance.wanted) return { kind: 'changed', replicas: after.wanted };
    vain = after.plan.moves.length < left ? 0 : vain + 1;
    balance = after;
    soFar(balance);
  }
}

/** Put back in the middle of a move, the swarm may all the same have kept the new tasks and taken away old ones. */
async function whereItEnded(balance: Balance, swarm: JobContext['swarm']): Promise<Balance> {
  const signal = AbortSignal.timeout(PUT_BACK_MS);
  try {
    await swarm.converge(balance.id, { deadlineMs: LAST_LOOK_MS, stableMs: 0, signal });
    return await balanceOf(balance.id, swarm, signal);
  } catch {
    // That the job was ended is what is to be told.
    return balance;
  }
}

/** @returns the number that somebody else has set meanwhile, if so. */
async function moveSome(
  { id, name, wanted }: Balance,
  many: number,
  { deadlineMs }: Options,
  { swarm, signal }: JobContext,
  step: Step,
): Promise<number | undefined> {
  const raised = wanted + many;
  const up = await step.act(`raise ${name} from ${wanted} to ${raised}`, () =>
    swarm.resize(id, { from: wanted, to: raised }, signal),
  );
  if (up.kind === 'other') return up.replicas;
  if (up.kind === 'gone') throw gone(name);
  // Not under the job's signal: a cancelled job leaves the replicas as they were as well.
  const down = () => swarm.resize(id, { from: raised, to: wanted }, AbortSignal.timeout(PUT_BACK_MS));
  const more = await swarm
    .converge(id, { deadlineMs, stuckMs: STUCK_MS, signal })
    .catch(async (error: unknown) => {
      await down();
      throw error;
    });
  const back = await down();
  if (back.kind === 'gone') throw gone(name);
  if (back.kind === 'other') return back.replicas;
  if (more.kind === 'short') {
    const [reason] = more.reasons;
    const where = reason && reason.nodes.length > 0 ? ` on ${reason.nodes.slice(0, 3).join(', ')}` : '';
    const says = reason?.error ? `: ${reason.error.replace(/\.?$/, '.')}` : '.';
    throw new UserError(
      `${many === 1 ? `One more task of ${name} does` : `More tasks of ${name} do`} not run${where}${says} Its replicas are ${wanted} again.`,
      {
        hint: `See what keeps it, or let \`/swarm restart ${name}\` place all its tasks anew.`,
        remedies: waysOut(name),
      },
    );
  }
  // Gone, not settled for long: the next group waits for that again.
  await swarm.converge(id, { deadlineMs, stuckMs: STUCK_MS, stableMs: 0, signal });
  return undefined;
}

function waysOut(name: string): Remedy[] {
  return [
    { label: 'Why?', line: `why ${name}` },
    {
      label: `Restart ${name}`,
      line: `restart ${name}`,
      confirm: `Every task of ${name} is replaced, one after the other.`,
    },
  ];
}

function gone(name: string): UserError {
  return new UserError(`${name} was removed meanwhile.`, { hint: 'See `/swarm services`.' });
}
