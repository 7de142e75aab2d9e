import { jobs, type JobInput, type JobName, type JobResult } from '../../../src/jobs/index.ts';
import type { AnyJob, JobContext, Step } from '../../../src/jobs/define.ts';

class Crash extends Error {}

/** Generous: what is looked at is another thing. */
const LIMITS: JobContext['limits'] = { joinsAtOnce: 3, replicas: 1000 };

/**
 * Runs a job whose worker dies right behind its first change, before that is known to anybody, then runs it again as the
 * next worker does: with what was recalled before, as Redis gives it back. @returns the result of the second run.
 */
export async function crashed<N extends JobName>(
  name: N,
  input: JobInput<N>,
  context: Pick<JobContext, 'swarm' | 'hosts'>,
): Promise<JobResult<N>> {
  const job: AnyJob = jobs[name];
  let recalled: Record<string, unknown> = {};
  const run = (dies: boolean): Promise<unknown> =>
    job.run(input as never, {
      ...context,
      signal: new AbortController().signal,
      limits: LIMITS,
      keep: () => {},
      undo: (_what, change) => change(),
      openJobs: () => Promise.resolve([]),
      step: (_title, work) => work(step(dies)),
      recall: async (key, find) => {
        // Later runs get it as it came out of Redis.
        recalled[key] ??= await find();
        return recalled[key] as never;
      },
    });
  const first = await run(true).then(
    () => 'ended',
    (thrown: unknown) => {
      if (thrown instanceof Crash) return 'crashed';
      throw thrown;
    },
  );
  if (first !== 'crashed') throw new Error(`${name} changed nothing, so it did not come to the crash.`);
  recalled = JSON.parse(JSON.stringify(recalled)) as Record<string, unknown>;
  return (await run(false)) as JobResult<N>;
}

function step(dies: boolean): Step {
  return {
    say: () => {},
    show: () => {},
    fail: () => {},
    act: async (_what, change) => {
      const done = await change();
      if (dies) throw new Crash('killed');
      return done;
    },
  };
}
