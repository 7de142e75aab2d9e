import { h, link } from './dom.js';
import { broadcast, channelMention, date, emoji, mention } from './mentions.js';

/**
 * @import { RichTextBlock, RichTextElement, RichTextBlockElement, RichTextList } from '@slack/types'
 * @import { Names } from './names.js'
 */

/** What marks the items of a list, by how far it is indented. */
const BULLETS = ['disc', 'circle', 'square'];
const NUMBERS = ['decimal', 'lower-alpha', 'lower-roman'];

/**
 * @param {Pick<RichTextBlock, 'elements'>} block
 * @param {Names} names
 */
export function renderRichText(block, names) {
  return h(
    'div',
    { class: 'rich-text' },
    block.elements.map((element) => renderPart(element, names)),
  );
}

/**
 * @param {RichTextBlockElement} part
 * @param {Names} names
 */
function renderPart(part, names) {
  switch (part.type) {
    case 'rich_text_section':
      return h('div', { class: 'rich-section' }, inline(part.elements, names));
    case 'rich_text_quote':
      return h('blockquote', null, inline(part.elements, names));
    case 'rich_text_preformatted':
      return h('pre', { tabindex: 0 }, inline(part.elements, names));
    case 'rich_text_list':
      return renderList(part, names);
    default:
      return part;
  }
}

/**
 * @param {RichTextList & { offset?: number }} list
 * @param {Names} names
 */
function renderList(list, names) {
  const indent = list.indent ?? 0;
  const ordered = list.style === 'ordered';
  const node = h(
    ordered ? 'ol' : 'ul',
    { class: list.border ? 'bordered' : null, start: ordered && list.offset ? list.offset + 1 : null },
    list.elements.map((item) => h('li', null, inline(item.elements, names))),
  );
  node.style.setProperty('--indent', String(indent));
  node.style.listStyleType = (ordered ? NUMBERS : BULLETS)[indent % 3] ?? '';
  return node;
}

/**
 * @param {RichTextElement[]} elements
 * @param {Names} names
 */
const inline = (elements, names) => elements.map((element) => styled(element, renderElement(element, names)));

/**
 * @param {RichTextElement} element
 * @param {Names} names
 * @returns {Node}
 */
function renderElement(element, names) {
  switch (element.type) {
    case 'text':
      return document.createTextNode(element.text);
    case 'link':
      return link(element.url, element.text ?? element.url);
    case 'user':
      return mention('user', element.user_id, '', names);
    case 'usergroup':
      return mention('usergroup', element.usergroup_id, '', names);
    case 'channel':
      return channelMention(element.channel_id, '', names);
    case 'broadcast':
      return broadcast(element.range);
    case 'emoji':
      return emoji(element.name, `:${element.name}:`);
    case 'date':
      return date(element.timestamp, element.format, element.url ?? '', element.fallback ?? '');
    case 'color':
      return color(element.value);
    case 'team':
      return document.createTextNode(element.team_id);
    default:
      return element;
  }
}

/** @param {string} value such as `#F405B3` */
function color(value) {
  const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
  swatch.style.backgroundColor = value;
  return h('span', null, swatch, value);
}

/**
 * @param {RichTextElement} element
 * @param {Node} node
 */
function styled(element, node) {
  const { bold, italic, strike, underline, code } = element.style ?? {};
  /** @type {['code' | 's' | 'u' | 'i' | 'b', boolean | undefined][]} */
  const wraps = [
    ['code', code],
    ['s', strike],
    ['u', underline],
    ['i', italic],
    ['b', bold],
  ];
  return wraps.reduce((inner, [tag, wanted]) => (wanted ? h(tag, null, inner) : inner), node);
}
