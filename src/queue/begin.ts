/** Whether a worker may begin, or go on with, what it finds in Redis. Trusts only what is signed. Pure but for the log's reference. */
import type { Risk } from '../audit/record.ts';
import type { AnyJob, Fact } from '../jobs/define.ts';
import type { Secret } from '../secret.ts';
import { isAsShown, mayRun } from './approval.ts';
import { verify, type Envelope } from './envelope.ts';
import {
  AGAIN,
  NOT_SIGNED,
  OF_ANOTHER,
  ONLY_ASKED,
  otherJob,
  STATE_ALTERED,
  type Refusal,
} from './refusal.ts';
import { isFinal, type Request } from './request.ts';
import type { Shown } from './store.ts';

/**
 * What a worker has taken up in time may be gone on with for so long: it waits for a lock, or its worker died. After that
 * it is no longer what people expect to happen. Locks are held for minutes, seldom for hours.
 */
const TAKEN_FOR_MS = 24 * 3600 * 1000;

export interface Known {
  secret: Secret;
  jobs: Record<string, AnyJob>;
  /** Which job carries out a command. */
  commandOf: (name: string) => { job: string; risk: Risk } | undefined;
  /** How many people must have approved a command with this input; 0: it needs no approval. */
  quorumOf: (command: string, input: unknown) => number;
  /** Whether anybody may go on without an approval. */
  breakGlass: boolean;
}

/** A job whose envelope and input have been looked at. */
export interface Work {
  /** As it stands, with the mark that it was taken up. */
  request: Request;
  envelope: Envelope;
  definition: AnyJob;
  input: unknown;
  locks: string[];
}

export type Beginning =
  /** It has ended, or waits for people, or is in a later turn: a late delivery. */
  | { kind: 'nothing' }
  | { kind: 'refuse'; refusal: Refusal; request: Request }
  | { kind: 'end'; request: Request }
  /** It cannot be carried out by this worker at all: a fault of ours. */
  | { kind: 'broken'; request: Request; error: Error }
  | ({ kind: 'ask' } & Work)
  /** `facts`: what an approved one rests on. */
  | ({ kind: 'run'; facts: Fact[] | undefined; approvedBy: Envelope['requester'][] } & Work);

/** `over`: the newest turn of it that is over, see replay.ts. `now`: milliseconds since 1970. */
export function begin(
  { request, envelope: signed, cancelledBy, altered }: Shown,
  turn: number,
  over: number,
  now: number,
  { secret, jobs, commandOf, quorumOf, breakGlass }: Known,
): Beginning {
  if (altered) return { kind: 'refuse', refusal: STATE_ALTERED, request };
  // An earlier turn that comes back has nothing to do: the request asks, or is in a later one.
  if (isFinal(request.phase) || request.phase === 'asking' || (request.turn ?? 0) !== turn)
    return { kind: 'nothing' };
  const refuse = (refusal: Refusal): Beginning => ({ kind: 'refuse', refusal, request });
  if (over >= turn) return refuse(AGAIN);
  const envelope = verify(signed, secret);
  if (!envelope) return refuse(NOT_SIGNED);
  if (envelope.id !== request.id || !isAsShown(request, envelope)) return refuse(OF_ANOTHER);
  if (cancelledBy && !request.acted)
    return end(request, now, 'cancelled', `${cancelledBy} cancelled it before it began.`, '');

  const taken = request.taken?.turn === turn ? request.taken : undefined;
  if (!taken && now > envelope.expiresAt) {
    const hint = 'Give the command again if it is still wanted.';
    return end(request, now, 'expired', 'No worker took it in time, so it was not begun.', hint);
  }
  if (taken && now > taken.at + TAKEN_FOR_MS) {
    return request.acted
      ? end(
          request,
          now,
          'failed',
          'No worker went on with it for a day, so it was not finished.',
          UNFINISHED,
        )
      : end(request, now, 'expired', 'It could not begin for a day, so it was not begun.', AFRESH);
  }

  const { job } = commandOf(envelope.command) ?? {};
  if (job !== envelope.job) return refuse(otherJob(envelope.command));
  const definition = Object.hasOwn(jobs, job) ? jobs[job] : undefined;
  const input = definition?.input.safeParse(envelope.input);
  if (!definition || !input?.success) {
    const what = definition ? `input of ${job} does not parse` : `no job ${job}`;
    return { kind: 'broken', request, error: new Error(what, { cause: input?.error }) };
  }
  const work: Work = {
    request: { ...request, taken: taken ?? { turn, at: now } },
    envelope,
    definition,
    input: input.data,
    locks: definition.lock(input.data as never),
  };
  if (envelope.authority.kind === 'ask')
    return turn === 0 && request.approval ? { kind: 'ask', ...work } : refuse(ONLY_ASKED);
  const may = mayRun(envelope, quorumOf(envelope.command, input.data), breakGlass, secret);
  if (may.kind === 'no') return refuse(may.refusal);
  return { kind: 'run', facts: may.facts, approvedBy: may.approvedBy, ...work };
}

const UNFINISHED = 'What it had changed stays as it is: look at it, and give the command again to go on.';
const AFRESH = 'Give the command again if it is still wanted.';

function end(
  request: Request,
  now: number,
  phase: 'cancelled' | 'expired' | 'failed',
  message: string,
  hint: string,
): Beginning {
  return { kind: 'end', request: { ...request, phase, endedAt: now, failure: { message, hint } } };
}
