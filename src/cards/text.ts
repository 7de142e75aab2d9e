/** Other people's text inside Slack's mrkdwn: escaped, clamped, never able to mention or format anything. */
import type { Phrase, PhrasePart } from '../phrase.ts';

/**
 * A sentence, with whatever names are in it: nothing in it is a mention, a link or an entity, nothing is bold, italic or
 * struck through, and it stays on its line, so that it cannot pass for another one of the bot's. A pair of single
 * backticks stays: our own sentences write commands in them.
 */
export function escape(text: string): string {
  const line = text.replaceAll(/\s*[\n\r\v\f\u0085\u2028\u2029]\s*/g, ' ');
  return entities(/[*_~`]/.test(line) ? sentence(line) : line);
}

function sentence(line: string): string {
  return line
    .replaceAll(/`{2,}/g, (run) => 'ˋ'.repeat(run.length))
    .split(/(`[^`]+`)/)
    .map((part, at) => (at % 2 === 0 ? unformatted(part).replaceAll('`', 'ˋ') : part))
    .join('');
}

/** Somebody's own words, on one line: as `escape`, and backticks are no markup either. */
export function literal(text: string): string {
  return entities(unformatted(text.replaceAll(/\s+/g, ' ')).replaceAll('`', 'ˋ'));
}

/**
 * Slack's control characters: https://docs.slack.dev/messaging/formatting-message-text#escaping. Marks that turn the
 * direction of what is behind them are shown as such: with them one text looks like another.
 */
function entities(text: string): string {
  return text
    .replaceAll(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** Slack knows no escape for these: what looks the same takes their place where they would format. */
const LOOKALIKES = { '*': '∗', _: 'ˍ', '~': '∼' } as const;
const MARKS = [
  ['*', /(?<![\p{L}\p{N}])\*(?=\S)/u, /(?<=\S)\*(?![\p{L}\p{N}])/u],
  ['_', /(?<![\p{L}\p{N}])_(?=\S)/u, /(?<=\S)_(?![\p{L}\p{N}])/u],
  ['~', /(?<![\p{L}\p{N}])~(?=\S)/u, /(?<=\S)~(?![\p{L}\p{N}])/u],
] as const;

/** Of one line. `my_service` and `staging-*` stay as they are: Slack formats only what a pair of marks encloses. */
function unformatted(line: string): string {
  const formatting = MARKS.filter(([, opens, closes]) => {
    const opening = line.search(opens);
    return opening !== -1 && closes.test(line.slice(opening + 1));
  });
  return formatting.reduce((words, [mark]) => words.replaceAll(mark, LOOKALIKES[mark]), line);
}

/** Plain text of at most `most` characters, the last one an ellipsis when something was cut. */
export function clamp(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half of a surrogate pair is no character: Slack refuses the message.
  const cut = text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut.trimEnd()}…`;
}

/** The same for mrkdwn: neither half an entity nor half a mention is left at the end, nor code without an end. */
export function clampMrkdwn(text: string, most: number): string {
  if (text.length <= most) return text;
  const whole = cutMrkdwn(text, most);
  if (!endsInCode(whole)) return whole;
  const shorter = cutMrkdwn(text, most - 1);
  return endsInCode(shorter) ? `${shorter}\`` : shorter;
}

function endsInCode(mrkdwn: string): boolean {
  const marks = mrkdwn.slice(mrkdwn.lastIndexOf('\n') + 1).split('`').length - 1;
  return marks % 2 === 1;
}

function cutMrkdwn(text: string, most: number): string {
  const cut = clamp(text, most).slice(0, -1);
  return `${cut.replace(/(?:&[a-z]{0,3}|<[^>]{0,200})$/, '').trimEnd()}…`;
}

/** `code`, for names and values of others: backticks inside would end it early. */
export function code(text: string): string {
  return `\`${entities(text).replaceAll('`', 'ˋ').replaceAll('\n', ' ')}\``;
}

/** Bold name of a host, service or node; an asterisk inside would end it early. */
export function bold(text: string): string {
  return `*${literal(text).replaceAll('*', '∗')}*`;
}

export function mention(userId: string): string {
  // Nothing but an ID may stand in it: `!channel` would call everybody.
  return /^[A-Z0-9]+$/.test(userId) ? `<@${userId}>` : literal(userId);
}

/** A phrase as Slack shows it: people, groups and channels by their names. A group of which only the handle is known stays text. */
export function spoken(phrase: Phrase): string {
  return phrase.map(part).join('');
}

function part(one: PhrasePart): string {
  if (typeof one === 'string') return escape(one);
  // Nothing but an ID may stand in a mention: `!channel` would call everybody.
  const plain = escape('person' in one ? one.person : 'group' in one ? one.group : one.channel);
  if (!/^[A-Z0-9]+$/.test(plain)) return plain;
  if ('person' in one) return mention(plain);
  return 'group' in one ? `<!subteam^${plain}>` : `<#${plain}>`;
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

/** `today 12:04:09`, `Nov 3 12:04:09`: of what may be long ago. */
export function moment(ms: number): string {
  const utc = new Date(ms).toISOString();
  return `<!date^${Math.floor(ms / 1000)}^{date_short_pretty} {time_secs}|${utc.slice(0, 10)} ${utc.slice(11, 19)} UTC>`;
}

/** How long something took: `850 ms`, `6.2 s`, `3 min 20 s`. */
export function took(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
