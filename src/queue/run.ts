/** One run of one request: its steps, the state that the card shows, and how it ends. Knows no BullMQ. */
import { ofRequest, type AuditEvent, type AuditLog, type Risk, type Who } from '../audit/record.ts';
import { explained, factsOf } from '../diagnosis/failure.ts';
import type { Facts } from '../diagnosis/facts.ts';
import { errorReference, isAbort, messageOf, UserError } from '../errors.ts';
import type { AnyJob, JobContext, Step } from '../jobs/define.ts';
import type { Log } from '../log.ts';
import { isFinal, type Failure, type FinalPhase, type Request, type StepState } from './request.ts';
import type { RequestStore } from './store.ts';

/** Progress that is younger is not worth a write: what ends sooner is shown only as ended. */
const PROGRESS_MS = 100;

/** As much of a job's live text as its card shows: its end. */
const LIVE_CHARACTERS = 4000;

/** As many open requests as a job may want to tell of. */
const MOST_OPEN = 20;

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
  audit: AuditLog;
  /** Of its command. */
  risk: Risk;
  approvedBy: Who[];
}

/**
 * Runs the job and gives the request in its final state, not yet written.
 * @throws Stopped when the run must be given to another worker: shutdown, or another one has taken over.
 */
export async function runRequest(
  request: Request,
  job: AnyJob,
  input: unknown,
  { store, attempt, signal, log, context, audit, risk, approvedBy }: RunOptions,
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
  delete state.live;

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

  // Nothing is changed before the audit has it; what came of it is awaited only at the end.
  const about = ofRequest({ ...request, risk });
  const told: Promise<void>[] = [];
  const tell = (event: AuditEvent): Promise<void> => {
    const kept = audit.append(event);
    // Whoever awaits it hears of a failure; the log does in any case.
    kept.catch(() => undefined);
    told.push(kept);
    return kept;
  };

  // Steps of several targets run side by side: none may change anything before this is on record.
  let actedOnRecord: Promise<void> | undefined;
  let incomplete = false;
  const step: JobContext['step'] = async (title, work) => {
    signal.throwIfAborted();
    let failed = false;
    const line: Step = {
      say: (text) => showStep(title, { line: text }),
      show: (text) => show({ live: clampStart(text, LIVE_CHARACTERS) }),
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
        await Promise.all([actedOnRecord, begun, tell({ ...about, event: 'changing', step: title, what })]);
        signal.throwIfAborted();
        const from = Date.now();
        const changed = { ...about, event: 'changed', step: title, what } as const;
        try {
          const done = await change();
          log.info({ request: request.id, step: title, act: what, ms: Date.now() - from }, 'changed');
          void tell({ ...changed, outcome: 'done', error: '' });
          return done;
        } catch (error) {
          void tell({ ...changed, outcome: 'failed', error: messageOf(error) });
          throw error;
        }
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

  const openJobs: JobContext['openJobs'] = async () =>
    (await store.list({ most: MOST_OPEN, open: true })).flatMap(({ id, title, phase, requester }) =>
      id === request.id || isFinal(phase) ? [] : [{ id, title, phase, requester: requester.id }],
    );

  const undo: JobContext['undo'] = async (what, change) => {
    const put = { ...about, step: 'Put back', what };
    await tell({ ...put, event: 'changing' }).catch(() => undefined);
    try {
      const done = await change();
      void tell({ ...put, event: 'changed', outcome: 'done', error: '' });
      return done;
    } catch (error) {
      void tell({ ...put, event: 'changed', outcome: 'failed', error: messageOf(error) });
      throw error;
    }
  };

  let kept: Partial<Request> = {};
  const keep: JobContext['keep'] = (soFar) => {
    kept = { result: soFar };
  };

  const end = (phase: FinalPhase, change: Partial<Request>): Request => {
    const { live: _, ...rest } = state;
    return { ...rest, ...change, phase, endedAt: Date.now() };
  };
  const begun = tell({ ...about, event: 'started', attempt, approvedBy });
  try {
    show({});
    const result = await job.run(input as never, { ...context, signal, step, recall, keep, undo, openJobs });
    // The final state says all that an unwritten progress would.
    clearTimeout(later);
    await writing;
    // What was changed is changed, whether or not Redis took the record of it.
    if (state.acted) await Promise.allSettled(told);
    return end(incomplete ? 'incomplete' : 'done', { result });
  } catch (error) {
    clearTimeout(later);
    await writing?.catch(() => undefined);
    const stopped: unknown = signal.aborted ? signal.reason : undefined;
    if (stopped instanceof Stopped) {
      if (stopped.reason !== 'cancelled') throw stopped;
      return end('cancelled', {
        ...kept,
        failure: {
          message: `${stopped.by} cancelled it.`,
          hint: cancelHint(state, kept.result !== undefined),
        },
      });
    }
    return end(error instanceof UserError && !state.acted ? 'refused' : 'failed', {
      failure: explain(error, state, log, factsOf(input, request.command, inventoryOf(context.hosts))),
    });
  }
}

/** Every host, for who explains. */
export function inventoryOf(hosts: JobContext['hosts']): Facts['inventory'] {
  return hosts.names().map((name) => ({ name, address: hosts.host(name).address }));
}

/** The end of the text, from the beginning of a line on. */
function clampStart(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.slice(-most);
  return end.slice(end.indexOf('\n') + 1).toWellFormed();
}

/** `told`: the job itself says below what it did and put back. */
function cancelHint({ acted, steps }: Request, told: boolean): string {
  if (!acted) return 'Nothing had been changed.';
  if (told) return 'What was done and not put back stays as it is. Give the command again to go on.';
  const complete = steps.filter(({ status }) => status === 'complete').map(({ title }) => title);
  return `What was done before stays as it is${complete.length > 0 ? ` (${complete.join(', ')})` : ''}, and the swarm finishes what it has begun. Give the command again to go on.`;
}

/**
 * What a person reads of a failure. A bug is logged with its trace under a reference; the person gets the reference.
 * `facts`: what the job was given, for who explains.
 */
export function explain(
  error: unknown,
  request: Pick<Request, 'id' | 'title' | 'acted'>,
  log: Log,
  facts: Facts = {},
): Failure {
  const retry = { label: 'Retry', line: `retry ${request.id}` };
  if (error instanceof UserError) {
    log.info(
      { request: request.id, err: { message: error.message, cause: messageOf(error.cause ?? '') } },
      'refused or failed',
    );
    const { message, hint, remedies } = explained(error, { ...facts, request: request.id });
    const others = remedies.filter(({ line }) => line !== retry.line);
    const offered = mayGoBetter(error, request.acted) ? [...others, retry] : remedies;
    return { message, hint, ...(offered.length > 0 ? { remedies: offered } : {}) };
  }
  const reference = errorReference();
  log.error({ request: request.id, reference, err: error }, 'unexpected error');
  return {
    message: isAbort(error)
      ? 'A call took too long and was given up.'
      : 'Something went wrong inside the bot.',
    hint: `Try again; if it happens again, give ${reference} to whoever runs the bot: their log explains it.`,
    reference,
    remedies: [retry],
  };
}

/**
 * Whether the same command may end otherwise the next time. A refusal of the words themselves never does: it has no
 * cause outside, or the engine calls it the asker's mistake (status 4xx).
 */
function mayGoBetter(error: UserError, acted: boolean): boolean {
  const status = 'status' in error && typeof error.status === 'number' ? error.status : 500;
  return (acted || error.cause !== undefined) && status >= 500;
}
