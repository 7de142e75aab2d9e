import { h } from './dom.js';
import { withEmoji } from './emoji.js';
import { unescapeEntities } from './mrkdwn/references.js';
import { renderMrkdwn } from './mrkdwn/render.js';

/**
 * @import { TextObject, PlainTextElement } from '@slack/types'
 * @import { Names } from './names.js'
 */

/**
 * The characters of a plain text object: Slack shows entities unescaped, and emoji unless told not to.
 *
 * @param {PlainTextElement | { text: string, emoji?: boolean } | undefined} object
 */
export function plainText(object) {
  if (!object) return '';
  const text = unescapeEntities(object.text);
  return object.emoji === false ? text : withEmoji(text);
}

/**
 * @param {TextObject} object
 * @param {Names} names
 * @returns {HTMLElement}
 */
export function renderText(object, names) {
  return object.type === 'mrkdwn'
    ? renderMrkdwn(object.text, names)
    : h('div', { class: 'plain' }, plainText(object));
}
