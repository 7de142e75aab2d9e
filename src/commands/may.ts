import type { Phrase } from '../phrase.ts';

/** What somebody may do with a command where they are. */
export type May =
  | { kind: 'yes'; only: Only }
  /** After an approval. `now`: or at once, with a reason that is announced. */
  | {
      kind: 'ask';
      only: Only;
      approval: { whom: Phrase; quorum: number; reasonNeeded: boolean; now: boolean };
    }
  /** Only what it would do is shown to them. */
  | { kind: 'look'; only: Only; why: Phrase }
  | { kind: 'no'; why: Phrase };

/** Names with `*` of what they may do it to; empty: no limit. */
type Only = readonly string[];
