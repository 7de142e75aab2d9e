import { h, safeUrl } from '../dom.js';
import { icon } from '../icons.js';
import { showLarge } from '../lightbox.js';
import { plainText } from '../text.js';

/**
 * @import { ImageBlock, ImageElement } from '@slack/types'
 * @import { Surface } from '../surface.js'
 */

/**
 * @param {object} image
 * @param {Surface} surface
 * @returns {string | undefined} an address on this server, or the one that the app gave
 */
function addressOf(image, surface) {
  if ('image_url' in image && typeof image.image_url === 'string') return safeUrl(image.image_url);
  const { slack_file } = /** @type {{ slack_file?: { id?: string, url?: string } }} */ (image);
  return slack_file?.id === undefined ? slack_file?.url : surface.fileUrl(slack_file.id);
}

/**
 * A picture, or the words for it where the picture can't be had.
 *
 * @param {object} image
 * @param {string} alt
 * @param {Surface} surface
 */
function picture(image, alt, surface) {
  const missing = () => h('span', { class: 'image-missing' }, alt || 'This picture could not be loaded.');
  const src = addressOf(image, surface);
  if (src === undefined) return missing();
  const node = h('img', { src, alt });
  node.addEventListener('error', () => node.replaceWith(missing()));
  return node;
}

/**
 * The small picture of a context, a section or a card.
 *
 * @param {ImageElement} element
 * @param {Surface} surface
 */
export function renderImageElement(element, surface) {
  return picture(element, element.alt_text, surface);
}

/**
 * @param {ImageBlock} block
 * @param {Surface} surface
 * @param {string} path
 */
export function renderImage(block, surface, path) {
  const open = surface.memory.isOpen(path, true);
  const node = picture(block, block.alt_text, surface);
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
