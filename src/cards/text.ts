/** Other people's text inside Slack's mrkdwn: escaped, clamped, never able to mention or format anything. */

/** Escapes what Slack would read as a mention, a link or an entity. */
export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Plain text of at most `most` characters, the last one an ellipsis when something was cut. */
export function clamp(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a surrogate pair is no character: Slack refuses the message.
  const cut = text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut.trimEnd()}…`;
}

/** The same for mrkdwn: neither half an entity nor half a mention is left at the end. */
export function clampMrkdwn(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = clamp(text, most).slice(0, -1);
  return `${cut.replace(/(?:&[a-z]{0,3}|<[^>]{0,200})$/, '').trimEnd()}…`;
}

/** `code`, for names and values of others: backticks inside would end it early. */
export function code(text: string): string {
  return `\`${escape(text).replaceAll('`', 'ˋ').replaceAll('\n', ' ')}\``;
}

/** Bold name of a host, service or node; an asterisk inside would end it early. */
export function bold(text: string): string {
  return `*${escape(text).replaceAll('*', '∗').replaceAll('\n', ' ')}*`;
}

export function mention(userId: string): string {
  return `<@${userId}>`;
}

/** `1 task`, `3 tasks`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Joins names as a sentence does: `a`, `a and b`, `a, b and c`. */
export function list(names: readonly string[]): string {
  return new Intl.ListFormat('en', { style: 'long', type: 'conjunction' })
    .format(names)
    .replace(/, and /, ' and ');
}

/** The first few of the names, each as `write` writes it, and how many there are beside: `a, b and 3 more`. */
export function some(names: string[], write: (name: string) => string, most = 5): string {
  const shown = names.slice(0, most).map(write);
  return list(names.length > most ? [...shown, `${names.length - most} more`] : shown);
}

const units: [number, string][] = [
  [1024 ** 4, 'TiB'],
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
];

/** `23.5 GiB`, as docker info writes it. */
export function bytes(number: number): string {
  const [size, unit] = units.find(([least]) => number >= least) ?? [1, 'B'];
  return `${Number((number / size).toFixed(2))} ${unit}`;
}

/** `5 seconds`, `3 months`: docker info's own way of writing spans of time. */
export function span(ms: number): string {
  const day = 24 * 3600 * 1000;
  const steps: [number, string][] = [
    [30 * day, 'month'],
    [day, 'day'],
    [3600_000, 'hour'],
    [60_000, 'minute'],
    [1000, 'second'],
  ];
  const [size, unit] = steps.find(([least]) => ms >= least) ?? [1, 'millisecond'];
  return count(Math.round(ms / size), unit);
}

/** `12:04:09 today` in each reader's own time zone; the fallback is UTC. */
export function clock(ms: number): string {
  return `<!date^${Math.floor(ms / 1000)}^{time_secs}|${new Date(ms).toISOString().slice(11, 19)} UTC>`;
}

/** How long something took: `850 ms`, `6.2 s`, `3 min 20 s`. */
export function took(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
