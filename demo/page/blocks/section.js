import { h } from '../dom.js';
import { renderElement } from '../elements/element.js';
import { placeIn } from '../elements/place.js';
import { renderImageElement } from './image.js';
import { renderText } from '../text.js';

/**
 * @import { SectionBlock, ContextBlock, ActionsBlock, HeaderBlock, ContextActionsBlock } from '@slack/types'
 * @import { Surface } from '../surface.js'
 */

/**
 * @param {SectionBlock} block
 * @param {Surface} surface
 */
export function renderSection(block, surface) {
  const { text, fields, accessory } = block;
  return h(
    'div',
    { class: 'section' },
    h(
      'div',
      { class: 'section-main' },
      text ? renderText(text, surface.names) : null,
      fields
        ? h(
            'div',
            { class: 'fields' },
            fields.map((field) => renderText(field, surface.names)),
          )
        : null,
    ),
    accessory
      ? h(
          'div',
          { class: 'accessory' },
          accessory.type === 'image'
            ? renderImageElement(accessory)
            : renderElement(accessory, placeIn(block, surface)),
        )
      : null,
  );
}

/**
 * @param {ContextBlock} block
 * @param {Surface} surface
 */
export function renderContext({ elements }, surface) {
  return h(
    'div',
    { class: 'context' },
    elements.map((element) =>
      element.type === 'image' ? renderImageElement(element) : renderText(element, surface.names),
    ),
  );
}

/**
 * @param {ActionsBlock | ContextActionsBlock} block
 * @param {Surface} surface
 */
export function renderActions(block, surface) {
  return h(
    'div',
    { class: block.type === 'actions' ? 'actions' : 'actions small' },
    block.elements.map((element) => renderElement(element, placeIn(block, surface))),
  );
}

/**
 * @param {HeaderBlock} block
 * @param {Surface} surface
 */
export function renderHeader({ text }, surface) {
  return h('h3', { class: 'header' }, renderText(text, surface.names));
}
