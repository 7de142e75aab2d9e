/** Spans of time, sizes, shares of a CPU and commands, as docker writes them. Pure. */

const NANOSECONDS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** `1h30m`, `1.5s`, `500ms` -> nanoseconds; undefined when it is none. Go's time.ParseDuration without its sign. */
export function nanoseconds(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(?<number>[\d.]+)(?<unit>[a-zµμ]+)/g);
  let sum = 0;
  for (const { groups } of parts)
    sum += Number(groups?.['number']) * (NANOSECONDS[groups?.['unit'] ?? ''] ?? 0);
  return Number.isSafeInteger(Math.round(sum)) ? Math.round(sum) : undefined;
}

/** `512M`, `1.5gb`, `64KiB`, `1024` -> bytes; undefined when it is none. */
export function byteCount(value: string | number): number | undefined {
  const { number = '', unit = '' } =
    /^(?<number>\d+(?:\.\d+)?) ?(?<unit>[kmgtp]?)i?b?$/i.exec(String(value))?.groups ?? {};
  if (number === '') return undefined;
  const power = ['', 'k', 'm', 'g', 't', 'p'].indexOf(unit.toLowerCase());
  return Math.floor(Number(number) * 1024 ** power);
}

/** `0.5` -> billionths of a CPU; undefined when it is none. */
export function nanoCpus(value: string | number): number | undefined {
  if (!/^\d+(\.\d+)?$/.test(String(value))) return undefined;
  return Math.round(Number(value) * 1e9);
}

/** A command line -> its words, as a shell would split it but for variables; undefined when a quote never closes. */
export function shellWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (quote === "'") {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '\\') {
      const next = line.charAt((at += 1));
      // Between double quotes a backslash keeps itself but before what it can escape there.
      word =
        (word ?? '') + (quote === '"' && !'"\\$`\n'.includes(next) ? `\\${next}` : next === '\n' ? '' : next);
    } else if (quote) {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '#' && word === undefined) {
      const end = line.indexOf('\n', at);
      if (end === -1) break;
      at = end;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
