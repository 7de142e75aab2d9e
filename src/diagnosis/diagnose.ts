/** What went wrong, why, and the way out: text and facts in, cause, explanation and remedy out. Pure. */
import type { Remedy } from '../remedy.ts';

/** What is known beside the text. Each may be missing. */
export interface Facts {
  /** The host of the inventory, the node and the service that it is about. */
  host?: string;
  node?: string;
  service?: string;
  /** What was being done: `join`, `scale`, `ps`. */
  doing?: string;
  /** Nodes on which it was seen. */
  nodes?: string[];
}

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

/**
 * Finds what an engine, a task or an SSH connection complained of. `text`: the words of the whole chain of errors.
 * @returns undefined when nothing known fits.
 */
export function diagnose(_text: string, _facts: Facts = {}): Diagnosis | undefined {
  return undefined;
}
