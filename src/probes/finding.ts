/** What one probe has found, in words for a person. */
import type { Remedy } from '../remedy.ts';

export type Verdict = 'pass' | 'warn' | 'fail';

export interface Finding {
  /** What was looked at: `Ports`. */
  probe: string;
  verdict: Verdict;
  /** A whole sentence, about "it", the host. */
  says: string;
  /** What to do, in sentences; empty where nothing is to be done. */
  advice: string;
  remedies: Remedy[];
}

export const pass = (probe: string, says: string): Finding => ({
  probe,
  verdict: 'pass',
  says,
  advice: '',
  remedies: [],
});

export const warn = (probe: string, says: string, advice: string, remedies: Remedy[] = []): Finding => ({
  probe,
  verdict: 'warn',
  says,
  advice,
  remedies,
});

export const fail = (probe: string, says: string, advice: string, remedies: Remedy[] = []): Finding => ({
  probe,
  verdict: 'fail',
  says,
  advice,
  remedies,
});

const RANKS: Record<Verdict, number> = { fail: 0, warn: 1, pass: 2 };

/** Worst first; what is equally bad stays in its order. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => RANKS[a.verdict] - RANKS[b.verdict]);
}

export function verdictOf(findings: readonly Finding[]): Verdict {
  return worstFirst(findings)[0]?.verdict ?? 'pass';
}
