/** The arguments that lists have in common. */
import { UserError } from '../errors.ts';
import { plainName, type Arg } from './args.ts';
import { quoted } from './words.ts';

const MOST_PAGES = 10_000;

/** `--page 2`. */
export function page(): Arg<number> {
  return {
    place: 'option',
    usage: 'N',
    about: 'begin with this page of a long list',
    optional: true,
    parse: ([value = '1']) => {
      const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
      if (number >= 1 && number <= MOST_PAGES) return number;
      throw new UserError(`${quoted(value)} is not the number of a page.`, {
        hint: 'Pages are counted from 1, for example: --page 2',
      });
    },
  };
}

/** `--filter role=manager`, in the engine's own words, any number of times. `names`: those that the engine knows. */
export function engineFilters(names: string[]): Arg<Record<string, string[]>> {
  return {
    place: 'option',
    usage: 'NAME=VALUE',
    about: `docker's own filters: ${names.join(', ')}`,
    optional: true,
    repeatable: true,
    parse: (values) => {
      const filters: Record<string, string[]> = {};
      for (const value of values) {
        const at = value.indexOf('=');
        const name = value.slice(0, at).toLowerCase();
        if (at < 1 || at === value.length - 1 || !names.includes(name)) {
          throw new UserError(`${quoted(value)} is not a filter.`, {
            hint: `Write it like ${names[0]}=VALUE, with one of ${names.join(', ')}.`,
          });
        }
        filters[name] = [...(filters[name] ?? []), value.slice(at + 1)];
      }
      return filters;
    },
  };
}

/** One word that may be left out: a name as Docker allows it. */
export function optionalName(usage: string, what: string, more: string): Arg<string | null> {
  return {
    place: 'word',
    usage,
    about: `${what}${more}`,
    optional: true,
    parse: ([value]) => (value === undefined ? null : plainName(value, what)),
  };
}

/** The filter of a list as a person typed it, to be quoted in the answer; empty where there is none. */
export function asTyped(words: string[], filters: Record<string, string[]> = {}): string {
  const typed = Object.entries(filters).flatMap(([name, values]) =>
    values.map((value) => `${name}=${value}`),
  );
  return [...words, ...typed].join(' ');
}
