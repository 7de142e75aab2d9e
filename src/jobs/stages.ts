/** One target: a step for each stage. Several: a step for each target, the stage as the line under it. */
import { explained } from '../diagnosis/failure.ts';
import { UserError, isAbort } from '../errors.ts';
import type { Remedy } from '../remedy.ts';
import type { JobContext, Step } from './define.ts';

export type Stage = <R>(title: string, work: (step: Step) => Promise<R>) => Promise<R>;

export function stepsFor(targets: string[], stages: string[]): string[] {
  return targets.length === 1 ? stages : targets;
}

/** What became of one target among several: a result, or why not, in words for a person. */
export type Outcome<R> =
  | { target: string; ok: true; value: R }
  | { target: string; ok: false; message: string; hint: string; remedies: Remedy[] };

/**
 * Runs `work` for every target, at most `atOnce` at the same time. With one target a failure is thrown; with several it
 * is kept beside the others, its step shows the reason, and the job goes on with the rest. `inShort` is the line that
 * stays under the step of one that ended well.
 * @throws UserError when it worked for none.
 */
export async function forEachTarget<R>(
  targets: string[],
  { step, signal }: Pick<JobContext, 'step' | 'signal'>,
  atOnce: number,
  work: (target: string, stage: Stage) => Promise<R>,
  inShort: (value: R) => string,
): Promise<Outcome<R>[]> {
  const [only] = targets;
  if (targets.length === 1 && only !== undefined)
    return [{ target: only, ok: true, value: await work(only, step) }];

  const outcomes = new Map<string, Outcome<R>>();
  const waiting = [...targets];
  const lane = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      signal.throwIfAborted();
      const name = target;
      outcomes.set(name, await step(name, (line) => one(name, line, work, inShort, signal)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, targets.length) }, lane));
  const all = targets.flatMap((target) => outcomes.get(target) ?? []);
  if (all.every(({ ok }) => !ok)) throw noneOf(all);
  return all;
}

/** As many ways out as a row of buttons has room for. */
const MOST_REMEDIES = 4;

/** Nothing worked anywhere: that is a failure of the whole, and with nothing changed only the person who asked hears it. */
function noneOf(outcomes: Outcome<unknown>[]): UserError {
  const failures = outcomes.filter((outcome) => !outcome.ok);
  const messages = [...new Set(failures.map(({ message }) => message))];
  const hints = [...new Set(failures.map(({ hint }) => hint))];
  const more = messages.length > 3 ? ` And ${messages.length - 3} more failed.` : '';
  return new UserError(
    `It worked for ${outcomes.length === 2 ? 'neither' : `none of the ${outcomes.length}`}. ${messages.slice(0, 3).join(' ')}${more}`,
    {
      hint:
        hints.length === 1 ? (hints[0] ?? '') : 'Give the command for one of them alone to see what to do.',
      remedies: failures.flatMap(({ remedies }) => remedies).slice(0, MOST_REMEDIES),
    },
  );
}

async function one<R>(
  target: string,
  line: Step,
  work: (target: string, stage: Stage) => Promise<R>,
  inShort: (value: R) => string,
  signal: AbortSignal,
): Promise<Outcome<R>> {
  const stage: Stage = async (title, doStage) => {
    line.say(title);
    return await doStage({ ...line, say: (text) => line.say(`${title}: ${text}`) });
  };
  try {
    const value = await work(target, stage);
    line.say(inShort(value));
    return { target, ok: true, value };
  } catch (error) {
    // A bug or a cancelled job ends the whole job; what a person can act on ends only this target.
    if (!(error instanceof UserError) || (signal.aborted && isAbort(error))) throw error;
    line.fail(error.message);
    return { target, ok: false, ...explained(error, { target }) };
  }
}
