import { formatSlackDate } from './dates.js';
import { h, link } from './dom.js';
import { emojiCharacter } from './emoji.js';

/** @import { Names } from './names.js' */

/**
 * @param {'user' | 'usergroup'} kind
 * @param {string} id
 * @param {string} label
 * @param {Names} names
 */
export function mention(kind, id, label, names) {
  const name = kind === 'user' ? names.user(id, label) : names.usergroup(id, label);
  return h('span', { class: names.meansMe(id) ? 'mention mention-me' : 'mention' }, `@${name}`);
}

/**
 * @param {string} id
 * @param {string} label
 * @param {Names} names
 */
export function channelMention(id, label, names) {
  const known = names.channels.has(id);
  const text = `#${names.channel(id, label)}`;
  return known
    ? h('a', { class: 'mention', href: `#${id}`, 'data-channel': id }, text)
    : h('span', { class: 'mention' }, text);
}

/** @param {string} range `here`, `channel` or `everyone` */
export function broadcast(range) {
  return h('span', { class: 'mention mention-me' }, `@${range.replace(/\|.*/, '')}`);
}

/**
 * @param {string} name
 * @param {string} whole what to show when nothing is called so
 */
export function emoji(name, whole) {
  const character = emojiCharacter(name.replace(/::.*/, ''));
  if (character === undefined) return document.createTextNode(whole);
  return h(
    'span',
    { class: 'emoji', role: 'img', 'aria-label': `${name.replaceAll('_', ' ')} emoji`, title: `:${name}:` },
    character,
  );
}

/**
 * @param {number} seconds
 * @param {string} format
 * @param {string} url
 * @param {string} fallback
 */
export function date(seconds, format, url, fallback) {
  const text = formatSlackDate(seconds, format) ?? fallback;
  const node = h('time', { class: 'date', title: fallback || null }, text);
  return url ? link(url, node) : node;
}
