/** The audit's Redis stream: its keys, and how it is read. */
import type { Redis } from 'ioredis';
import { key } from '../queue/redis.ts';
import type { Entry } from './chain.ts';
import type { Head } from './record.ts';

/** IDs of its entries are `SEQ-0`; each has the fields `record` and `hash`, in this order. */
export const AUDIT_STREAM = key('audit');
/** Numbers of records that no file has yet, by the time at which somebody last took them to write them. */
export const UNSHIPPED = key('audit-unshipped');

/** Numbers of a request's records, in order. */
export function requestIndex(request: string): string {
  return key('audit-request', request);
}

/** The end of the stream. `generated`: the last number that was ever given there, also when that record is gone. */
export interface StreamHead extends Head {
  generated: number;
}

/** As the scripts answer it. */
export function headOf([generated, seq, hash = '']: string[]): StreamHead {
  return { generated: Number(generated), seq: Number(seq), hash };
}

/** What XINFO tells of the end. */
export async function readHead(redis: Redis): Promise<StreamHead> {
  const [last] = await redis.xrevrange(AUDIT_STREAM, '+', '-', 'COUNT', 1);
  if (!(await redis.exists(AUDIT_STREAM))) return { generated: 0, seq: 0, hash: '' };
  const info = (await redis.xinfo('STREAM', AUDIT_STREAM)) as unknown[];
  const generated = info[info.indexOf('last-generated-id') + 1];
  const { seq = 0, hash = '' } = last ? toEntry(last) : {};
  return { generated: seqOf(String(generated)), seq, hash };
}

/** Entries of one answer of Redis: few enough not to hold it up. */
const CHUNK = 1000;

/** All entries, the oldest first, in chunks. */
export async function* readForwards(redis: Redis, from = 1): AsyncGenerator<Entry[]> {
  let next = `${from}-0`;
  for (;;) {
    const found = await redis.xrange(AUDIT_STREAM, next, '+', 'COUNT', CHUNK);
    if (found.length === 0) return;
    yield found.map(toEntry);
    next = `(${found.at(-1)?.[0]}`;
  }
}

/** All entries, the newest first, in chunks. */
export async function* readBackwards(redis: Redis): AsyncGenerator<Entry[]> {
  let next = '+';
  for (;;) {
    const found = await redis.xrevrange(AUDIT_STREAM, next, '-', 'COUNT', CHUNK);
    if (found.length === 0) return;
    yield found.map(toEntry);
    next = `(${found.at(-1)?.[0]}`;
  }
}

/** The entries with these numbers, as far as they are there. */
export async function readSome(redis: Redis, seqs: readonly (number | string)[]): Promise<Entry[]> {
  const pipeline = redis.pipeline();
  for (const seq of seqs) pipeline.xrange(AUDIT_STREAM, `${seq}-0`, `${seq}-0`);
  const answers = (await pipeline.exec()) ?? [];
  return answers.flatMap(([error, found]) => {
    // Cut short with its connection: that is not to say that there is no such entry.
    if (error) throw error;
    return (found as [string, string[]][]).map(toEntry);
  });
}

/** The most records of one request that are read: more than any has, unless somebody forges the list of them. */
const MOST_OF_REQUEST = 1000;

/** A request's records, the oldest first. */
export async function readRequest(redis: Redis, request: string): Promise<Entry[]> {
  const seqs = await redis.lrange(requestIndex(request), 0, MOST_OF_REQUEST - 1);
  return await readSome(redis, [...new Set(seqs)]);
}

/** Whoever writes other fields than these, or in another order, is found when the chain is proved. */
function toEntry([id, fields]: [id: string, fields: string[]]): Entry {
  return { seq: seqOf(id), text: fields[1] ?? '', hash: fields[3] ?? '' };
}

function seqOf(id: string): number {
  return Number(id.split('-')[0]);
}
