/** Proves a chain, entry by entry: what was changed, removed, put elsewhere or added since is found. Pure. */
import type { Secret } from '../secret.ts';
import { isGenuine, recordOf, type Entry } from './chain.ts';
import type { Head } from './record.ts';

/** What is wrong, in words, and with which records. */
export interface Finding {
  kind: 'missing' | 'changed' | 'misplaced' | 'replaced' | 'lost' | 'unreadable';
  from: number;
  to: number;
  words: string;
}

export interface Checked {
  /** Records that were looked at. */
  count: number;
  first: Head;
  last: Head;
  findings: Finding[];
}

/** Takes the entries in the order of their places, from the oldest on. */
export class ChainCheck {
  readonly #secret: Secret;
  readonly #findings: Finding[] = [];
  #count = 0;
  #first: (Head & { previous: string }) | undefined;
  #last: Head = { seq: 0, hash: '' };
  #trims: Head[] = [];

  constructor(secret: Secret) {
    this.#secret = secret;
  }

  add(entry: Entry): void {
    const { seq, hash } = entry;
    this.#count += 1;
    const record = recordOf(entry);
    const genuine = isGenuine(entry, this.#secret);
    const before = this.#last;
    this.#last = { seq, hash };
    const isFirst = this.#first === undefined;
    this.#first ??= { seq, hash, previous: genuine ? (record?.previous ?? '') : '?' };
    if (!isFirst && seq > before.seq + 1) this.#find('missing', before.seq + 1, seq - 1);
    if (!record) return this.#find('unreadable', seq);
    if (!genuine) return this.#find('changed', seq);
    if (record.seq !== seq) {
      const words = `${number(seq)} is really record ${record.seq}: it was copied or moved here.`;
      return this.#find('misplaced', seq, seq, words);
    }
    // Behind a gap it follows on a record that is not there: the gap is told already.
    if (!isFirst && record.previous !== before.hash && seq === before.seq + 1)
      this.#find(
        'replaced',
        seq,
        seq,
        `${number(seq)} does not follow on the record before it: one of the two is from another time.`,
      );
    if (record.event.event === 'trimmed') this.#trims.push(record.event.upTo);
    if (record.event.event === 'lost') {
      const { known, found } = record.event;
      this.#find(
        'lost',
        seq,
        seq,
        `${number(seq)} tells that Redis ended with record ${found.seq} when record ${known.seq} had been there before.`,
      );
    }
  }

  /** `generated`: the last number that was ever given, as Redis counts by itself. */
  end(generated?: number): Checked {
    const first = this.#first;
    const findings = [...this.#findings];
    if (first && !this.#isBeginning(first)) {
      const words =
        first.seq === 1
          ? `${number(1)} is not the first of its chain: it follows on one that is gone.`
          : `${range(1, first.seq - 1)} missing at the beginning, and no record tells that somebody trimmed them.`;
      findings.unshift({ kind: 'missing', from: 1, to: Math.max(1, first.seq - 1), words });
    }
    if (generated !== undefined && generated > this.#last.seq) {
      const from = this.#last.seq + 1;
      const words = `${range(from, generated)} missing at the end.`;
      findings.push({ kind: 'missing', from, to: generated, words });
    }
    const { seq = 0, hash = '' } = first ?? {};
    return { count: this.#count, first: { seq, hash }, last: this.#last, findings };
  }

  #isBeginning({ seq, previous }: Head & { previous: string }): boolean {
    // A first record that was changed is told of already; what it followed on is not known any more.
    if (previous === '?') return seq === 1 || this.#trims.some((upTo) => upTo.seq === seq - 1);
    if (seq === 1) return previous === '';
    return this.#trims.some((upTo) => upTo.seq === seq - 1 && upTo.hash === previous);
  }

  #find(kind: Finding['kind'], from: number, to = from, words = WORDS[kind]?.(from, to) ?? ''): void {
    const last = this.#findings.at(-1);
    // Whole stretches are told in one sentence.
    if (last && last.kind === kind && last.to === from - 1 && WORDS[kind]) {
      last.to = to;
      last.words = WORDS[kind](last.from, to);
    } else {
      this.#findings.push({ kind, from, to, words });
    }
  }
}

const WORDS: Partial<Record<Finding['kind'], (from: number, to: number) => string>> = {
  missing: (from, to) => `${range(from, to)} missing.`,
  changed: (from, to) =>
    `${from === to ? `${number(from)} was` : `Records ${from} to ${to} were`} changed, or written by somebody who lacks QUEUE_SECRET.`,
  unreadable: (from, to) =>
    `${from === to ? `${number(from)} is` : `Records ${from} to ${to} are`} no record at all.`,
};

function number(seq: number): string {
  return `Record ${seq}`;
}

export function range(from: number, to: number): string {
  return from === to ? `Record ${from} is` : `Records ${from} to ${to} are`;
}
