/** What went wrong, why, and the way out: text and facts in, cause, explanation and remedy out. Pure. */
import type { Remedy } from '../remedy.ts';
import type { Facts } from './facts.ts';
import { images } from './images.ts';
import { joining } from './joining.ts';
import { managers } from './managers.ts';
import { network } from './network.ts';
import { nodes } from './nodes.ts';
import { placing } from './placing.ts';
import type { Case, Row } from './row.ts';
import { trust } from './trust.ts';
import { updates } from './updates.ts';
import { hostOf, nodeOf, serviceOf } from './ways-out.ts';

export type { Facts } from './facts.ts';

export interface Diagnosis {
  /** Number of the row in docs/troubleshooting.md. */
  row: number;
  /** A sentence: why it happened. */
  cause: string;
  /** Sentences: what that means here, in the names of this swarm. */
  explanation: string;
  /** A sentence: what to do next. Where a remedy does it, what its button does. */
  advice: string;
  remedies: Remedy[];
}

/** No engine says more that matters; 49 patterns on a text without end would take their time. */
const MOST_READ = 3000;

/**
 * The first that fits counts, so what is more particular stands before what is more general: a swarm without a leader
 * before the join or the scale that met it; within a theme as its file orders them.
 */
const TABLE: readonly Row[] = [
  ...managers,
  ...trust,
  ...joining,
  ...network,
  ...images,
  ...placing,
  ...updates,
  ...nodes,
];

/**
 * Finds what an engine, a task or an SSH connection complained of. `words`: those of the whole chain of errors.
 * @returns undefined when nothing known fits.
 */
export function diagnose(words: string, facts: Facts = {}): Diagnosis | undefined {
  const text = words.slice(0, MOST_READ);
  for (const row of TABLE) {
    const found = row.seen(text, facts);
    if (found) return told(row, { text, facts, found, ...named(facts) });
  }
  return undefined;
}

/** Numbers of all rows, in the order in which they are tried. */
export const rowNumbers: readonly number[] = TABLE.map(({ row }) => row);

function named(facts: Facts): Pick<Case, 'host' | 'node' | 'service'> {
  return {
    host: hostOf(facts) ?? 'the host',
    node: nodeOf(facts) ?? 'the node',
    service: serviceOf(facts) ?? 'the service',
  };
}

function told({ row, tell }: Row, seen: Case): Diagnosis {
  const { cause, explanation, advice, remedies = [] } = tell(seen);
  return {
    row,
    cause: sentences(cause),
    explanation: sentences(explanation),
    advice: sentences(advice),
    remedies: remedies.flatMap((remedy) => (typeof remedy === 'function' ? remedy(seen) : remedy) ?? []),
  };
}

/** `the host is...` begins with a capital letter where no name stands in its place. */
function sentences(text: string): string {
  return text.replaceAll(/(^|[.:?] )the (?=(?:host|node|service)\b)/g, (whole: string, before: string) =>
    before === ': ' ? whole : `${before}The `,
  );
}
