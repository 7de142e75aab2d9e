/** Writes the audit's records into a Redis stream. What happens at the same time is written together. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Log } from '../log.ts';
import { Script } from '../queue/redis.ts';
import type { Secret } from '../secret.ts';
import { chained, type Entry } from './chain.ts';
import { cannotRecord, OWED } from './owed.ts';
import { isKept, type AuditEvent, type AuditLog, type Head } from './record.ts';
import { settleOwed } from './settle.ts';
import { openShipper } from './ship.ts';
import { AUDIT_STREAM, headOf, requestIndex, UNSHIPPED, type StreamHead } from './stream.ts';

// Adds records only behind the very one that they are chained to. When it comes a second time, because the connection
// broke before its answer, the records are there already: the last of them, which is chained to all before it. (Of what
// is owed, another process may have written the very same first record in the same millisecond.) The end of the stream
// as Redis itself counts it is looked at as
// well: it does not go back when somebody removes the last records.
// A record that is owed takes what it is owed for out of the list in the same breath; where that is gone, another process
// has made the record, or one before it here does, and nothing is added: whoever tells tells the rest once more.
// KEYS: stream, unshipped, what is owed, index of each record's request (or the stream again). ARGV: number and hash of
// the last record, now or nothing, number of records, of each its seq, text and hash, and then how many entries of what is
// owed it settles, and those
const APPEND = new Script(`
local generated, last, hash = '0', '0', ''
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for at = 1, #info, 2 do
    if info[at] == 'last-generated-id' then generated = string.match(info[at + 1], '^%d+') end
    if info[at] == 'last-entry' and info[at + 1] then
      last = string.match(info[at + 1][1], '^%d+')
      hash = info[at + 1][2][4]
    end
  end
end
if generated ~= ARGV[1] or hash ~= ARGV[2] then
  local final = 2 + 3 * tonumber(ARGV[4])
  local there = redis.call('XRANGE', KEYS[1], ARGV[final] .. '-0', ARGV[final] .. '-0')[1]
  if there and there[2][4] == ARGV[final + 2] then return {'there'} end
  return {generated, last, hash}
end
local count = tonumber(ARGV[4])
local at, gone, taken = 5 + 3 * count, {'gone'}, {}
for record = 1, count do
  local left, entries = 0, tonumber(ARGV[at])
  for entry = at + 1, at + entries do
    if not taken[ARGV[entry]] and redis.call('LPOS', KEYS[3], ARGV[entry]) then left = left + 1 end
    taken[ARGV[entry]] = true
  end
  if entries > 0 and left == 0 then gone[#gone + 1] = tostring(record - 1) end
  at = at + 1 + entries
end
if #gone > 1 then return gone end
at = 5 + 3 * count
for record = 1, count do
  local first = 2 + 3 * record
  redis.call('XADD', KEYS[1], ARGV[first] .. '-0', 'record', ARGV[first + 1], 'hash', ARGV[first + 2])
  if ARGV[3] ~= '' then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[first]) end
  local index = KEYS[3 + record]
  if index ~= KEYS[1] then redis.call('RPUSH', index, ARGV[first]) end
  for entry = at + 1, at + tonumber(ARGV[at]) do redis.call('LREM', KEYS[3], 0, ARGV[entry]) end
  at = at + 1 + tonumber(ARGV[at])
end
return {'added'}`);

interface Telling {
  event: AuditEvent;
  at: number;
  /** Entries of what is owed that this record settles. */
  settles?: Buffer[];
}

interface Waiting extends Telling {
  /** With false where another process has settled it. */
  kept: PromiseWithResolvers<boolean>;
}

export interface OpenAudit extends AuditLog {
  /** Writes what waits, and tells the log where the chain ends: whoever cuts it off later does not reach that. */
  close(): Promise<void>;
}

export interface AuditSettings {
  /** Where lines go beside Redis: `stdout`, the path of a file, or undefined. */
  lines?: string | undefined;
  /** How much of what only reads is recorded: see isKept. */
  reads?: 'none' | 'asked' | 'all';
}

/** Records of one append: enough that a busy bot needs few, and few enough that Redis is not held up. */
const MOST_AT_ONCE = 100;
/** Where Redis is away, what waits for it is not kept: nothing that it would tell of was done. */
const GOODBYE_MS = 2000;

/** Opens the log of this process. */
export function openAudit(
  redis: Redis,
  secret: Secret,
  log: Pick<Log, 'info' | 'warn' | 'error'>,
  { lines, reads = 'asked' }: AuditSettings = {},
): OpenAudit {
  const shipper = lines === undefined ? undefined : openShipper(redis, lines, log);
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  /** The end of the chain as this process has last seen it. */
  let known: Head = { seq: 0, hash: '' };
  let stream: StreamHead = { generated: 0, ...known };
  /** The highest number of which this process knows that it was given. */
  let numbered = 0;

  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST_AT_ONCE);
      try {
        const added = await append(batch);
        for (const one of batch) one.kept.resolve(added.has(one));
      } catch (error) {
        log.error({ err: error, events: batch.map(({ event }) => event) }, 'not put on record');
        const refusal = cannotRecord(error);
        for (const { kept } of batch) kept.reject(refusal);
      }
    }
    // In the same breath as the last look: what is told after it begins anew.
    writing = undefined;
  };
  const append = async (batch: Telling[]): Promise<Set<Telling>> => {
    let told = batch;
    for (;;) {
      if (told.length === 0) return new Set();
      // The numbering goes on where records are gone, so that the gap stays to be seen.
      let head: Head = { seq: Math.max(stream.generated, numbered), hash: stream.hash };
      const entries: Entry[] = [];
      for (const { event, at } of told) {
        const entry = chained(event, head, at, secret);
        entries.push(entry);
        head = entry;
      }
      const indexes = told.map(({ event }) => {
        const request = 'request' in event ? event.request : '';
        return request === '' ? AUDIT_STREAM : requestIndex(request);
      });
      const answer = (await APPEND.run(
        redis,
        [AUDIT_STREAM, UNSHIPPED, OWED, ...indexes],
        [
          stream.generated,
          stream.hash,
          shipper ? Date.now() : '',
          entries.length,
          ...entries.flatMap(({ seq, text, hash }) => [seq, text, hash]),
          ...told.flatMap(({ settles = [] }) => [settles.length, ...settles]),
        ],
      )) as string[];
      if (answer.length === 1) {
        known = { seq: head.seq, hash: head.hash };
        stream = { generated: head.seq, ...known };
        numbered = head.seq;
        shipper?.ship(entries);
        return new Set(told);
      }
      if (answer[0] === 'gone') {
        const gone = new Set(answer.slice(1).map(Number));
        told = told.filter((_, at) => !gone.has(at));
        continue;
      }
      stream = headOf(answer);
      if (!isLost(stream, known)) continue;
      const found = { seq: stream.seq, hash: stream.hash };
      log.error(
        { known, found },
        'records of the audit are gone from Redis: somebody has removed them, or Redis has lost them',
      );
      told = [{ event: { event: 'lost', known, found }, at: Date.now() }, ...told];
      numbered = Math.max(numbered, known.seq);
      known = found;
    }
  };

  const tell = async (event: AuditEvent, settles?: Buffer[]): Promise<boolean> => {
    const kept = Promise.withResolvers<boolean>();
    waiting.push({ event, at: Date.now(), kept, ...(settles ? { settles } : {}) });
    // What is told in the same breath is written together.
    writing ??= Promise.resolve().then(write);
    return await kept.promise;
  };

  return {
    append: async (event) => {
      if (isKept(event, reads)) await tell(event);
    },
    settle: (own) => settleOwed(own, { redis, secret, log, tell }),
    close: async () => {
      const written = Promise.resolve(writing).then(() => shipper?.close());
      await Promise.race([written, sleep(GOODBYE_MS, undefined, { ref: false })]);
      if (known.seq > 0) log.info({ audit: known }, 'the audit ends here');
    },
  };
}

/** Whether what this process has seen at the end of the stream is there no more. */
function isLost(stream: StreamHead, known: Head): boolean {
  return stream.seq < known.seq || (stream.seq === known.seq && stream.hash !== known.hash);
}
