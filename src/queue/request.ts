/** A request: what somebody asked for, how far it is, how it ended. Redis holds it; the card in Slack shows it. */

import type { Remedy } from '../remedy.ts';

export type Phase =
  /** Taken from Slack, card not posted yet. */
  | 'accepted'
  | 'queued'
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
  | 'expired';

export const FINAL_PHASES: readonly FinalPhase[] = [
  'done',
  'incomplete',
  'failed',
  'refused',
  'cancelled',
  'expired',
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

export interface Request {
  id: string;
  /** Name of the command whose file renders the result. */
  command: string;
  /** What was asked, in the bot's own spelling: `scale websky 12`. */
  title: string;
  requester: { id: string; name: string; team: string };
  channel: string;
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
