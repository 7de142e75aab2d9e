import { h } from '../dom.js';
import { icon } from '../icons.js';
import { renderRichText } from '../rich-text.js';
import { plainText, renderText } from '../text.js';
import { renderImageElement } from './image.js';
import { keepOpen } from './disclosure.js';

/**
 * @import { AlertBlock, ContainerBlock } from '@slack/types'
 * @import { Surface } from '../surface.js'
 */

let containers = 0;

/**
 * @param {ContainerBlock} block
 * @param {Surface} surface
 * @param {string} path
 * @param {HTMLElement} children its blocks, drawn
 */
export function renderContainer(block, surface, path, children) {
  const { subtitle, icon: picture, rich_text_title } = block;
  const heading = h(
    'span',
    { class: 'container-heading' },
    h(
      'span',
      { class: 'container-title' },
      rich_text_title ? renderRichText(rich_text_title, surface.names) : plainText(block.title),
    ),
    subtitle ? h('span', { class: 'container-subtitle' }, renderText(subtitle, surface.names)) : null,
  );
  const parts = [picture ? renderImageElement(picture) : null, heading];
  children.classList.add('container-body');
  const className = `container width-${block.width ?? 'standard'}`;
  if (!block.is_collapsible) {
    const head = h('div', { class: `container-head ${block.has_header_divider ? 'divided' : ''}` }, parts);
    return h('div', { class: className }, head, children);
  }
  children.id = `container-${++containers}`;
  const head = h(
    'button',
    { type: 'button', class: 'container-head', 'aria-controls': children.id, 'data-focus': path },
    parts,
    icon('down', 18),
  );
  keepOpen(head, children, surface, path, !block.default_collapsed);
  return h('div', { class: className }, head, children);
}

/**
 * @param {AlertBlock} block
 * @param {Surface} surface
 */
export function renderAlert({ text, level = 'default' }, surface) {
  const name = level === 'success' ? 'check' : level === 'default' || level === 'info' ? 'info' : 'alert';
  return h(
    'div',
    { class: `alert ${level}`, role: level === 'error' ? 'alert' : 'status' },
    h('span', { class: 'alert-mark' }, icon(name, 14)),
    renderText(text, surface.names),
  );
}
