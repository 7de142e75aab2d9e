/**
 * The real worker, except that it kills itself with signal 9 at one chosen boundary of a job's steps: before a step, right
 * after a change was made, or after a step. DIE_AT numbers them in the order in which they come.
 */
import { readWorkerConfig } from '../../src/config.ts';
import type { AnyJob, JobContext, Step } from '../../src/jobs/define.ts';
import { jobs } from '../../src/jobs/index.ts';
import { runProcess } from '../../src/process.ts';
import { openWorker } from '../../src/worker-process.ts';

const dieAt = Number(process.env['DIE_AT']);
let boundary = 0;

function reach(where: string): void {
  boundary += 1;
  process.stdout.write(`boundary ${boundary}: ${where}\n`);
  if (boundary === dieAt) process.kill(process.pid, 'SIGKILL');
}

function dying(job: AnyJob): AnyJob {
  return {
    ...job,
    run: (input: never, context: JobContext) =>
      job.run(input, {
        ...context,
        step: async (title, work) => {
          reach(`before ${title}`);
          const value = await context.step(title, (step: Step) =>
            work({
              ...step,
              act: async (what, change) => {
                const changed = await step.act(what, change);
                reach(`after the change "${what}"`);
                return changed;
              },
            }),
          );
          reach(`after ${title}`);
          return value;
        },
      }),
  };
}

await runProcess(() =>
  openWorker(
    readWorkerConfig(process.env),
    Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, dying(job)])),
  ),
);
