/** Records chained by keyed hashes: one that is changed, removed or put elsewhere no longer fits those around it. Pure. */
import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Secret } from '../secret.ts';
import type { AuditEvent, Head } from './record.ts';

/** A record as it is kept: the very text that the hash is over, so that no two readers can take it differently. */
export interface Entry {
  /** Of its place: numbered without gaps from 1. */
  seq: number;
  text: string;
  hash: string;
}

/** What the text of an entry says. */
export interface AuditRecord {
  seq: number;
  /** Milliseconds since 1970. */
  at: number;
  event: AuditEvent;
  /** Hash of the record before; of the very first one an empty text. */
  previous: string;
}

/** Characters of one text, entries of one list: an audit is no place for a whole compose file. */
const MOST_CHARACTERS = 1000;
const MOST_ENTRIES = 100;

/** The entry that tells of this event, behind `head`. `at`: milliseconds since 1970. */
export function chained(event: AuditEvent, head: Head, at: number, secret: Secret): Entry {
  const seq = head.seq + 1;
  const time = new Date(at).toISOString();
  const text = JSON.stringify({ seq, at: time, ...bounded(event), previous: head.hash });
  return { seq, text, hash: hashOf(text, secret) };
}

/** Whether whoever has QUEUE_SECRET wrote this very text. */
export function isGenuine({ text, hash }: Entry, secret: Secret): boolean {
  const expected = Buffer.from(hashOf(text, secret));
  const given = Buffer.from(hash);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** What an entry says; undefined of what is no record at all. Not verified. */
export function recordOf({ text }: Pick<Entry, 'text'>): AuditRecord | undefined {
  try {
    const { seq, at, previous, ...event } = JSON.parse(text) as Record<string, unknown>;
    const ms = typeof at === 'string' ? Date.parse(at) : Number.NaN;
    const fits =
      typeof seq === 'number' && typeof previous === 'string' && typeof event['event'] === 'string';
    // The bots and workers wrote the rest; whether it was they is told by the hash.
    return fits && !Number.isNaN(ms) ? { seq, at: ms, previous, event: event as AuditEvent } : undefined;
  } catch {
    return undefined;
  }
}

/** One line of JSON for a log shipper: the text with its hash as the last field. */
export function lineOf({ text, hash }: Entry): string {
  return `${text.slice(0, -1)},"hash":"${hash}"}`;
}

/** The entry of such a line; undefined when it is none. */
export function entryOf(line: string): Entry | undefined {
  const { start, hash } = /^(?<start>\{.*\S),"hash":"(?<hash>[0-9a-f]{64})"\}\s*$/s.exec(line)?.groups ?? {};
  if (start === undefined || hash === undefined) return undefined;
  const text = `${start}}`;
  const record = recordOf({ text });
  return record && { seq: record.seq, text, hash };
}

const keys = new WeakMap<Secret, KeyObject>();

/** A key of the audit's own: what is signed here is worth nothing elsewhere. */
function keyFrom(secret: Secret): KeyObject {
  const known = keys.get(secret);
  if (known) return known;
  // As a Buffer the key would take Node five times as long with each record.
  const bytes = hkdfSync('sha256', secret.reveal(), '', 'swarmkeeper audit chain', 32);
  const derived = createSecretKey(Buffer.from(bytes));
  keys.set(secret, derived);
  return derived;
}

function hashOf(text: string, secret: Secret): string {
  return createHmac('sha256', keyFrom(secret)).update(text).digest('hex');
}

function bounded<T>(value: T): T {
  const cut = (part: unknown): unknown => {
    if (typeof part === 'string')
      return part.length > MOST_CHARACTERS ? `${part.slice(0, MOST_CHARACTERS - 1).toWellFormed()}…` : part;
    if (Array.isArray(part)) return part.slice(0, MOST_ENTRIES).map(cut);
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, cut(inner)]));
    return part;
  };
  return cut(value) as T;
}
