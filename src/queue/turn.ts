/** One turn of one request, as a worker has it from the queue: looked at, asked about or carried out, and ended. Knows no BullMQ. */
import { ofRequest, type AuditLog } from '../audit/record.ts';
import { notingHostKeys, type HostKeys } from '../host-keys.ts';
import type { JobContext } from '../jobs/define.ts';
import type { Log } from '../log.ts';
import { ask, askIfChanged } from './asking.ts';
import { begin, type Beginning, type Known, type Work } from './begin.ts';
import type { Locks } from './locks.ts';
import type { Refusal } from './refusal.ts';
import type { Over } from './replay.ts';
import { isFinal, type Request } from './request.ts';
import { explain, runRequest } from './run.ts';
import type { RequestStore } from './store.ts';
import { wake, type WorkQueue } from './work.ts';

export interface TurnOptions extends Known {
  store: RequestStore;
  queue: WorkQueue;
  locks: Locks;
  over: Over;
  context: Pick<JobContext, 'swarm' | 'hosts' | 'limits'>;
  audit: AuditLog;
  log: Log;
}

interface Turn {
  id: string;
  turn: number;
  attempt: number;
  /** A worker that had it before has died. */
  again: boolean;
  signal: AbortSignal;
}

/** @returns `waiting` when another request has a lock of it. @throws Stopped when another worker is to go on with it. */
export async function takeTurn(turn: Turn, options: TurnOptions): Promise<'over' | 'waiting'> {
  const { store, log, over } = options;
  const { id, attempt } = turn;
  const { found, over: known } = await store.take(id);
  if (!found) {
    log.error({ request: id }, 'a job without its request: somebody has deleted it, or it is forged');
    return 'over';
  }
  const beginning = begin(found, turn.turn, Math.max(known, over.upTo(id)), Date.now(), options);
  switch (beginning.kind) {
    case 'nothing':
      await tellAgain(found.request, turn, options);
      return 'over';
    case 'refuse':
      await refuse(beginning.refusal, beginning.request, attempt, options);
      return 'over';
    case 'end':
      await finish(beginning.request, attempt, options);
      return 'over';
    case 'broken': {
      const { request, error } = beginning;
      await finish(failed(request, error, log), attempt, options);
      return 'over';
    }
    case 'ask': {
      const ended = await ask(beginning, { ...options, ...turn });
      if (ended) await finish(ended, attempt, options);
      else over.note(id, turn.turn);
      return 'over';
    }
    case 'run':
      return await carryOut(beginning, turn, options);
  }
}

async function carryOut(
  work: Extract<Beginning, { kind: 'run' }>,
  turn: Turn,
  options: TurnOptions,
): Promise<'over' | 'waiting'> {
  const { store, locks, log, context, audit, over } = options;
  const { id, attempt, signal } = turn;
  const { definition, input, envelope, facts, approvedBy } = work;
  const blocker = await locks.acquire(id, work.locks);
  const request = { ...work.request, locks: work.locks };
  if (blocker !== undefined) {
    await waitFor(blocker, request, attempt, options);
    return 'waiting';
  }
  // Whoever pressed may have died of it: what people decided is on record before what follows from it.
  if (approvedBy.length > 0) await audit.settle();
  if (facts && !request.acted) {
    const held: Work = { ...work, request };
    const release = () => letGo(request, options);
    const next = await askIfChanged(facts, held, release, { ...options, ...turn });
    if (next !== 'same') {
      if (next) await finish(next, attempt, options);
      else over.note(id, turn.turn);
      return 'over';
    }
  }
  const { risk } = options.commandOf(envelope.command) ?? { risk: 'destroy' };
  const running = { store, attempt, signal, log, context, audit, risk, approvedBy };
  const hostKeys: HostKeys = {};
  const ended = await notingHostKeys(hostKeys, () => runRequest(request, definition, input, running));
  await finish(ended, attempt, options, hostKeys);
  return 'over';
}

/** Ends the request, tells of it, and lets the next ones go on. */
export async function finish(
  ended: Request,
  attempt: number,
  options: Pick<TurnOptions, 'store' | 'locks' | 'queue' | 'log' | 'audit' | 'over' | 'commandOf'>,
  hostKeys: HostKeys = {},
): Promise<void> {
  const { store, log, over } = options;
  if ((await store.write(ended, attempt)) !== 'written') return;
  over.note(ended.id, Infinity);
  await Promise.all([tellEnd(ended, options, hostKeys), letGo(ended, options)]);
  const ms = ended.endedAt && ended.startedAt ? ended.endedAt - ended.startedAt : 0;
  log.info({ request: ended.id, title: ended.title, phase: ended.phase, ms }, 'ended');
}

async function tellEnd(
  ended: Request,
  { audit, commandOf }: Pick<TurnOptions, 'audit' | 'commandOf'>,
  hostKeys: HostKeys = {},
) {
  const { risk } = commandOf(ended.command) ?? {};
  const message = ended.failure?.message ?? '';
  await audit.append({
    ...ofRequest({ ...ended, ...(risk ? { risk } : {}) }),
    event: 'ended',
    phase: ended.phase,
    message,
    hostKeys,
  });
}

/**
 * A worker that died may have died between the end of a request and the record of it. It is told once more then: two where one would do, rather than none.
 */
async function tellAgain(request: Request, { again }: Turn, options: TurnOptions): Promise<void> {
  if (!again || !isFinal(request.phase) || !request.taken) return;
  await Promise.all([tellEnd(request, options), letGo(request, options)]);
}

async function refuse(
  { why, message, hint }: Refusal,
  request: Request,
  attempt: number,
  options: TurnOptions,
): Promise<void> {
  options.log.error({ request: request.id, why }, 'refused a job that nobody may have done');
  await options.audit.append({ event: 'forged', request: request.id, why });
  const ended = { ...request, endedAt: Date.now(), failure: { message, hint } };
  await finish({ ...ended, phase: 'failed' }, attempt, options);
}

/** What a person reads of a fault of ours. */
export function failed(request: Request, error: Error, log: Log): Request {
  return { ...request, phase: 'failed', endedAt: Date.now(), failure: explain(error, request, log) };
}

async function letGo(
  { id, locks: names }: Pick<Request, 'id' | 'locks'>,
  { locks, queue, store }: Pick<TurnOptions, 'locks' | 'queue' | 'store'>,
): Promise<void> {
  for (const next of await locks.release(id, names)) await wakeNext(queue, next, { store });
}

async function waitFor(
  blocker: string,
  request: Request,
  attempt: number,
  { store, locks, queue }: TurnOptions,
): Promise<void> {
  const before = (await store.read(blocker))?.request;
  // Its worker may have died between the end and the release: do it in its place.
  for (const next of await locks.releaseIdle(blocker, request.locks))
    if (next !== request.id) await wakeNext(queue, next, { store });
  const waitingFor = before && {
    id: before.id,
    title: before.title,
    requester: before.requester.id,
    since: before.startedAt ?? before.createdAt,
  };
  await store.write({ ...request, phase: 'waiting', ...(waitingFor ? { waitingFor } : {}) }, attempt);
}

/** Wakes a request that waits for a lock, whichever turn it is in. */
export async function wakeNext(
  queue: WorkQueue,
  id: string,
  { store }: { store: RequestStore },
): Promise<void> {
  await wake(queue, id, (await store.read(id))?.request.turn ?? 0);
}
