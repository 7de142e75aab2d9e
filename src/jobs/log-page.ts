/** Lines of several tasks as one page: what was asked for, in the order of their times, bounded. Pure. */
import type { WrittenLine } from '../swarm/logs.ts';

/** Kept while they are read; of more, the newest stay. */
const MOST_LINES = 20_000;
/** As much as a result carries through Redis. */
const MOST_CHARACTERS = 300_000;
/** Of one line: who needs more of it looks at the host. */
const LINE_CHARACTERS = 4000;

export interface Wanted {
  node: string | null;
  /** Plain text; capitals do not count. */
  grep: string | null;
  /** The last so many of the lines that were there at the beginning. */
  tail: number;
}

export interface Page {
  /** `2026-11-23T14:42:47.934Z websky.3@fedora-01 | text`, oldest first. */
  lines: string[];
  /** How many older ones are left out because they would be too much. */
  left: number;
}

export class LogPage {
  readonly #wanted: Wanted;
  /** ISO time: what was written later is new. */
  readonly #began: string;
  #lines: WrittenLine[] = [];
  #dropped = 0;

  constructor(wanted: Wanted, began: Date) {
    this.#wanted = wanted;
    this.#began = began.toISOString();
  }

  add(lines: WrittenLine[]): void {
    const { node, grep } = this.#wanted;
    const sought = grep?.toLowerCase();
    for (const line of lines) {
      if (node !== null && line.node.toLowerCase() !== node.toLowerCase()) continue;
      if (sought !== undefined && !line.text.toLowerCase().includes(sought)) continue;
      this.#lines.push(line);
    }
    // Sorted only now and then: lines of one task come in order, those of several do not.
    if (this.#lines.length > 2 * MOST_LINES) {
      this.#dropped += this.#lines.length - MOST_LINES;
      this.#lines = this.#sorted().slice(-MOST_LINES);
    }
  }

  page(): Page {
    const sorted = this.#sorted();
    const old = sorted.filter(({ at }) => at < this.#began).length;
    const meant = sorted.slice(Math.max(0, old - this.#wanted.tail));
    const lines: string[] = [];
    let characters = 0;
    for (const line of meant.toReversed()) {
      const written = write(line);
      characters += written.length + 1;
      if (characters > MOST_CHARACTERS || lines.length === MOST_LINES) break;
      lines.push(written);
    }
    return { lines: lines.toReversed(), left: meant.length - lines.length + this.#dropped };
  }

  #sorted(): WrittenLine[] {
    // A stable sort: what one task wrote in the same nanosecond stays in its order.
    return this.#lines.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  }
}

function write({ at, task, node, text }: WrittenLine): string {
  const cut = text.length > LINE_CHARACTERS ? `${text.slice(0, LINE_CHARACTERS)}…` : text;
  // oxlint-disable-next-line no-control-regex -- colours and cursor moves of a terminal are noise here
  const plain = cut.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
  return `${at.slice(0, 23)}Z ${task}@${node} | ${plain}`.toWellFormed();
}
