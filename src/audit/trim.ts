/** Takes old records out of Redis, with a record that lets the rest still be proved. */
import { open } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import { UserError } from '../errors.ts';
import { Script } from '../queue/redis.ts';
import type { Secret } from '../secret.ts';
import { chained, lineOf, recordOf, type Entry } from './chain.ts';
import { ChainCheck } from './check.ts';
import { readLines } from './compare.ts';
import { AUDIT_STREAM, readForwards, readHead, requestIndex } from './stream.ts';

// The record that tells of it and the trimming itself: both or neither.
// KEYS: stream. ARGV: hash of the last record, number of the last one ever, first number that stays, seq, text, hash
const TRIM = new Script(`
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not last or last[2][4] ~= ARGV[1] or string.match(last[1], '^%d+') ~= ARGV[2] then return 0 end
redis.call('XADD', KEYS[1], ARGV[4] .. '-0', 'record', ARGV[5], 'hash', ARGV[6])
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[3] .. '-0')
return 1`);

export interface Trimmed {
  /** Records that were taken out. */
  count: number;
  /** The last of them. */
  upTo: number;
}

/**
 * Takes out what is older than `before` (milliseconds since 1970). Each such record must be in one of `files`; or all of
 * them are written to the end of `exportTo` first.
 * @throws UserError when the records do not prove, or one of them is in no file: nothing is taken out then.
 */
export async function trimAudit(
  redis: Redis,
  secret: Secret,
  {
    before,
    files,
    exportTo,
    by,
  }: { before: number; files: readonly string[]; exportTo?: string | undefined; by: string },
): Promise<Trimmed> {
  const old = await olderThan(redis, secret, before);
  const last = old.at(-1);
  if (!last) return { count: 0, upTo: 0 };
  if (exportTo !== undefined) await writeLines(exportTo, old);
  const { hashes } = await readLines([...files, ...(exportTo === undefined ? [] : [exportTo])], secret);
  const missing = old.find(({ seq, hash }) => hashes.get(seq) !== hash);
  if (missing) {
    throw new UserError(`Record ${missing.seq} is in no file yet, so nothing was trimmed.`, {
      hint: 'Give all files that AUDIT_LOG has written with --file, or have them written now with --export FILE.',
    });
  }
  const event = { event: 'trimmed', upTo: { seq: last.seq, hash: last.hash }, by } as const;
  for (;;) {
    const head = await readHead(redis);
    const { seq, text, hash } = chained(event, head, Date.now(), secret);
    if ((await TRIM.run(redis, [AUDIT_STREAM], [head.hash, head.seq, last.seq + 1, seq, text, hash])) === 1)
      break;
  }
  await forgetIndexes(redis, old);
  return { count: old.length, upTo: last.seq };
}

/** The oldest records up to the first that is younger. @throws UserError unless their chain proves. */
async function olderThan(redis: Redis, secret: Secret, before: number): Promise<Entry[]> {
  const check = new ChainCheck(secret);
  const old: Entry[] = [];
  let over = false;
  // All of it: the record that tells of an earlier trimming is at its end.
  for await (const entries of readForwards(redis)) {
    for (const entry of entries) {
      check.add(entry);
      over ||= (recordOf(entry)?.at ?? before) >= before;
      if (!over) old.push(entry);
    }
  }
  const [finding] = check.end().findings.filter(({ from }) => from <= (old.at(-1)?.seq ?? 0));
  if (!finding) return old;
  throw new UserError(`The audit does not prove, so nothing was trimmed. ${finding.words}`, {
    hint: 'Look at `npm run audit -- verify`, and keep this Redis as it is.',
  });
}

async function writeLines(path: string, entries: readonly Entry[]): Promise<void> {
  await using file = await open(path, 'a', 0o600);
  await file.appendFile(entries.map((entry) => `${lineOf(entry)}\n`).join(''));
  await file.sync();
}

/** What lists the records of requests that are gone. */
async function forgetIndexes(redis: Redis, gone: readonly Entry[]): Promise<void> {
  const requests = new Map<string, number>();
  for (const entry of gone) {
    const { event } = recordOf(entry) ?? {};
    const request = event && 'request' in event ? event.request : '';
    if (request !== '') requests.set(request, (requests.get(request) ?? 0) + 1);
  }
  for (const [request, count] of requests) await redis.ltrim(requestIndex(request), count, -1);
}
