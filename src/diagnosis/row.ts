/** One row of the table of what goes wrong: how it is recognised, and what to say. Numbers as in docs/troubleshooting.md. */
import type { Remedy } from '../remedy.ts';
import type { Facts } from './facts.ts';

export interface Row {
  row: number;
  /** Whether it is this. What the words name is kept under the names of the pattern's groups. */
  seen: (text: string, facts: Facts) => Found | undefined;
  tell: (seen: Case) => Told;
}

type Found = Record<string, string | undefined>;

/** A case of a row, with names that can stand in a sentence: `fedora-03`, or `the host`. */
export interface Case {
  text: string;
  facts: Facts;
  found: Found;
  host: string;
  node: string;
  service: string;
}

export interface Told {
  cause: string;
  explanation: string;
  advice: string;
  /** A remedy, or how to make it of the case: left out where the name that its line needs is not known. */
  remedies?: (Remedy | Way)[];
}

export type Way = (seen: Case) => Remedy | undefined;

/** Recognised by the words alone. Patterns keep to the telling words: punctuation and quotes vary by version. */
export function says(...patterns: RegExp[]): Row['seen'] {
  return (text) => {
    for (const pattern of patterns) {
      const match = pattern.exec(text);
      if (match) return match.groups ?? {};
    }
    return undefined;
  };
}

/** Recognised by what is known, whatever was said. */
export function shows(sign: (facts: Facts) => boolean): Row['seen'] {
  return (_text, facts) => (sign(facts) ? {} : undefined);
}

/** The first of several ways to recognise it. */
export function either(...ways: Row['seen'][]): Row['seen'] {
  return (text, facts) => {
    for (const way of ways) {
      const found = way(text, facts);
      if (found) return found;
    }
    return undefined;
  };
}

/** All of several ways at once. */
export function both(...ways: Row['seen'][]): Row['seen'] {
  return (text, facts) => {
    let all: Found = {};
    for (const way of ways) {
      const found = way(text, facts);
      if (!found) return undefined;
      all = { ...all, ...found };
    }
    return all;
  };
}
