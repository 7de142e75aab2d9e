import { h, link } from '../dom.js';
import { broadcast, channelMention, date, emoji, mention } from '../mentions.js';
import { parseMrkdwn } from './parse.js';

/**
 * @import { MrkdwnNode } from './parse.js'
 * @import { Names } from '../names.js'
 */

/**
 * @param {string} text Slack mrkdwn
 * @param {Names} names
 * @returns {HTMLElement}
 */
export function renderMrkdwn(text, names) {
  return h(
    'div',
    { class: 'mrkdwn' },
    parseMrkdwn(text).map((node) => render(node, names)),
  );
}

/**
 * @param {MrkdwnNode} node
 * @param {Names} names
 * @returns {Node}
 */
function render(node, names) {
  switch (node.kind) {
    case 'text':
      return document.createTextNode(node.text);
    case 'break':
      return h('br');
    case 'bold':
      return h('b', null, children(node, names));
    case 'italic':
      return h('i', null, children(node, names));
    case 'strike':
      return h('s', null, children(node, names));
    case 'code':
      return h('code', null, children(node, names));
    case 'quote':
      return h('blockquote', null, children(node, names));
    case 'pre':
      return h('pre', { tabindex: 0 }, children(node, names));
    case 'emoji':
      return emoji(node.name, node.whole);
    case 'link':
      return link(node.url, node.label);
    case 'user':
    case 'usergroup':
      return mention(node.kind, node.id, node.label, names);
    case 'channel':
      return channelMention(node.id, node.label, names);
    case 'broadcast':
      return broadcast(node.range);
    case 'date':
      return date(node.seconds, node.format, node.url, node.fallback);
    default:
      return node;
  }
}

/**
 * @param {{ children: MrkdwnNode[] }} node
 * @param {Names} names
 */
const children = (node, names) => node.children.map((child) => render(child, names));
