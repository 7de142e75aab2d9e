/** The audit as the bot answers from it: each record that is shown is proved first. */
import type { Redis } from 'ioredis';
import type { Secret } from '../secret.ts';
import { isGenuine, lineOf } from './chain.ts';
import { matching, search, story, type Found, type Query, type Story } from './search.ts';

export interface AuditReader {
  /** The newest requests of which a record fits, within what can be looked at while somebody waits. */
  search(query: Query): Promise<Found>;
  /** A request's records; none when the audit knows no such request. */
  story(request: string): Promise<Story>;
  /** How many of these records are not as they were written. */
  altered(stories: readonly Story[]): number;
  /** All records that fit, as lines of JSON with their hashes, the oldest first. */
  lines(query: Query): Promise<string>;
}

/** Somebody reads no more, and Slack shows the answer within 3 s: 100,000 records are looked at in about a second. */
const BOUNDS = { stories: 30, records: 50_000, ms: 1200 };

/** Records in a file that is sent. */
const MOST_LINES = 50_000;

export function openReader(redis: Redis, secret: Secret): AuditReader {
  return {
    search: (query) => search(redis, query, BOUNDS),
    story: (request) => story(redis, request),
    altered: (stories) =>
      stories.flatMap(({ records }) => records).filter(({ entry }) => !isGenuine(entry, secret)).length,
    lines: async (query) => {
      const lines: string[] = [];
      for await (const { entry } of matching(redis, query)) {
        lines.push(`${lineOf(entry)}\n`);
        if (lines.length === MOST_LINES) break;
      }
      return lines.toReversed().join('');
    },
  };
}
