/** One run of one request: its steps, the state that the card shows, and how it ends. Knows no BullMQ. */
import { errorReference, isAbort, messageOf, UserError } from '../errors.ts';
import type { AnyJob, JobContext, Step } from '../jobs/define.ts';
import type { Log } from '../log.ts';
import type { Failure, FinalPhase, Request, StepState } from './request.ts';
import type { RequestStore } from './store.ts';

/** Progress that is younger is not worth a write: what ends sooner is shown only as ended. */
const PROGRESS_MS = 100;

/** Why the signal of a run fired. */
export type StopReason = 'cancelled' | 'shutdown' | 'replaced';

export class Stopped extends Error {
  readonly reason: StopReason;
  readonly by: string;

  constructor(reason: StopReason, by = '') {
    super(reason);
    // Named as the platform names it, so that every library treats it as an abort.
    this.name = 'AbortError';
    this.reason = reason;
    this.by = by;
  }
}

export interface RunOptions {
  store: RequestStore;
  attempt: number;
  signal: AbortSignal;
  log: Log;
  context: Pick<JobContext, 'swarm' | 'hosts' | 'limits'>;
}

/**
 * Runs the job and gives the request in its final state, not yet written.
 * @throws Stopped when the run must be given to another worker: shutdown, or another one has taken over.
 */
export async function runRequest(
  request: Request,
  job: AnyJob,
  input: unknown,
  { store, attempt, signal, log, context }: RunOptions,
): Promise<Request> {
  const titles = job.steps(input as never);
  let state: Request = {
    ...request,
    phase: 'running',
    startedAt: request.startedAt ?? Date.now(),
    steps: titles.map(
      (title): StepState =>
        request.steps.find((known) => known.title === title) ?? { title, status: 'pending', line: '' },
    ),
  };
  delete state.waitingFor;

  // Progress is written after a short while, the latest wins; whoever needs it on record awaits `written`.
  let writing: Promise<void> | undefined;
  let dirty = false;
  const flush = async (): Promise<void> => {
    while (dirty) {
      dirty = false;
      await store.write(state, attempt);
    }
  };
  let later: NodeJS.Timeout | undefined;
  const written = async (): Promise<void> => {
    clearTimeout(later);
    later = undefined;
    dirty = true;
    writing ??= flush().finally(() => (writing = undefined));
    await writing;
    if (dirty) await written();
  };
  const show = (change: Partial<Request>): void => {
    state = { ...state, ...change };
    later ??= setTimeout(() => {
      written().catch((error: unknown) =>
        log.warn({ err: error, request: request.id }, 'progress could not be written'),
      );
    }, PROGRESS_MS);
  };
  const showStep = (title: string, change: Partial<StepState>): void =>
    show({ steps: state.steps.map((step) => (step.title === title ? { ...step, ...change } : step)) });

  // Steps of several targets run side by side: none may change anything before this is on record.
  let actedOnRecord: Promise<void> | undefined;
  let incomplete = false;
  const step: JobContext['step'] = async (title, work) => {
    signal.throwIfAborted();
    let failed = false;
    const line: Step = {
      say: (text) => showStep(title, { line: text }),
      fail: (text) => {
        failed = true;
        incomplete = true;
        showStep(title, { status: 'error', line: text });
      },
      act: async (what, change) => {
        signal.throwIfAborted();
        if (!state.acted) {
          state = { ...state, acted: true };
          actedOnRecord = written();
        }
        await actedOnRecord;
        const from = Date.now();
        const done = await change();
        log.info({ request: request.id, step: title, act: what, ms: Date.now() - from }, 'changed');
        return done;
      },
    };
    showStep(title, { status: 'in_progress' });
    try {
      const value = await work(line);
      if (!failed) showStep(title, { status: 'complete' });
      return value;
    } catch (error) {
      showStep(title, { status: 'error' });
      throw error;
    }
  };
  const recall: JobContext['recall'] = async (name, find) => {
    if (name in state.recalled) return state.recalled[name] as never;
    const value = await find();
    state = { ...state, recalled: { ...state.recalled, [name]: value } };
    await written();
    return value;
  };

  const end = (phase: FinalPhase, change: Partial<Request>): Request => ({
    ...state,
    ...change,
    phase,
    endedAt: Date.now(),
  });
  try {
    show({});
    const result = await job.run(input as never, { ...context, signal, step, recall });
    // The final state says all that an unwritten progress would.
    clearTimeout(later);
    await writing;
    return end(incomplete ? 'incomplete' : 'done', { result });
  } catch (error) {
    clearTimeout(later);
    await writing?.catch(() => undefined);
    const stopped: unknown = signal.aborted ? signal.reason : undefined;
    if (stopped instanceof Stopped) {
      if (stopped.reason !== 'cancelled') throw stopped;
      return end('cancelled', {
        failure: { message: `${stopped.by} cancelled it.`, hint: cancelHint(state) },
      });
    }
    return end(error instanceof UserError && !state.acted ? 'refused' : 'failed', {
      failure: explain(error, request, log),
    });
  }
}

function cancelHint({ acted, steps }: Request): string {
  if (!acted) return 'Nothing had been changed.';
  const complete = steps.filter(({ status }) => status === 'complete').map(({ title }) => title);
  return `What was done before stays as it is${complete.length > 0 ? ` (${complete.join(', ')})` : ''}. Give the command again to go on.`;
}

/** What a person reads of a failure. A bug is logged with its trace under a reference; the person gets the reference. */
export function explain(error: unknown, request: Pick<Request, 'id' | 'title'>, log: Log): Failure {
  if (error instanceof UserError) {
    log.info(
      { request: request.id, err: { message: error.message, cause: messageOf(error.cause ?? '') } },
      'refused or failed',
    );
    const remedies = error.remedies.length > 0 ? { remedies: error.remedies } : {};
    return { message: error.message, hint: error.hint, ...remedies };
  }
  const reference = errorReference();
  log.error({ request: request.id, reference, err: error }, 'unexpected error');
  return {
    message: isAbort(error)
      ? 'A call took too long and was given up.'
      : 'Something went wrong inside the bot.',
    hint: `Try again; if it happens again, give ${reference} to whoever runs the bot: their log explains it.`,
    reference,
  };
}
