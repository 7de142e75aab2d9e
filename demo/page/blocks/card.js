import { h } from '../dom.js';
import { renderElement } from '../elements/element.js';
import { placeIn } from '../elements/place.js';
import { renderText } from '../text.js';
import { renderImageElement } from './image.js';

/**
 * @import { CardBlock, CarouselBlock } from '@slack/types'
 * @import { Surface } from '../surface.js'
 */

/**
 * @param {CardBlock} block
 * @param {Surface} surface
 */
export function renderCard(block, surface) {
  const { hero_image, icon: picture, title, subtitle, body, actions } = block;
  const place = placeIn(block, surface);
  return h(
    'div',
    { class: 'card' },
    hero_image ? h('div', { class: 'card-hero' }, renderImageElement(hero_image)) : null,
    title || subtitle || picture
      ? h(
          'div',
          { class: 'card-head' },
          picture ? renderImageElement(picture) : null,
          h(
            'div',
            null,
            title ? h('div', { class: 'card-title' }, renderText(title, surface.names)) : null,
            subtitle ? h('div', { class: 'card-subtitle' }, renderText(subtitle, surface.names)) : null,
          ),
        )
      : null,
    body ? h('div', { class: 'card-body' }, renderText(body, surface.names)) : null,
    actions?.length
      ? h(
          'div',
          { class: 'actions' },
          actions.map((button) => renderElement(button, place)),
        )
      : null,
  );
}

/**
 * @param {CarouselBlock} block
 * @param {Surface} surface
 */
export function renderCarousel({ elements }, surface) {
  return h(
    'div',
    { class: 'carousel', role: 'group', tabindex: 0 },
    elements.map((card) => renderCard(card, surface)),
  );
}
