/** Proves the audit that Redis holds, and the lines beside it. */
import type { Redis } from 'ioredis';
import type { Secret } from '../secret.ts';
import { ChainCheck, type Checked, type Finding } from './check.ts';
import { comparison, readLines } from './compare.ts';
import type { Head } from './record.ts';
import { readForwards, readHead, UNSHIPPED } from './stream.ts';

export interface Verified extends Checked {
  notes: string[];
}

/**
 * Reads all of it. `files`: those that AUDIT_LOG has written, older ones too. `head`: where the chain ended once, as
 * somebody noted it elsewhere; it must still be in it.
 * @throws what reading a file throws.
 */
export async function verifyAudit(
  redis: Redis,
  secret: Secret,
  { files = [], head }: { files?: readonly string[]; head?: Head | undefined } = {},
): Promise<Verified> {
  const lines = files.length > 0 ? await readLines(files, secret) : undefined;
  const unshipped = new Set((await redis.zrange(UNSHIPPED, '0', '-1')).map(Number));
  const compared = lines && comparison(lines, unshipped);
  const check = new ChainCheck(secret);
  // Looked at first: bots and workers may go on writing meanwhile.
  const { generated } = await readHead(redis);
  let noted: string | undefined;
  for await (const entries of readForwards(redis)) {
    for (const entry of entries) {
      check.add(entry);
      compared?.take(entry);
      if (entry.seq === head?.seq) noted = entry.hash;
    }
  }
  const checked = check.end(generated);
  const found: Finding[] = [...checked.findings, ...(lines?.findings ?? [])];
  if (head && noted !== head.hash) {
    const words =
      noted === undefined
        ? `Record ${head.seq}, where the audit ended once, is not there.`
        : `Record ${head.seq} is not the one that the audit ended with once.`;
    found.push({ kind: 'missing', from: head.seq, to: head.seq, words });
  }
  const { findings = [], notes = [] } = compared?.end() ?? {};
  return {
    ...checked,
    findings: [...found, ...findings],
    notes: [...(lines?.notes ?? []), ...notes],
  };
}
