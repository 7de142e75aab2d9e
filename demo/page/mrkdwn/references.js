/**
 * What mrkdwn escapes and refers to: `&amp;`, `<@U1>`, `<https://..|label>`.
 *
 * @typedef {{ kind: 'link', url: string, label: string }
 *   | { kind: 'user' | 'channel' | 'usergroup', id: string, label: string }
 *   | { kind: 'broadcast', range: string }
 *   | { kind: 'date', seconds: number, format: string, url: string, fallback: string }} Reference
 *
 * @typedef {string | Reference} Cell one character, or a `<...>` that counts as one
 */

/** Anything else between angle brackets is what it looks like: text that nobody escaped. */
const REFERENCE = /(<(?:[@#!]|[a-z][a-z0-9+.-]*:)[^<>\n]*>)/i;

/** @param {string} text */
export const unescapeEntities = (text) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/**
 * @param {string} text
 * @returns {Cell[]}
 */
export function toCells(text) {
  return text.split(REFERENCE).flatMap((piece, i) => {
    /** @type {Cell[]} */
    const cells = i % 2 === 1 ? [parseReference(piece.slice(1, -1))] : Array.from(unescapeEntities(piece));
    return cells;
  });
}

/**
 * What stands between `<` and `>`.
 *
 * @param {string} inside
 * @returns {Reference}
 */
function parseReference(inside) {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = unescapeEntities(bar < 0 ? '' : inside.slice(bar + 1));
  if (target.startsWith('@')) return { kind: 'user', id: target.slice(1), label };
  if (target.startsWith('#')) return { kind: 'channel', id: target.slice(1), label };
  if (target.startsWith('!subteam^'))
    return { kind: 'usergroup', id: target.slice('!subteam^'.length), label };
  if (target.startsWith('!date^')) {
    const [, seconds = '', format = '', url = ''] = target.split('^');
    return {
      kind: 'date',
      seconds: Number(seconds),
      format: unescapeEntities(format),
      url: unescapeEntities(url),
      fallback: label,
    };
  }
  if (target.startsWith('!')) return { kind: 'broadcast', range: target.slice(1) };
  const url = unescapeEntities(target);
  return { kind: 'link', url, label: label || url.replace(/^mailto:/, '') };
}
