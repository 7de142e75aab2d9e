import { h, safeUrl } from '../dom.js';
import { icon } from '../icons.js';
import { showLarge } from '../lightbox.js';
import { plainText } from '../text.js';

/**
 * @import { ImageBlock, ImageElement } from '@slack/types'
 * @import { Surface } from '../surface.js'
 */

/**
 * The server gives a `slack_file` its address on this server as well, so there is always an `image_url`.
 *
 * @param {object} image
 */
function addressOf(image) {
  return 'image_url' in image && typeof image.image_url === 'string' ? safeUrl(image.image_url) : undefined;
}

/**
 * A picture, or the words for it where the picture can't be had.
 *
 * @param {object} image
 * @param {string} alt
 */
function picture(image, alt) {
  const missing = () => h('span', { class: 'image-missing' }, alt || 'This picture could not be loaded.');
  const src = addressOf(image);
  if (src === undefined) return missing();
  const node = h('img', { src, alt });
  node.addEventListener('error', () => node.replaceWith(missing()));
  return node;
}

/**
 * The small picture of a context, a section or a card.
 *
 * @param {ImageElement} element
 */
export function renderImageElement(element) {
  return picture(element, element.alt_text);
}

/**
 * @param {ImageBlock} block
 * @param {Surface} surface
 * @param {string} path
 */
export function renderImage(block, surface, path) {
  const open = surface.memory.isOpen(path, true);
  const node = picture(block, block.alt_text);
  const title = plainText(block.title);
  const frame =
    node instanceof HTMLImageElement
      ? h(
          'button',
          {
            type: 'button',
            class: 'image-frame',
            'aria-label': `Show larger: ${block.alt_text}`,
            onclick: () => showLarge(node.src, block.alt_text),
          },
          node,
        )
      : node;
  frame.hidden = !open;
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'image-title',
      'aria-expanded': String(open),
      'data-focus': path,
      onclick: () => {
        frame.hidden = !frame.hidden;
        toggle.ariaExpanded = String(!frame.hidden);
        surface.memory.setOpen(path, !frame.hidden);
      },
    },
    title,
    icon('down', 14),
  );
  return h('div', { class: 'image' }, title ? toggle : null, frame);
}
