/** What the audit keeps: one record for each thing that happened. Never a secret: no input, no token, no environment value. */
import type { Target } from '../target.ts';
import type { Owed } from './owed.ts';

/** What happened. `mark`: of a change of state that the record follows on, see owed.ts: no two have the same. */
export type AuditEvent = Happened & { mark?: string };

/** In the order of a request's life. */
type Happened =
  /** A bot or a worker has begun with this configuration. */
  | { event: 'configuration'; process: 'bot' | 'worker'; version: string; digest: string; summary: string[] }
  | (OfRequest & { event: 'asked'; line: string; reason: string })
  | (OfRequest & {
      event: 'decided';
      outcome: 'allow' | 'ask' | 'deny' | 'break-glass';
      rule: string;
      reason: string;
    })
  | (OfRequest & { event: 'previewed'; round: number; says: string[]; changed: string[] })
  | (OfRequest & {
      event: 'approved' | 'denied' | 'withdrawn' | 'expired';
      by: Who | null;
      round: number;
      reason: string;
    })
  /** A worker carries it out from here on; after that one's death another does, which is the next attempt. */
  | (OfRequest & { event: 'started'; attempt: number; approvedBy: Who[] })
  /** The next thing that may change something. One without an end was cut short, with the worker that did it. */
  | (OfRequest & { event: 'changing'; step: string; what: string })
  | (OfRequest & { event: 'changed'; step: string; what: string; outcome: 'done' | 'failed'; error: string })
  /** Somebody wants it to end early. */
  | (OfRequest & { event: 'cancelled'; by: Who })
  /** `hostKeys`: fingerprints of the SSH host keys of the hosts that were spoken with, by the hosts' names. */
  | (OfRequest & { event: 'ended'; phase: string; message: string; hostKeys: Record<string, string> })
  /** A bot or a worker found something in Redis that none of them has signed so, and did nothing of it. */
  | { event: 'forged'; request: string; why: string }
  /** This process knew a later end of the audit than Redis has: records are gone. */
  | { event: 'lost'; known: Head; found: Head }
  /** Records up to this one were taken out on purpose: see `npm run audit -- trim`. */
  | { event: 'trimmed'; upTo: Head; by: string };

/** Somebody as Slack named them at the time. */
export interface Who {
  id: string;
  name: string;
  team: string;
}

/** Where a chain ends: number and hash of its last record; 0 and an empty text where there is none. */
export interface Head {
  seq: number;
  hash: string;
}

interface OfRequest {
  /** ID of the request; empty of what never became one. */
  request: string;
  /** Who asked. */
  actor: Who;
  channel: string;
  command: string;
  /** As its card shows it: values of secret options are left out. */
  title: string;
  targets: Target[];
  /** Of the command. Reads are recorded only where the operator wants it. */
  risk?: Risk;
}

export type Risk = 'read' | 'change' | 'destroy';

export interface AuditLog {
  /**
   * Resolves when the record is kept.
   * @throws UserError when it cannot be: then nothing may be done that it would tell of.
   */
  append(event: AuditEvent): Promise<void>;
  /**
   * Puts on record whatever is owed, see owed.ts. Any number of processes may do it at once: there is one record of each.
   * `own`: what this process owes itself, which it knows even if somebody takes it out of Redis.
   * @throws UserError as above: then it stays owed.
   */
  settle(own?: Owed): Promise<void>;
}

/** What a record says of the request that it belongs to. */
export function ofRequest({
  id,
  requester: { id: person, name, team },
  channel,
  command,
  title,
  targets,
  risk,
}: {
  id: string;
  requester: Who;
  channel: string;
  command: string;
  title: string;
  targets: Target[];
  risk?: Risk;
}): OfRequest {
  return {
    request: id,
    actor: { id: person, name, team },
    channel,
    command,
    title,
    targets,
    ...(risk ? { risk } : {}),
  };
}

/**
 * Whether this is put on record. Of what only reads, the asking is enough, unless all is wanted (`audit.reads: all`); or
 * not even that (`none`). A refusal always is.
 */
export function isKept(event: AuditEvent, reads: 'none' | 'asked' | 'all'): boolean {
  if (!('risk' in event) || event.risk !== 'read' || reads === 'all') return true;
  if (event.event === 'decided') return event.outcome === 'deny';
  return event.event === 'asked' && reads === 'asked';
}
