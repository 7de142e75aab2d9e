/** A job run as a worker runs it, except that the worker dies at a boundary of its steps and another one goes on. */
import type { JobContext, JobDefinition, Step } from '../../../src/jobs/define.ts';

class Died extends Error {}

interface Run<R> {
  result: R;
  /** Where it died, in the order in which that came. */
  died: string[];
  /** Lines of its steps, as they stood at the end. */
  lines: Record<string, string>;
}

/**
 * Runs the job to its end, with a worker that dies once at every boundary: before a step, right after a change was made,
 * after a step. What it recalled is all that the next one knows.
 */
export async function runDying<I, R>(
  job: JobDefinition<I, R>,
  input: I,
  context: Pick<JobContext, 'swarm' | 'hosts'>,
): Promise<Run<R>> {
  const recalled = new Map<string, string>();
  const died: string[] = [];
  for (;;) {
    const worker = new AbortController();
    const lines: Record<string, string> = {};
    const reach = (where: string): void => {
      if (died.includes(where)) return;
      died.push(where);
      // To a job, a worker that is gone and one whose job was taken over are the same: it may do nothing any more.
      worker.abort(Object.assign(new Died(where), { reason: 'replaced' }));
      throw worker.signal.reason;
    };
    try {
      const result = await job.run(input, contextOf(context, worker.signal, recalled, lines, reach));
      return { result, died, lines };
    } catch (thrown) {
      if (!(thrown instanceof Died)) throw thrown;
    }
  }
}

/** Runs the job until the first change whose name fits, then cancels it. @returns what it kept as its result. */
export async function runCancelled<I, R>(
  job: JobDefinition<I, R>,
  input: I,
  context: Pick<JobContext, 'swarm' | 'hosts'>,
  after: RegExp,
): Promise<unknown> {
  const cancel = new AbortController();
  let kept: unknown;
  const reach = (where: string): void => {
    if (where.startsWith('after the change') && after.test(where))
      cancel.abort(Object.assign(new Died(where), { name: 'AbortError', reason: 'cancelled' }));
  };
  const whole = contextOf(context, cancel.signal, new Map(), {}, reach);
  const ended = await job.run(input, { ...whole, keep: (soFar) => void (kept = soFar) }).then(
    () => 'done',
    (thrown: unknown) => thrown,
  );
  if (ended !== cancel.signal.reason)
    throw new Error('It ended without having been cancelled.', { cause: ended });
  return kept;
}

function contextOf(
  { swarm, hosts }: Pick<JobContext, 'swarm' | 'hosts'>,
  signal: AbortSignal,
  recalled: Map<string, string>,
  lines: Record<string, string>,
  reach: (where: string) => void,
): JobContext {
  const step: JobContext['step'] = async (title, work) => {
    reach(`before ${title}`);
    signal.throwIfAborted();
    const line: Step = {
      say: (text) => void (lines[title] = text),
      show: () => undefined,
      fail: (text) => void (lines[title] = text),
      act: async (what, change) => {
        signal.throwIfAborted();
        const changed = await change();
        reach(`after the change "${what}"`);
        return changed;
      },
    };
    const value = await work(line);
    reach(`after ${title}`);
    return value;
  };
  return {
    swarm,
    hosts,
    signal,
    step,
    // As through Redis: what JSON does not keep is lost.
    recall: async (key, find) => {
      const known = recalled.get(key);
      if (known !== undefined) return JSON.parse(known) as never;
      const found = await find();
      recalled.set(key, JSON.stringify(found));
      return found;
    },
    keep: () => undefined,
    undo: (_what, change) => change(),
    openJobs: () => Promise.resolve([]),
    limits: { joinsAtOnce: 3 },
  };
}
