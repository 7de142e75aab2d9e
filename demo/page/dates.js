/**
 * Dates as Slack writes them. Every function takes seconds since 1970 and the moment that counts as now, and uses
 * the browser's own time zone.
 */

/** @param {Date} date */
const dayNumber = (date) => Math.round(new Date(date).setHours(12, 0, 0, 0) / 86_400_000);

/** @param {number} day of the month */
function ordinal(day) {
  if (day >= 11 && day <= 13) return `${day}th`;
  return `${day}${{ 1: 'st', 2: 'nd', 3: 'rd' }[day % 10] ?? 'th'}`;
}

/**
 * @param {Date} date
 * @param {Intl.DateTimeFormatOptions} options
 */
const part = (date, options) => new Intl.DateTimeFormat('en-US', options).format(date);

/**
 * `today`, `yesterday`, `tomorrow` or nothing.
 *
 * @param {Date} date
 * @param {Date} now
 */
function nearDay(date, now) {
  return { '-1': 'Yesterday', 0: 'Today', 1: 'Tomorrow' }[String(dayNumber(date) - dayNumber(now))];
}

/** @param {Date} date */
const longDay = (date) =>
  `${part(date, { weekday: 'long' })}, ${part(date, { month: 'long' })} ${ordinal(date.getDate())}`;

/**
 * `3:07 PM`
 *
 * @param {number} seconds
 */
export function timeOfDay(seconds) {
  return part(new Date(seconds * 1000), { hour: 'numeric', minute: '2-digit' });
}

/**
 * The line between two days in a list of messages: `Today`, `Monday, January 5th`.
 *
 * @param {number} seconds
 * @param {Date} now
 */
export function dayHeading(seconds, now) {
  const date = new Date(seconds * 1000);
  const year = date.getFullYear() === now.getFullYear() ? '' : `, ${date.getFullYear()}`;
  return nearDay(date, now) ?? longDay(date) + year;
}

/**
 * `Today at 3:07 PM`, as beside the replies of a thread and in the tooltip of a time.
 *
 * @param {number} seconds
 * @param {Date} now
 */
export function dayAndTime(seconds, now) {
  const date = new Date(seconds * 1000);
  const day = nearDay(date, now) ?? part(date, { month: 'short', day: 'numeric' });
  return `${day} at ${part(date, { hour: 'numeric', minute: '2-digit', second: '2-digit' })}`;
}

/**
 * @param {number} seconds
 * @param {Date} now
 */
function ago(seconds, now) {
  const past = Math.round(now.getTime() / 1000 - seconds);
  /** @type {[number, Intl.RelativeTimeFormatUnit][]} */
  const units = [[86_400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']]; // prettier-ignore
  const [size, unit] = units.find(([size]) => Math.abs(past) >= size) ?? [1, 'second'];
  return new Intl.RelativeTimeFormat('en').format(-Math.trunc(past / size), unit);
}

/** @type {Record<string, (date: Date, now: Date) => string>} */
const TOKENS = {
  date_num: (date) =>
    [date.getFullYear(), date.getMonth() + 1, date.getDate()]
      .map((n) => String(n).padStart(2, '0'))
      .join('-'),
  date_slash: (date) => part(date, { month: '2-digit', day: '2-digit', year: 'numeric' }),
  date_long: (date) => `${longDay(date)}, ${date.getFullYear()}`,
  date_long_full: (date) => part(date, { month: 'long', day: 'numeric', year: 'numeric' }),
  date: (date) => `${part(date, { month: 'long' })} ${ordinal(date.getDate())}, ${date.getFullYear()}`,
  date_short: (date) => part(date, { month: 'short', day: 'numeric', year: 'numeric' }),
  day_divider_pretty: (date, now) => dayHeading(date.getTime() / 1000, now),
  time: (date) => part(date, { hour: 'numeric', minute: '2-digit' }),
  time_secs: (date) => part(date, { hour: 'numeric', minute: '2-digit', second: '2-digit' }),
  ago: (date, now) => ago(date.getTime() / 1000, now),
};

/**
 * Fills in the tokens of a Slack date format, such as `{date_short_pretty} at {time}`.
 *
 * @param {number} seconds
 * @param {string} format
 * @param {Date} [now]
 * @returns {string | undefined} nothing when the time or a token is not one that Slack knows: show the fallback
 */
export function formatSlackDate(seconds, format, now = new Date()) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  let known = true;
  const text = format.replaceAll(/\{(\w+)\}/g, (_, /** @type {string} */ token) => {
    const pretty = token.endsWith('_pretty') && token !== 'day_divider_pretty';
    const near = pretty ? nearDay(date, now)?.toLowerCase() : undefined;
    const write = TOKENS[pretty ? token.slice(0, -'_pretty'.length) : token];
    known &&= write !== undefined;
    return near ?? write?.(date, now) ?? '';
  });
  return known ? text : undefined;
}
