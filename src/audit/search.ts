/** Which records somebody asks for. Pure but for the walk through the stream. */
import type { Redis } from 'ioredis';
import { recordOf, type AuditRecord, type Entry } from './chain.ts';
import type { AuditEvent } from './record.ts';
import { readBackwards, readRequest } from './stream.ts';

export interface Query {
  /** Each must stand somewhere in what a record tells; capitals do not matter. */
  words: string[];
  /** Each must be among those whom the record names. */
  people: Sought[];
  /** Milliseconds since 1970. */
  since: number;
}

/** Somebody by the ID, or by the name of the time where only that is known. */
export type Sought = { id: string } | { name: string };

/** A record as it was read, with the entry that proves it. */
export interface Read {
  record: AuditRecord;
  entry: Entry;
}

/** A request, or something that belongs to none. */
export interface Story {
  /** ID; empty where it belongs to none. */
  request: string;
  /** In the order in which it happened. */
  records: Read[];
}

export interface Found {
  /** The newest first. */
  stories: Story[];
  /** There are more than these. */
  more: boolean;
  /** Everything younger than this was looked at; undefined: all of what was asked for. */
  stoppedAt: number | undefined;
}

export interface Bounds {
  stories: number;
  /** Records that are looked at. */
  records: number;
  ms: number;
}

/** The newest requests of which a record fits. */
export async function search(redis: Redis, query: Query, bounds: Bounds): Promise<Found> {
  const until = performance.now() + bounds.ms;
  const found = new Map<string, Read>();
  let looked = 0;
  let oldest: number | undefined;
  let stopped = false;
  const end = async (): Promise<Found> => {
    const heads = [...found.values()];
    const stories = await Promise.all(
      heads
        .slice(0, bounds.stories)
        .map(async (read) => await story(redis, requestOf(read.record.event), read)),
    );
    return { stories, more: heads.length > bounds.stories, stoppedAt: stopped ? oldest : undefined };
  };
  for await (const read of matching(redis, query, (at) => {
    looked += 1;
    oldest = at ?? oldest;
    stopped = looked > bounds.records || performance.now() > until;
    return !stopped;
  })) {
    const request = requestOf(read.record.event);
    const name = request || `#${read.record.seq}`;
    if (!found.has(name)) found.set(name, read);
    if (found.size > bounds.stories) break;
  }
  return await end();
}

/** Records that fit, the newest first. `look`: is told of each record's time before it is looked at; false ends it. */
export async function* matching(
  redis: Redis,
  query: Query,
  look: (at: number | undefined) => boolean = () => true,
): AsyncGenerator<Read> {
  const words = query.words.map((word) => word.toLowerCase());
  for await (const entries of readBackwards(redis)) {
    for (const entry of entries) {
      const at = timeIn(entry.text);
      if (at !== undefined && at < query.since) return;
      if (!look(at)) return;
      // Most records do not fit, which their text shows sooner than what they say.
      if (!mayFit(entry.text, words, query.people)) continue;
      const record = recordOf(entry);
      if (record && fits(record.event, words, query.people)) yield { record, entry };
    }
  }
}

/** All records of a request, the oldest first; none when the audit knows no such request. */
export async function story(redis: Redis, request: string, otherwise?: Read): Promise<Story> {
  const entries = request === '' ? [] : await readRequest(redis, request);
  const records = entries
    .flatMap((entry): Read[] => {
      const record = recordOf(entry);
      return record ? [{ record, entry }] : [];
    })
    .filter(({ record: { event } }) => requestOf(event) === request);
  return { request, records: records.length === 0 && otherwise ? [otherwise] : records };
}

function requestOf(event: AuditEvent): string {
  return 'request' in event ? event.request : '';
}

/** The text begins with the number and the time, see chain.ts. */
function timeIn(text: string): number | undefined {
  const at = text.indexOf('"at":"');
  const ms = at === -1 || at > 40 ? Number.NaN : Date.parse(text.slice(at + 6, at + 30));
  return Number.isNaN(ms) ? undefined : ms;
}

function mayFit(text: string, words: readonly string[], people: readonly Sought[]): boolean {
  if (people.some((one) => 'id' in one && !text.includes(one.id))) return false;
  if (words.length === 0) return true;
  const lower = text.toLowerCase();
  // JSON writes quotes and line breaks otherwise.
  return words.every((word) => /["\\\p{Cc}]/u.test(word) || lower.includes(word));
}

export function fits(event: AuditEvent, words: readonly string[], people: readonly Sought[]): boolean {
  const named = peopleIn(event);
  const isThere = (one: Sought): boolean =>
    named.some(({ id, name }) =>
      'id' in one ? id === one.id : name.toLowerCase() === one.name.toLowerCase(),
    );
  if (!people.every(isThere)) return false;
  // It names every host, role and verb: only who asks for it wants it.
  if (event.event === 'configuration' && !words.some((word) => 'configuration'.startsWith(word)))
    return false;
  const told = wordsIn(event).map((text) => text.toLowerCase());
  return words.every((word) => told.some((text) => text.includes(word)));
}

function peopleIn(event: AuditEvent): { id: string; name: string }[] {
  return [
    ...('actor' in event ? [event.actor] : []),
    ...('by' in event && typeof event.by === 'object' && event.by ? [event.by] : []),
    ...('approvedBy' in event ? event.approvedBy : []),
  ];
}

/** What of a record people search in: not the names of its fields, and no hash. */
function wordsIn(event: AuditEvent): string[] {
  const texts: string[] = [event.event, ...peopleIn(event).map(({ name }) => name)];
  const { actor: _, by: __, approvedBy: ___, digest: ____, ...told } = event as Record<string, unknown>;
  const collect = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null)
      Object.entries(value).forEach(([name, part]) => {
        if (!/^\d+$/.test(name)) texts.push(name);
        collect(part);
      });
  };
  for (const value of Object.values(told)) collect(value);
  return texts;
}
