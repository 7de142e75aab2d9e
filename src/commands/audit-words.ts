/** What somebody looks for in the audit. */
import type { Query, Sought } from '../audit/search.ts';
import { UserError } from '../errors.ts';
import type { Arg } from './args.ts';
import { quoted } from './words.ts';

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const SPAN = /^(?<number>\d{1,4})(?<unit>[mhdw])$/;

/** `--since 7d`. */
export function since(): Arg<number | null> {
  return {
    place: 'option',
    usage: 'TIME',
    about: 'how far back, such as 24h or 7d; may also stand among the words',
    optional: true,
    parse: ([value]) => {
      if (value === undefined) return null;
      const ms = span(value);
      if (ms !== undefined) return ms;
      throw new UserError(`${quoted(value)} is not a span of time.`, {
        hint: 'Write it like 30m, 24h or 7d.',
      });
    },
  };
}

function span(text: string): number | undefined {
  const { number, unit = '' } = SPAN.exec(text)?.groups ?? {};
  return number === undefined || Number(number) === 0 ? undefined : Number(number) * (UNITS[unit] ?? 0);
}

/**
 * Words -> whom and what to look for. `mentioned`: of `<@U1|alice>` the words have only `alice`. `now`: milliseconds since
 * 1970.
 */
export function readQuery(
  words: readonly string[],
  back: number | null,
  mentioned: readonly { id: string; name: string }[],
  now: number,
): Query {
  const query: Query = { words: [], people: [], since: back === null ? 0 : now - back };
  for (const word of words) {
    const ms = back === null ? span(word) : undefined;
    const person = personIn(word, mentioned);
    if (ms !== undefined) query.since = now - ms;
    else if (person) query.people.push(person);
    else query.words.push(word);
  }
  return query;
}

function personIn(word: string, mentioned: readonly { id: string; name: string }[]): Sought | undefined {
  const id = /^<@([UW]\w+)>$/.exec(word)?.[1];
  if (id !== undefined) return { id };
  const known = mentioned.find(({ name }) => name === word.replace(/^@/, ''));
  if (known) return { id: known.id };
  return word.length > 1 && word.startsWith('@') ? { name: word.slice(1) } : undefined;
}
