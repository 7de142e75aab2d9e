/** The records of the stream against the lines that were written beside it: what one of them lacks, the other shows. */
import { open } from 'node:fs/promises';
import type { Secret } from '../secret.ts';
import { entryOf, isGenuine } from './chain.ts';
import { range, type Finding } from './check.ts';

export interface Lines {
  /** Hashes by the numbers of the records. More than one of a number: the file has two that differ. */
  hashes: Map<number, string>;
  findings: Finding[];
  /** What is odd and proves nothing. */
  notes: string[];
}

/** Reads such files, a line at a time. @throws what reading a file throws. */
export async function readLines(paths: readonly string[], secret: Secret): Promise<Lines> {
  const hashes = new Map<number, string>();
  const findings: Finding[] = [];
  let twice = 0;
  const broken: string[] = [];
  for (const path of paths) {
    await using file = await open(path);
    let at = 0;
    for await (const line of file.readLines()) {
      at += 1;
      if (line.trim() === '') continue;
      const entry = entryOf(line);
      if (!entry) {
        // Other lines of a process that writes them to standard output are no records.
        if (/"hash":|"previous":/.test(line)) broken.push(`line ${at} of ${path}`);
        continue;
      }
      const { seq } = entry;
      if (!isGenuine(entry, secret)) {
        const words = `Line ${at} of ${path} (record ${seq}) was changed, or written by somebody who lacks QUEUE_SECRET.`;
        findings.push({ kind: 'changed', from: seq, to: seq, words });
        continue;
      }
      const known = hashes.get(seq);
      if (known === entry.hash) twice += 1;
      else if (known !== undefined) {
        const words = `Line ${at} of ${path} tells another record ${seq} than an earlier line: Redis lost its end once, or somebody went back to an older state of it.`;
        findings.push({ kind: 'replaced', from: seq, to: seq, words });
      } else hashes.set(seq, entry.hash);
    }
  }
  const notes = [
    ...(twice > 0
      ? [
          `${twice === 1 ? 'One line is' : `${twice} lines are`} there twice, word for word: a process died between writing and noting it.`,
        ]
      : []),
    ...(broken.length > 0
      ? [
          `${broken.slice(0, 5).join(', ')}${broken.length > 5 ? ` and ${broken.length - 5} more` : ''} cannot be read: a full disk or a killed process cuts a line off.`,
        ]
      : []),
  ];
  return { hashes, findings, notes };
}

/**
 * Compares them while the stream is read: `take` each record of it, then `end`. `unshipped`: records of which Redis knows
 * that no file has them yet.
 */
export function comparison({ hashes }: Lines, unshipped: ReadonlySet<number>) {
  const left = new Set(hashes.keys());
  const oldest = Math.min(...left);
  const newest = Math.max(...left);
  const lacking: number[] = [];
  const differing: number[] = [];
  let first = 0;
  let last = 0;
  return {
    take: ({ seq, hash }: { seq: number; hash: string }): void => {
      first ||= seq;
      last = seq;
      left.delete(seq);
      const known = hashes.get(seq);
      if (known === undefined) lacking.push(seq);
      else if (known !== hash) differing.push(seq);
    },
    end: (): { findings: Finding[]; notes: string[] } => {
      const waits = (seq: number): boolean => unshipped.has(seq);
      const within = (seq: number): boolean => seq > oldest && seq < newest && !waits(seq);
      const around = lacking.filter((seq) => !within(seq) && !waits(seq));
      const notes = (seqs: number[], what: string): string[] =>
        stretches(seqs).map(([from, to]) => `${range(from, to)} ${what}`);
      const told = (kind: Finding['kind'], seqs: number[], what: (from: number) => string): Finding[] =>
        stretches(seqs).map(([from, to]) => ({ kind, from, to, words: `${range(from, to)} ${what(from)}` }));
      // What was trimmed is in the file alone.
      const trimmed: number[] = [];
      for (let seq = oldest; seq < first; seq += 1) if (!hashes.has(seq)) trimmed.push(seq);
      return {
        findings: [
          ...told('missing', trimmed, () => 'neither in Redis nor in the file.'),
          ...told(
            'missing',
            [...left].filter((seq) => seq > first).toSorted((a, b) => a - b),
            (from) =>
              from > last ? 'in the file, but cut off the end in Redis.' : 'in the file, but not in Redis.',
          ),
          ...told('replaced', differing, () => 'in Redis, but the file tells something else.'),
          ...told(
            'missing',
            lacking.filter(within),
            () =>
              'in Redis, but not in the file: lines were removed, or a process writes none (AUDIT_LOG is not set).',
          ),
        ],
        notes: [
          ...notes(lacking.filter(waits), 'to be written to the file yet.'),
          ...notes(around, 'in Redis, but not in the file, which begins later or ends earlier.'),
        ],
      };
    },
  };
}

/** `[1, 2, 3, 7]` as `[[1, 3], [7, 7]]`. */
function stretches(seqs: readonly number[]): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (const seq of seqs) {
    const last = found.at(-1);
    if (last && last[1] === seq - 1) last[1] = seq;
    else found.push([seq, seq]);
  }
  return found;
}
