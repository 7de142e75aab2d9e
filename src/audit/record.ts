/** What the audit keeps: one record for each thing that happened. Never a secret: no input, no token, no environment value. */
import type { Target } from '../target.ts';

/** What happened, in the order of a request's life. */
export type AuditEvent =
  | { event: 'configuration'; process: 'bot' | 'worker'; digest: string; summary: string }
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
  | (OfRequest & { event: 'started'; attempt: number; approvedBy: Who[] })
  | (OfRequest & { event: 'changed'; step: string; what: string; outcome: 'done' | 'failed'; error: string })
  | (OfRequest & { event: 'ended'; phase: string; message: string; hostKeys: Record<string, string> });

/** Somebody as Slack named them at the time. */
export interface Who {
  id: string;
  name: string;
  team: string;
}

interface OfRequest {
  /** ID of the request; empty of what never became one. */
  request: string;
  /** Who asked. */
  actor: Who;
  channel: string;
  command: string;
  title: string;
  targets: Target[];
}

export interface AuditLog {
  /** Resolves when the record is kept. @throws when it cannot be: then nothing may be done that it would tell of. */
  append(event: AuditEvent): Promise<void>;
}

/** What a record says of the request that it belongs to. */
export function ofRequest({
  id,
  requester,
  channel,
  command,
  title,
  targets,
}: {
  id: string;
  requester: Who;
  channel: string;
  command: string;
  title: string;
  targets: Target[];
}): OfRequest {
  return { request: id, actor: requester, channel, command, title, targets };
}
