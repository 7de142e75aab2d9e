import { UserError } from '../errors.ts';
import { quoted } from './words.ts';

const MOST_HOSTS = 200;

/**
 * `web-[01-03]`, `a,b` and several words -> names in the order given, each once. Leading zeros set the width.
 * @throws UserError for a range that is malformed or backwards, and for more than 200 hosts in all.
 */
export function expandHosts(words: string[]): string[] {
  const names: string[] = [];
  for (const word of words.flatMap(splitOutsideBrackets)) {
    names.push(...expand(word));
    if (names.length > MOST_HOSTS) throw tooMany();
  }
  return [...new Set(names)];
}

function splitOutsideBrackets(word: string): string[] {
  return word.split(/,(?![^[]*\])/).filter((part) => part !== '');
}

function expand(word: string): string[] {
  const open = word.indexOf('[');
  if (open === -1 && !word.includes(']')) return [word];
  const match = /^(?<head>[^[\]]*)\[(?<inside>[^[\]]*)\](?<tail>.*)$/s.exec(word);
  const { head, inside, tail } = match?.groups ?? {};
  if (head === undefined || inside === undefined || tail === undefined) throw malformed(word);
  const middles = inside.split(',').flatMap((part) => numbers(part, word));
  const tails = expand(tail);
  if (middles.length * tails.length > MOST_HOSTS) throw tooMany();
  return middles.flatMap((middle) => tails.map((end) => `${head}${middle}${end}`));
}

function numbers(part: string, word: string): string[] {
  const range = /^(?<from>\d{1,6})-(?<to>\d{1,6})$/.exec(part)?.groups;
  if (!range) {
    if (/^\w+$/.test(part)) return [part];
    throw malformed(word);
  }
  const { from = '', to = '' } = range;
  const [first, last] = [Number(from), Number(to)];
  if (last < first) {
    throw new UserError(`The range ${quoted(word)} runs backwards.`, {
      hint: `Write the smaller number first: [${to}-${from}].`,
    });
  }
  if (last - first >= MOST_HOSTS) throw tooMany();
  const width = from.startsWith('0') ? from.length : 0;
  return Array.from({ length: last - first + 1 }, (_, at) => String(first + at).padStart(width, '0'));
}

function malformed(word: string): UserError {
  return new UserError(`${quoted(word)} is not a range of hosts.`, {
    hint: 'Write it like web-[01-40] or web-[1,3,7].',
  });
}

function tooMany(): UserError {
  return new UserError(`That names more than ${MOST_HOSTS} hosts.`, {
    hint: `Give them in several commands, at most ${MOST_HOSTS} in each.`,
  });
}
