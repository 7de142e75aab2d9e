/** Takes signed jobs from the queue and runs them, one lock holder at a time; goes on where a dead worker stopped. */
import { DelayedError, UnrecoverableError, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { ofRequest, type AuditLog } from '../audit/record.ts';
import { isAbort, UserError } from '../errors.ts';
import type { AnyJob, Fact, JobContext, Preview } from '../jobs/define.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secret.ts';
import { changedFacts, mayRun, signPreview } from './approval.ts';
import { verify, type Envelope } from './envelope.ts';
import { Locks } from './locks.ts';
import { key } from './redis.ts';
import { isFinal, type Request } from './request.ts';
import { explain, runRequest, Stopped } from './run.ts';
import type { RequestStore, Shown } from './store.ts';
import { BULL_PREFIX, firstAttempt, turnOf, wake, WORK, type WorkQueue } from './work.ts';

export interface JobWorkerOptions {
  redis: Redis;
  store: RequestStore;
  queue: WorkQueue;
  secret: Secret;
  jobs: Record<string, AnyJob>;
  context: Pick<JobContext, 'swarm' | 'hosts' | 'limits'>;
  /** How many people must have approved a command; 0: it needs no approval. */
  quorumOf: (command: string) => number;
  audit: AuditLog;
  log: Log;
  concurrency: number;
  /** A worker that has not been heard of for so long is taken for dead, and another goes on. */
  lockDurationMs?: number;
}

/** A killed worker gives a job back; a job that kills ten in a row is not given to an eleventh. */
const MOST_DEATHS = 10;
/** A request that waits for a lock is woken when it is free; this is only in case the waker died. */
const LOCK_LOOK_MS = 3000;

export interface JobWorker {
  /** Gives running jobs `graceMs` to end, then hands them back for another worker. */
  close(graceMs: number): Promise<void>;
}

export function startJobWorker(options: JobWorkerOptions): JobWorker {
  const { redis, store, queue, log, concurrency, lockDurationMs = 10_000 } = options;
  const running = new Map<string, AbortController>();
  const locks = new Locks(redis);

  const worker = new Worker<null, void>(
    WORK,
    (job, token) => processJob(job, token ?? '', { ...options, locks, running }),
    {
      connection: redis,
      prefix: BULL_PREFIX,
      concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: Math.max(500, Math.floor(lockDurationMs / 3)),
      maxStalledCount: MOST_DEATHS,
    },
  );
  worker.on('error', (error) => log.warn({ err: error }, 'queue'));
  worker.on('lockRenewalFailed', (ids: string[]) => {
    for (const id of ids) running.get(id)?.abort(new Stopped('replaced'));
  });
  worker.on('failed', (job, error) => {
    if (job)
      afterFailure(job, error, { store, queue, locks, log }).catch((cause: unknown) =>
        log.error({ err: cause }, 'after failure'),
      );
  });

  const cancels = redis.duplicate();
  cancels.on('error', (error: Error) => log.warn({ err: error }, 'redis'));
  const stopIfCancelled = async (id: string): Promise<void> => {
    const by = await store.cancelledBy(id);
    if (by) running.get(id)?.abort(new Stopped('cancelled', by));
  };
  const onError = (error: unknown): void => log.warn({ err: error }, 'cancel');
  cancels.on('message', (_channel, id) => void stopIfCancelled(id).catch(onError));
  cancels.subscribe(key('cancel')).catch(onError);
  // A message is lost while the connection to Redis is down; the mark is not.
  const looking = setInterval(
    () => void Promise.all([...running.keys()].map(stopIfCancelled)).catch(onError),
    2000,
  );

  return {
    async close(graceMs) {
      const closed = worker.close();
      const patience = new AbortController();
      const late = sleep(graceMs, undefined, { signal: patience.signal }).then(
        () => running.forEach((run) => run.abort(new Stopped('shutdown'))),
        () => undefined,
      );
      await closed;
      patience.abort();
      await late;
      clearInterval(looking);
      cancels.disconnect();
    },
  };
}

type Processing = JobWorkerOptions & { locks: Locks; running: Map<string, AbortController> };

async function processJob(job: Job<null, void>, token: string, options: Processing): Promise<void> {
  const { store, secret, jobs, context, log, locks, running } = options;
  const { id, turn } = turnOf(job.id ?? '');
  const attempt = firstAttempt(turn) + job.attemptsStarted;

  // Known before the request is read: a cancel that the read does not show yet fires the signal.
  const abort = new AbortController();
  running.set(id, abort);
  try {
    const found = await store.read(id);
    // An earlier turn that comes back has nothing to do: the request asks, or is in a later one.
    if (!found || isFinal(found.request.phase) || (found.request.turn ?? 0) !== turn) return;
    const { request } = found;
    if (request.phase === 'asking') return;
    const envelope = verify(found.envelope, secret);
    if (envelope?.id !== id) {
      log.error(
        { request: id },
        'refused a request whose signature does not fit: somebody else writes to this Redis, or QUEUE_SECRET differs',
      );
      throw new UnrecoverableError('bad signature');
    }
    const prepared = prepare(envelope, found, jobs, log);
    if ('ended' in prepared) return await finish(prepared.ended, attempt, options);
    const { definition, input, lockNames } = prepared;
    if (envelope.authority.kind === 'ask')
      return await ask(request, [], definition, input, abort.signal, attempt, options);
    const may = mayRun(envelope, options.quorumOf(envelope.command), secret);
    if (may.kind === 'no') {
      log.error({ request: id, why: may.why }, 'refused a job that the policy does not let run');
      throw new UnrecoverableError(`may not run: ${may.why}`);
    }

    const blocker = await locks.acquire(id, lockNames);
    if (blocker !== undefined) {
      await waitFor(blocker, { ...request, locks: lockNames }, attempt, options);
      await job.moveToDelayed(Date.now() + LOCK_LOOK_MS, token);
      throw new DelayedError();
    }
    if (may.facts && !request.acted) {
      const asked = { ...request, locks: lockNames };
      if (await askAgain(asked, may.facts, definition, input, abort.signal, attempt, options)) return;
    }
    const ended = await runRequest({ ...request, locks: lockNames }, definition, input, {
      store,
      attempt,
      signal: abort.signal,
      log,
      context,
      audit: options.audit,
    });
    await finish(ended, attempt, options);
  } catch (error) {
    if (error instanceof Stopped && error.reason === 'shutdown') {
      // Back into the queue at once: another worker, or this one after its restart, goes on.
      await job.moveToDelayed(Date.now(), token);
      throw new DelayedError();
    }
    // Another worker has the job now. Nothing of this run may be written any more.
    if (error instanceof Stopped && error.reason === 'replaced') return;
    throw error;
  } finally {
    running.delete(id);
  }
}

/** Looks at what would be done, and asks people to approve it. */
async function ask(
  request: Request,
  changed: string[],
  definition: AnyJob,
  input: unknown,
  signal: AbortSignal,
  attempt: number,
  options: Processing,
): Promise<void> {
  const { store, secret, log, audit } = options;
  const { approval } = request;
  if (!approval) throw new UnrecoverableError('it asks for an approval of nobody');
  try {
    const preview = await previewOf(definition, input, signal, options);
    const round = approval.round + 1;
    const asking: Request = {
      ...request,
      phase: 'asking',
      approval: {
        ...approval,
        round,
        changed,
        grants: [],
        preview: signPreview(request.id, round, preview, secret),
        expiresAt: Date.now() + approval.expiresMs,
      },
    };
    const { says } = preview;
    await audit.append({ ...ofRequest(request), event: 'previewed', round, says, changed });
    await store.write(asking, attempt);
  } catch (error) {
    await finish(notAsked(request, error, signal, log), attempt, options);
  }
}

/** A request whose preview could not be made. @throws Stopped when another worker is to go on with it. */
function notAsked(request: Request, error: unknown, signal: AbortSignal, log: Log): Request {
  const stopped: unknown = signal.aborted ? signal.reason : undefined;
  if (stopped instanceof Stopped && stopped.reason !== 'cancelled') throw stopped;
  const ended = { ...request, endedAt: Date.now() };
  if (stopped instanceof Stopped && isAbort(error))
    return {
      ...ended,
      phase: 'cancelled',
      failure: { message: `${stopped.by} cancelled it before it began.`, hint: '' },
    };
  const phase = error instanceof UserError ? 'refused' : 'failed';
  return { ...ended, phase, failure: explain(error, request, log) };
}

/** Whether it asks anew, because what was approved rests on facts that are others now. */
async function askAgain(
  request: Request,
  facts: Fact[],
  definition: AnyJob,
  input: unknown,
  signal: AbortSignal,
  attempt: number,
  options: Processing,
): Promise<boolean> {
  let changed: string[];
  try {
    changed = changedFacts(facts, (await previewOf(definition, input, signal, options)).facts);
  } catch (error) {
    await finish(notAsked(request, error, signal, options.log), attempt, options);
    return true;
  }
  if (changed.length === 0) return false;
  const { locks, queue } = options;
  await ask({ ...request, locks: [] }, changed, definition, input, signal, attempt, options);
  for (const next of await locks.release(request.id, request.locks)) await wakeNext(queue, next, options);
  return true;
}

async function previewOf(
  { preview }: AnyJob,
  input: unknown,
  signal: AbortSignal,
  { context }: Processing,
): Promise<Preview> {
  return (await preview?.(input as never, { ...context, signal })) ?? { says: [], warnings: [], facts: [] };
}

/** Everything that is decided before a lock is asked for. */
function prepare(
  envelope: Envelope,
  { request, cancelledBy: by }: Shown,
  jobs: JobWorkerOptions['jobs'],
  log: Log,
) {
  const end = (phase: 'cancelled' | 'expired' | 'failed', message: string, hint: string) => ({
    ended: { ...request, phase, endedAt: Date.now(), failure: { message, hint } } satisfies Request,
  });
  if (by && !request.acted) return end('cancelled', `${by} cancelled it before it began.`, '');
  if (request.startedAt === undefined && request.phase !== 'waiting' && Date.now() > envelope.expiresAt) {
    return end(
      'expired',
      'No worker took it in time, so it was not begun.',
      'Give the command again if it is still wanted.',
    );
  }
  const definition = jobs[envelope.job];
  const input = definition?.input.safeParse(envelope.input);
  if (!definition || !input?.success) {
    const error = new Error(
      definition ? `input of ${envelope.job} does not parse` : `no job ${envelope.job}`,
      { cause: input?.error },
    );
    return {
      ended: {
        ...request,
        phase: 'failed',
        endedAt: Date.now(),
        failure: explain(error, request, log),
      } satisfies Request,
    };
  }
  return { definition, input: input.data, lockNames: definition.lock(input.data as never) };
}

async function waitFor(
  blocker: string,
  request: Request,
  attempt: number,
  { store, locks, queue }: Processing,
): Promise<void> {
  const before = (await store.read(blocker))?.request;
  if (!before || isFinal(before.phase)) {
    // Its worker died between the end and the release: do it in its place.
    for (const next of await locks.release(blocker, request.locks))
      if (next !== request.id) await wakeNext(queue, next, { store });
  }
  const waitingFor = before && {
    id: before.id,
    title: before.title,
    requester: before.requester.id,
    since: before.startedAt ?? before.createdAt,
  };
  await store.write({ ...request, phase: 'waiting', ...(waitingFor ? { waitingFor } : {}) }, attempt);
}

/** Wakes a request that waits for a lock, whichever turn it is in. */
async function wakeNext(queue: WorkQueue, id: string, { store }: { store: RequestStore }): Promise<void> {
  await wake(queue, id, (await store.read(id))?.request.turn ?? 0);
}

async function finish(
  ended: Request,
  attempt: number,
  { store, locks, queue, log, audit }: Processing,
): Promise<void> {
  if ((await store.write(ended, attempt)) === 'late') return;
  const ms = ended.endedAt && ended.startedAt ? ended.endedAt - ended.startedAt : 0;
  await audit.append({
    ...ofRequest(ended),
    event: 'ended',
    phase: ended.phase,
    message: ended.failure?.message ?? '',
    hostKeys: {},
  });
  log.info({ request: ended.id, title: ended.title, phase: ended.phase, ms }, 'ended');
  for (const next of await locks.release(ended.id, ended.locks)) await wakeNext(queue, next, { store });
}

/** BullMQ gave up on a job: it killed too many workers, or its data was refused. The person still gets an answer. */
async function afterFailure(
  job: Job<null, void>,
  error: Error,
  { store, queue, locks, log }: { store: RequestStore; queue: WorkQueue; locks: Locks; log: Log },
): Promise<void> {
  const { id, turn } = turnOf(job.id ?? '');
  const found = await store.read(id);
  if (!found || isFinal(found.request.phase) || (found.request.turn ?? 0) !== turn) return;
  const { request } = found;
  await store.write(
    { ...request, phase: 'failed', endedAt: Date.now(), failure: explain(error, request, log) },
    Number.MAX_SAFE_INTEGER,
  );
  for (const next of await locks.release(request.id, request.locks)) await wakeNext(queue, next, { store });
}
