import { h, link } from '../dom.js';
import { emojiCharacter } from '../emoji.js';
import { emoji } from '../mentions.js';

/** @import { Child } from '../dom.js' */

/**
 * What may stand within a line, in the order in which they are tried at each place.
 *
 * @type {[RegExp, (match: RegExpMatchArray) => Child][]}
 */
const RULES = [
  [/^\\([\\`*_{}[\]()#+\-.!|~>])/, ([, char]) => char],
  [/^(`+)([^]*?[^`])\1(?!`)/, ([, , code]) => h('code', null, code?.trim())],
  [/^\*\*(?=\S)([^]*?\S)\*\*/, ([, inner]) => h('b', null, renderInline(inner ?? ''))],
  [/^__(?=\S)([^]*?\S)__(?!\w)/, ([, inner]) => h('b', null, renderInline(inner ?? ''))],
  [/^~~(?=\S)([^]*?\S)~~/, ([, inner]) => h('s', null, renderInline(inner ?? ''))],
  [/^\*(?=\S)([^*]*?\S)\*/, ([, inner]) => h('i', null, renderInline(inner ?? ''))],
  [/^_(?=\S)([^_]*?\S)_(?!\w)/, ([, inner]) => h('i', null, renderInline(inner ?? ''))],
  [
    /^!?\[([^\]]*)\]\(<?([^\s)>]+)>?(?:\s+"[^"]*")?\)/,
    ([, label, url]) => link(url ?? '', ...renderInline(label ?? '')),
  ],
  [/^<(https?:\/\/[^\s>]+)>/, ([, url]) => link(url ?? '', url)],
  [/^https?:\/\/[^\s<>]*[^\s<>.,;:!?)\]'"*_~]/, ([url]) => link(url, url)],
  [/^:([a-z0-9_+'-]{1,60}):/, ([whole, name = '']) => (emojiCharacter(name) ? emoji(name, whole) : whole)],
];

/** Characters at which a rule can begin; `_` and links also need a word to end before them. */
const START = /[\\`*_~![<h:]/;

/**
 * @param {string} text
 * @returns {Child[]}
 */
export function renderInline(text) {
  /** @type {Child[]} */
  const nodes = [];
  let plain = '';
  for (let i = 0; i < text.length;) {
    const char = text[i] ?? '';
    const inWord = /\w/.test(text[i - 1] ?? '') && /[_h]/.test(char);
    const found = START.test(char) && !inWord ? matchAt(text.slice(i)) : undefined;
    if (found) {
      nodes.push(plain, found.node);
      plain = '';
      i += found.length;
    } else {
      plain += char;
      i++;
    }
  }
  return [...nodes, plain];
}

/** @param {string} rest */
function matchAt(rest) {
  for (const [rule, draw] of RULES) {
    const match = rest.match(rule);
    if (match) return { node: draw(match), length: match[0].length };
  }
  return undefined;
}
