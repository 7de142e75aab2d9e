/** Options of services as docker spells them. Each word is read here; what an engine would refuse is said at once. */
import { UserError } from '../errors.ts';
import type { Arg } from './args.ts';
import { plainName } from './args.ts';
import { quoted } from './words.ts';

/** An option that may be repeated, each value read by itself. */
export function each<T>(
  usage: string,
  about: string,
  read: (value: string) => T,
  more: Partial<Arg<T[]>> = {},
): Arg<T[]> {
  return {
    place: 'option',
    usage,
    about,
    optional: true,
    repeatable: true,
    ...more,
    parse: (values) => values.map(read),
  };
}

/** An option that may be given once. */
export function once<T>(usage: string, about: string, read: (value: string) => T): Arg<T | undefined> {
  return {
    place: 'option',
    usage,
    about,
    optional: true,
    parse: ([value]) => (value === undefined ? undefined : read(value)),
  };
}

/** `-e PASSWORD=x`: only the name is ever shown. */
export function environment(about: string): Arg<string[]> {
  return each(
    'KEY=VALUE',
    about,
    (value) => {
      const at = value.indexOf('=');
      // The words given are not repeated: they may be the secret itself.
      if (at === -1)
        throw new UserError('An environment variable needs a name and a value.', {
          hint: 'Write it like KEY=VALUE.',
        });
      variableName(value.slice(0, at));
      return value;
    },
    { secret: true, letter: 'e' },
  );
}

export function variableNames(about: string): Arg<string[]> {
  return each('KEY', about, variableName);
}

function variableName(name: string): string {
  if (/^[A-Za-z_][\w.-]{0,127}$/.test(name)) return name;
  throw new UserError('That is no name for an environment variable.', {
    hint: 'Use letters, digits and underscores, beginning with a letter.',
  });
}

export function names(usage: string, about: string, what: string): Arg<string[]> {
  return each(usage, about, (value) => plainName(value, what));
}

/** Labels may have dots, dashes and slashes in their names. */
export function labelNames(about: string): Arg<string[]> {
  return each('KEY', about, (value) => {
    if (/^[\w][\w./-]{0,254}$/.test(value)) return value;
    throw new UserError(`${quoted(value)} cannot be the name of a label.`, { hint: 'Write it like zone.' });
  });
}

export function constraints(about: string): Arg<string[]> {
  return each('EXPRESSION', about, (value) => {
    if (/^\s*[a-z][\w.-]+\s*(==|!=)\s*[\w:.\s*()?+[\]\\^$|/-]+$/i.test(value)) return value.trim();
    throw new UserError(`${quoted(value)} is not a constraint.`, {
      hint: 'Write it like node.labels.zone==a or node.role!=manager.',
    });
  });
}

/** An image reference as an engine takes it: registry, path, tag or digest. */
export function imageName(value: string): string {
  const fits =
    /^[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?$/i.test(value) &&
    value.length <= 255 &&
    !/\/\/|\/$|:$|(^|\/)\.{1,2}(\/|$)/.test(value) &&
    // Only a registry, which has a dot or a port, may have capitals; a tag may as well.
    /^([^/]*[.:][^/]*\/)?[^A-Z:@]*(:[\w.-]+)?(@.*)?$/.test(value);
  if (fits) return value;
  throw new UserError(`${quoted(value)} cannot be an image.`, {
    hint: 'Write it like my-apache2:latest or registry.example:5000/team/app:1.4.',
  });
}

export function image(about: string): Arg<string | undefined> {
  return once('IMAGE', about, imageName);
}

/** `0.5`: processors, down to a thousandth. */
export function processors(about: string): Arg<number | undefined> {
  return once('CPUS', about, (value) => {
    const number = Number(value);
    if (/^\d{0,4}(\.\d{1,3})?$/.test(value) && value !== '' && value !== '.' && Number.isFinite(number))
      return number;
    throw new UserError(`${quoted(value)} is not a number of processors.`, {
      hint: 'Write it like 0.5 or 2; 0 takes the setting away.',
    });
  });
}

const UNITS: Record<string, number> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `512m`, `1.5GiB` -> bytes. Without a unit it is bytes, as in docker. */
export function memory(about: string): Arg<number | undefined> {
  return once('SIZE', about, (value) => {
    const { number, unit } =
      /^(?<number>\d{1,15}(?:\.\d{1,3})?)\s*(?<unit>[bkmgt])?(?:i?b)?$/i.exec(value)?.groups ?? {};
    const bytes = Math.round(Number(number) * (UNITS[unit?.toLowerCase() ?? 'b'] ?? 1));
    if (Number.isSafeInteger(bytes)) return bytes;
    throw new UserError(`${quoted(value)} is not an amount of memory.`, {
      hint: 'Write it like 512m or 2g; 0 takes the setting away.',
    });
  });
}

/** A whole number from 0 to `most`. */
export function number(usage: string, about: string, most = 1_000_000): Arg<number | undefined> {
  return once(usage, about, (value) => {
    const found = Number(value);
    if (/^\d{1,7}$/.test(value) && found <= most) return found;
    throw new UserError(`${quoted(value)} is not a whole number from 0 to ${most}.`, {
      hint: 'Use digits only, for example 3.',
    });
  });
}

/** Replicas, up to the operator's limit. */
export function replicaNumber(about: string): Arg<number | undefined> {
  return {
    place: 'option',
    usage: 'N',
    about,
    optional: true,
    parse: ([value], { limits: { replicas: most } }) => {
      if (value === undefined) return undefined;
      const found = Number(value);
      if (!/^\d{1,7}$/.test(value))
        throw new UserError(`${quoted(value)} is not a number of replicas.`, {
          hint: `Use a whole number from 0 to ${most}.`,
        });
      if (found > most)
        throw new UserError(`${quoted(value)} is more than the limit of ${most} replicas.`, {
          hint: 'Ask for fewer, or have the operator raise limits.replicas in swarm.yaml.',
        });
      return found;
    },
  };
}

/** One of a few words. */
export function choice<T extends string>(about: string, ...known: T[]): Arg<T | undefined> {
  return once('WORD', `${about}: ${known.join(', ')}`, (value) => {
    const found = known.find((one) => one === value.toLowerCase());
    if (found !== undefined) return found;
    throw new UserError(`${quoted(value)} is none of ${known.join(', ')}.`, {
      hint: `Use one of ${known.join(', ')}.`,
    });
  });
}

/** A command line in one word: `--args "httpd -f -p 80"`. */
export function commandLine(about: string): Arg<string[] | undefined> {
  return once('WORDS', about, (value) => value.split(/\s+/).filter(Boolean));
}
