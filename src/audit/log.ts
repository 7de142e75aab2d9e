/** The audit's records in a Redis stream. What happens at the same time is written together. */
import type { Redis } from 'ioredis';
import { key, Script } from '../queue/redis.ts';
import type { Secret } from '../secret.ts';
import { chained, type AuditRecord } from './chain.ts';
import type { AuditEvent, AuditLog } from './record.ts';

export const AUDIT_STREAM = key('audit');

// Adds records only behind the very one that they are chained to.
// KEYS: stream. ARGV: hash of the last record, then its seq and the record's JSON for each
const APPEND = new Script(`
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local hash = ''
if last[1] then hash = last[1][2][4] end
if hash ~= ARGV[1] then return 0 end
for at = 2, #ARGV, 3 do redis.call('XADD', KEYS[1], ARGV[at] .. '-0', 'record', ARGV[at + 1], 'hash', ARGV[at + 2]) end
return 1`);

interface Waiting {
  event: AuditEvent;
  at: number;
  kept: PromiseWithResolvers<void>;
}

/** Opens the log of this process. `ship`: is given each record that is kept, as one line of JSON. */
export function openAudit(redis: Redis, secret: Secret, ship: (line: string) => void = () => {}): AuditLog {
  let waiting: Waiting[] = [];
  let writing = false;
  const write = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    try {
      while (waiting.length > 0) {
        const batch = waiting.splice(0, 100);
        try {
          await append(batch);
          for (const { kept } of batch) kept.resolve();
        } catch (error) {
          for (const { kept } of batch) kept.reject(error);
        }
      }
    } finally {
      writing = false;
    }
  };
  const append = async (batch: Waiting[]): Promise<void> => {
    for (;;) {
      const [last] = await redis.xrevrange(AUDIT_STREAM, '+', '-', 'COUNT', 1);
      let before: Pick<AuditRecord, 'seq' | 'hash'> = { seq: 0, hash: '' };
      if (last) before = { seq: Number(last[0].split('-')[0]), hash: last[1][3] ?? '' };
      const records: AuditRecord[] = [];
      for (const { event, at } of batch) {
        const record = chained(event, before, at, secret);
        records.push(record);
        before = record;
      }
      const args = records.flatMap((record) => [record.seq, JSON.stringify(record), record.hash]);
      const first = records[0]?.previous ?? '';
      if ((await APPEND.run(redis, [AUDIT_STREAM], [first, ...args])) !== 1) continue;
      for (const record of records) ship(JSON.stringify(record));
      return;
    }
  };
  return {
    append: (event) => {
      const kept = Promise.withResolvers<void>();
      waiting.push({ event, at: Date.now(), kept });
      void write();
      return kept.promise;
    },
  };
}
