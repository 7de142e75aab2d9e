/** The answer to `why`: what is, since when, why, and what to do, most important first. */
import type { Remedy } from '../remedy.ts';
import { diagnose } from './diagnose.ts';
import type { Facts } from './facts.ts';
import type { Reason } from './tasks.ts';

export interface Answer {
  kind: 'service' | 'node' | 'host' | 'swarm';
  name: string;
  /** `broken`: it does not do what it is for. `partly`: something is wrong with it. `well`: nothing is. */
  state: 'well' | 'partly' | 'broken';
  /** A sentence: what is. */
  is: string;
  /** ISO time; empty when it is not known or nothing is wrong. */
  since: string;
  /** Why, the most important first. May be empty although something is wrong: then nothing says why. */
  reasons: Reason[];
  /** Sentences that show it. */
  evidence: string[];
}

/** A reason with how much it matters: 100 stops everything, below 50 nothing is wrong because of it. */
export interface Finding extends Reason {
  weight: number;
}

/** Reasons by weight, each cause once, each way out once; its neighbours of the same weight keep their order. */
export function byWeight(findings: readonly Finding[]): Reason[] {
  const causes = new Set<string>();
  const lines = new Set<string>();
  const kept: Reason[] = [];
  for (const { weight: _, ...reason } of findings.toSorted((a, b) => b.weight - a.weight)) {
    if (causes.has(reason.cause)) continue;
    causes.add(reason.cause);
    const isNew = ({ line }: Remedy) => !lines.has(line) && lines.add(line);
    kept.push({ ...reason, remedies: reason.remedies.filter(isNew) });
  }
  return kept;
}

/** A row of the table, recognised by its signs alone. */
export function sign(weight: number, facts: Facts): Finding[] {
  return said(weight, '', facts);
}

/** A row of the table, recognised by words. */
export function said(weight: number, text: string, facts: Facts): Finding[] {
  const found = diagnose(text, facts);
  return found ? [{ weight, ...found }] : [];
}

/** What no row is about. */
export function own(
  weight: number,
  told: Pick<Reason, 'cause' | 'explanation' | 'advice'>,
  remedies: Remedy[] = [],
): Finding {
  return { weight, row: null, ...told, remedies };
}

/** The worst of the weights, as a state. */
export function stateOf(findings: readonly Finding[]): Answer['state'] {
  const worst = Math.max(0, ...findings.map(({ weight }) => weight));
  return worst >= 90 ? 'broken' : worst >= 50 ? 'partly' : 'well';
}
