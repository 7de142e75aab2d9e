/** The kinds of arguments that a command can take. Each turns words into a typed value, or says what it wants instead. */
import { UserError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { expandHosts } from './ranges.ts';
import { quoted } from './words.ts';

/** What a parser may know without asking anyone. */
export interface ParseFacts {
  /** Names of the hosts in the inventory. */
  hosts: string[];
  limits: { replicas: number };
}

export interface Arg<T> {
  /** One positional word, all the remaining ones, or `--name`. */
  place: 'word' | 'rest' | 'option' | 'flag';
  /** How it stands in the usage line: `HOST...`. */
  usage: string;
  /** What it is, as it stands in the help and behind "scale needs". */
  about: string;
  optional: boolean;
  /** An option that may be given several times. */
  repeatable?: boolean;
  /** Of `rest`: takes words with dashes too, so the command has no options. */
  raw?: boolean;
  /** Its values are for the job alone: what a title shows of `KEY=VALUE` is the key. */
  secret?: boolean;
  /** Docker's short form of the option: `f` for `-f`. */
  letter?: string;
  /** What the option means without a value: when the next word does not look like one. */
  alone?: { value: string; unless: RegExp };
  /** Words of a positional, values of an option in the order given, `['true']` for a flag; empty when absent. */
  parse: (values: string[], facts: ParseFacts) => T;
}

/** One word, required: a name as Docker allows it. `what` it is stands in messages, `more` beside it in the help. */
export function word(usage: string, what: string, more = ''): Arg<string> {
  return {
    place: 'word',
    usage,
    about: `${what}${more}`,
    optional: false,
    parse: ([value = '']) => plainName(value, what),
  };
}

/** Any number of words, none too, those with dashes as well: a line that is only spoken of. */
export function line(usage: string, about: string): Arg<string[]> {
  return { ...words(usage, about), raw: true };
}

/** Any number of words, none too. */
export function words(usage: string, about: string): Arg<string[]> {
  return { place: 'rest', usage, about, optional: true, parse: (values) => values };
}

/** One host of the inventory. */
export function host(about = 'a host of the inventory'): Arg<string> {
  return {
    place: 'word',
    usage: 'HOST',
    about,
    optional: false,
    parse: ([value = ''], facts) => knownHost(value, facts),
  };
}

/** `--for fedora-03`: one host of the inventory. */
export function hostOption(about: string): Arg<string | null> {
  return {
    place: 'option',
    usage: 'HOST',
    about,
    optional: true,
    parse: ([value], facts) => (value === undefined ? null : knownHost(value, facts)),
  };
}

/** One or more hosts of the inventory, also as ranges: `web-[01-40]`, `a,b`. */
export function hosts(about = 'one or more hosts of the inventory, also as web-[01-40]'): Arg<string[]> {
  return {
    place: 'rest',
    usage: 'HOST...',
    about,
    optional: false,
    parse: (values, facts) => {
      // Each once, also when it is named in capitals and in small letters.
      const names = [...new Set(expandHosts(values).map((name) => knownHost(name, facts)))];
      if (names.length > 0) return names;
      throw new UserError('That names no host.', { hint: 'Write it like fedora-03 or web-[01-40].' });
    },
  };
}

export function flag(about: string): Arg<boolean> {
  return { place: 'flag', usage: '', about, optional: true, parse: ([value]) => value === 'true' };
}

/** `--node fedora-03`. */
export function option(usage: string, about: string): Arg<string | null> {
  return {
    place: 'option',
    usage,
    about,
    optional: true,
    parse: ([value]) => (value === undefined ? null : plainName(value, `a ${usage.toLowerCase()}`)),
  };
}

/** `--label zone=a --label disk=ssd`. */
export function pairs(about: string): Arg<Record<string, string>> {
  return {
    place: 'option',
    usage: 'KEY=VALUE',
    about,
    optional: true,
    repeatable: true,
    parse: (values) =>
      Object.fromEntries(
        values.map((value) => {
          const at = value.indexOf('=');
          if (at < 1)
            throw new UserError(`${quoted(value)} is not KEY=VALUE.`, { hint: 'Write it like zone=a.' });
          return [value.slice(0, at), value.slice(at + 1)];
        }),
      ),
  };
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `2h` -> milliseconds, between a second and a day. */
export function duration(about: string, otherwise: string): Arg<number> {
  return {
    place: 'option',
    usage: 'TIME',
    about: `${about} (${otherwise} when left out)`,
    optional: true,
    parse: ([value = otherwise]) => {
      const { number, unit } = /^(?<number>\d{1,5})(?<unit>[smh])$/.exec(value)?.groups ?? {};
      const ms = Number(number) * (UNITS[unit ?? ''] ?? Number.NaN);
      if (Number.isFinite(ms) && ms >= 1000 && ms <= 24 * 3_600_000) return ms;
      throw new UserError(`${quoted(value)} is not a span of time.`, {
        hint: 'Write it like 90s, 5m or 2h, up to 24h.',
      });
    },
  };
}

/** Each is watched until its tasks run: enough for one card. */
const MOST_SERVICES = 20;

/** `websky 12`, `websky=12 api=3`, `websky 12 api 3` -> services with their replicas. */
export function replicas(): Arg<{ name: string; replicas: number }[]> {
  return {
    place: 'rest',
    usage: 'SERVICE N',
    about: 'a service and its number of replicas',
    optional: false,
    parse: (values, { limits }) => {
      const targets: { name: string; replicas: number }[] = [];
      for (let at = 0; at < values.length; at += 1) {
        const value = values[at] ?? '';
        const equals = value.indexOf('=');
        const [name, number] =
          equals > 0 ? [value.slice(0, equals), value.slice(equals + 1)] : [value, values[(at += 1)]];
        if (number === undefined) {
          throw new UserError(`How many replicas shall ${quoted(name)} have?`, {
            hint: 'Write the number behind the name, for example: scale websky 12',
          });
        }
        targets.push({
          name: plainName(name, 'the name of a service'),
          replicas: replicaCount(number, limits.replicas),
        });
      }
      const twice = targets.find(({ name }, at) => targets.findIndex((other) => other.name === name) !== at);
      if (twice) throw new UserError(`"${twice.name}" is named twice.`, { hint: 'Name each service once.' });
      if (targets.length > MOST_SERVICES) {
        throw new UserError(`That names more than ${MOST_SERVICES} services.`, {
          hint: `Give them in several commands, at most ${MOST_SERVICES} in each.`,
        });
      }
      return targets;
    },
  };
}

function replicaCount(text: string, most: number): number {
  if (!/^\d+$/.test(text)) {
    throw new UserError(`${quoted(text)} is not a number of replicas.`, {
      hint: `Use a whole number from 0 to ${most}, for example: scale websky 12`,
    });
  }
  const number = Number(text);
  if (number > most) {
    throw new UserError(`${quoted(text)} is more than the limit of ${most} replicas.`, {
      hint: 'Ask for fewer, or have the operator raise limits.replicas in swarm.yaml.',
    });
  }
  return number;
}

/** Docker's own rule for names of services, nodes and hosts; IDs fit it as well. */
export function plainName(value: string, what: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(value)) return value;
  throw new UserError(`${quoted(value)} cannot be ${what}.`, {
    hint: 'Use letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
  });
}

function knownHost(name: string, { hosts: known }: ParseFacts): string {
  if (known.includes(name)) return name;
  const same = known.find((other) => other.toLowerCase() === name.toLowerCase());
  if (same !== undefined) return same;
  const near = nearest(name, known);
  throw new UserError(`No host is called ${quoted(name)}.`, {
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : 'Hosts are listed in swarm.yaml; ask the operator to add it.',
  });
}
