/** Looks at what a job would do, for the people who are to approve it: before they are asked, and again before it begins. */
import { ofRequest, type AuditLog } from '../audit/record.ts';
import { factsOf } from '../diagnosis/failure.ts';
import { isAbort, UserError } from '../errors.ts';
import type { Fact, JobContext, Preview } from '../jobs/define.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secret.ts';
import { changedFacts, signPreview } from './approval.ts';
import type { Work } from './begin.ts';
import type { Approval, Request } from './request.ts';
import { explain, inventoryOf, Stopped } from './run.ts';
import type { RequestStore } from './store.ts';

export interface Looking {
  store: RequestStore;
  secret: Secret;
  audit: AuditLog;
  log: Log;
  context: Pick<JobContext, 'swarm' | 'hosts' | 'limits'>;
  signal: AbortSignal;
  attempt: number;
}

/**
 * Asks people to approve it. @returns the request where it has ended instead, not yet written: its preview refused it, or
 * somebody cancelled it. @throws Stopped when another worker is to go on with it.
 */
export async function ask(work: Work, options: Looking): Promise<Request | undefined> {
  const looked = await look(work, options);
  if ('ended' in looked) return looked.ended;
  return await askOf(looked.preview, [], work, options);
}

/**
 * Asks anew where what was approved rests on facts that are others now. @returns `same`: it may begin. Otherwise as
 * `ask`. `before`: is called before people are asked.
 */
export async function askIfChanged(
  facts: Fact[],
  work: Work,
  before: () => Promise<void>,
  options: Looking,
): Promise<'same' | Request | undefined> {
  const looked = await look(work, options);
  if ('ended' in looked) return looked.ended;
  const changed = changedFacts(facts, looked.preview.facts);
  if (changed.length === 0) return 'same';
  await before();
  return await askOf(looked.preview, changed, work, options);
}

async function askOf(
  found: Preview,
  changed: string[],
  { request, envelope }: Work,
  { store, secret, audit, attempt }: Looking,
): Promise<Request | undefined> {
  const { approval } = request;
  if (!approval) throw new Error('it asks for an approval of nobody');
  const whole = request.whole === undefined ? [] : [`The whole command: ${request.whole}`];
  const preview: Preview = { ...found, says: [...whole, ...found.says] };
  const now = Date.now();
  const round: Approval = {
    ...approval,
    round: approval.round + 1,
    changed,
    grants: [],
    expiresAt: now + approval.expiresMs,
  };
  const asking: Request = {
    ...request,
    phase: 'asking',
    locks: [],
    approval: { ...round, preview: signPreview(envelope, round, preview, secret) },
  };
  delete asking.waitingFor;
  const { says } = preview;
  await audit.append({ ...ofRequest(request), event: 'previewed', round: round.round, says, changed });
  if ((await store.write(asking, attempt)) !== 'cancelled') return undefined;
  const by = await store.cancelledBy(request.id);
  return cancelled(request, by);
}

/** @throws Stopped when another worker is to go on with it. */
async function look(
  { request, definition, input }: Work,
  { signal, log, context }: Looking,
): Promise<{ preview: Preview } | { ended: Request }> {
  try {
    const preview = await definition.preview?.(input as never, { ...context, signal });
    // It may have been told to stop where it did not look.
    signal.throwIfAborted();
    return { preview: preview ?? { says: [], warnings: [], facts: [] } };
  } catch (error) {
    const stopped: unknown = signal.aborted ? signal.reason : undefined;
    if (stopped instanceof Stopped && stopped.reason !== 'cancelled') throw stopped;
    if (stopped instanceof Stopped && isAbort(error)) return { ended: cancelled(request, stopped.by) };
    const phase = error instanceof UserError ? 'refused' : 'failed';
    // In the words in which the job itself would refuse it.
    const facts = factsOf(input, request.command, inventoryOf(context.hosts));
    return {
      ended: { ...request, phase, endedAt: Date.now(), failure: explain(error, request, log, facts) },
    };
  }
}

function cancelled(request: Request, by: string): Request {
  const failure = { message: `${by} cancelled it before it began.`, hint: '' };
  return { ...request, phase: 'cancelled', endedAt: Date.now(), failure };
}
