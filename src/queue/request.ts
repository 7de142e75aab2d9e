/** A request: what somebody asked for, how far it is, how it ended. Redis holds it; the card in Slack shows it. */

import type { Remedy } from '../remedy.ts';
import type { Target } from '../target.ts';
import type { SignedText } from './envelope.ts';

export type Phase =
  /** Taken from Slack, card not posted yet. */
  | 'accepted'
  | 'queued'
  /** It waits for people to approve it. */
  | 'asking'
  /** Approved, not in the queue yet. */
  | 'approved'
  /** Another request has the lock. */
  | 'waiting'
  | 'running'
  | FinalPhase;

export type FinalPhase =
  | 'done'
  /** It ran to its end, but not everything that was asked for is so: 9 of 12 tasks, one host of several. */
  | 'incomplete'
  | 'failed'
  /** Nothing was changed; only the person who asked is told why. */
  | 'refused'
  | 'cancelled'
  | 'expired'
  /** An approver said no. */
  | 'denied'
  /** Whoever asked took it back before it was approved. */
  | 'withdrawn';

export const FINAL_PHASES: readonly FinalPhase[] = [
  'done',
  'incomplete',
  'failed',
  'refused',
  'cancelled',
  'expired',
  'denied',
  'withdrawn',
];

export function isFinal(phase: Phase): phase is FinalPhase {
  return FINAL_PHASES.some((final) => final === phase);
}

export interface StepState {
  title: string;
  status: 'pending' | 'in_progress' | 'complete' | 'error';
  line: string;
}

export interface Failure {
  message: string;
  hint: string;
  /** Of a bug: ties the card to the line in the log. */
  reference?: string;
  /** Buttons that lead out of it. */
  remedies?: Remedy[];
}

/** The asking for an approval. What was shown and who agreed is signed: nobody who only writes to Redis can make it up. */
export interface Approval {
  /** Grows each time it is asked anew because the facts have changed. */
  round: number;
  /** Names of roles. */
  approvers: string[];
  quorum: number;
  expiresMs: number;
  /** Milliseconds since 1970, of this round; 0 before the first was asked. */
  expiresAt: number;
  /** What the approvers are shown, signed by the worker that looked: see approval.ts. */
  preview?: SignedText;
  /** Of this round, signed by the bots that took the presses: see approval.ts. */
  grants: SignedText[];
  /** What was another fact in the round before: sentences. */
  changed: string[];
  denied?: { by: { id: string; name: string }; reason: string; at: number };
}

export interface Request {
  id: string;
  /** Name of the command whose file renders the result. */
  command: string;
  /** What was asked, in the bot's own spelling: `scale websky 12`. */
  title: string;
  /** All of it, where the title is cut: whoever is to approve it reads that. */
  whole?: string;
  requester: { id: string; name: string; team: string };
  channel: string;
  targets: Target[];
  /** Why, in the words of the person who asked. */
  reason?: string;
  /** Where it needed an approval. */
  approval?: Approval;
  /** It went on without an approval, by a role that may. */
  brokeGlass?: boolean;
  /** How often it was put into the queue again: after an approval. */
  turn?: number;
  /** A worker took this turn up in time: when. See begin.ts. Milliseconds since 1970. */
  taken?: { turn: number; at: number };
  phase: Phase;
  steps: StepState[];
  /** Locks that it holds or waits for. */
  locks: string[];
  waitingFor?: { id: string; title: string; requester: string; since: number };
  /** Lines of text that the card shows while it runs. */
  live?: string;
  /** Also of a request that was cancelled, where its job had something to show by then. */
  result?: unknown;
  /** Page of the result that the card shows, from 1; the command's own choice when nobody has turned it. */
  page?: number;
  failure?: Failure;
  /** Milliseconds since 1970. */
  createdAt: number;
  startedAt?: number;
  endedAt?: number;
  /** A step has changed something. */
  acted: boolean;
  /** Facts that must not be found twice, see JobContext.recall. */
  recalled: Record<string, unknown>;
}
