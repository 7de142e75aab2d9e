/** What is asked of a policy, and how it says no. */
import type { Risk } from '../commands/define.ts';
import type { Phrase } from '../phrase.ts';
import type { Target } from '../target.ts';
import type { Person } from './policy.ts';

export interface Question {
  person: Person;
  /** ID of the channel. */
  channel: string;
  command: {
    name: string;
    risk: Risk;
    /** It changes something otherwise, and is asked now only to show what it would do: that needs no approval. */
    shows?: boolean;
  };
  /**
   * What it is about. Empty: nothing that has a name, or nobody knows what. Undefined: whether there is anything at all
   * that this person may do with it.
   */
  targets: readonly Target[] | undefined;
}

export interface Refused {
  /** Plain sentences: why not, and what to do next. */
  reason: string;
  hint: string;
  /** Both, naming people and channels. */
  says: Phrase;
}
