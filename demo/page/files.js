import { h, refill } from './dom.js';
import { icon } from './icons.js';
import { showLarge } from './lightbox.js';

/**
 * @import { PageFile } from '../slack/page-api.ts'
 * @import { Surface } from './surface.js'
 */

/** Lines of a snippet that show before it is opened, and how much of it is shown at all. */
const PREVIEW_LINES = 8;
const MAX_LINES = 2000;

/**
 * @param {PageFile} file
 * @param {Surface} surface
 * @returns {HTMLElement}
 */
export function renderFile(file, surface) {
  if (file.mimetype.startsWith('image/')) return pictureFile(file, surface);
  if (/^text\/|json|yaml|xml|javascript/.test(file.mimetype) || file.filetype === 'text')
    return snippet(file, surface);
  return h(
    'a',
    { class: 'file-card', href: file.url, download: file.name },
    icon('file', 32),
    h(
      'span',
      null,
      h('b', null, file.title || file.name),
      h('span', null, `${file.filetype.toUpperCase()}, ${size(file.size)}`),
    ),
  );
}

/** @param {number} bytes */
function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/**
 * @param {PageFile} file
 * @param {Surface} surface
 */
function pictureFile(file, surface) {
  const path = `file/${file.id}`;
  const title = file.title || file.name;
  const frame = h(
    'button',
    {
      type: 'button',
      class: 'image-frame',
      'aria-label': `Show larger: ${title}`,
      onclick: () => showLarge(file.url, title),
    },
    h('img', { src: file.url, alt: title }),
  );
  frame.hidden = !surface.memory.isOpen(path, true);
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'image-title',
      'aria-expanded': String(!frame.hidden),
      onclick: () => {
        frame.hidden = !frame.hidden;
        toggle.ariaExpanded = String(!frame.hidden);
        surface.memory.setOpen(path, !frame.hidden);
      },
    },
    title,
    icon('down', 14),
  );
  return h('div', { class: 'image' }, toggle, frame);
}

/**
 * A text file: its first lines, and the rest at a press.
 *
 * @param {PageFile} file
 * @param {Surface} surface
 */
function snippet(file, surface) {
  const path = `file/${file.id}`;
  const code = h('ol', { class: 'snippet-lines' });
  const more = h('button', { type: 'button', class: 'snippet-more' });
  more.hidden = true;
  /** @type {string[]} */
  let lines = [];
  const show = () => {
    const open = surface.memory.isOpen(path, false);
    refill(
      code,
      lines.slice(0, open ? MAX_LINES : PREVIEW_LINES).map((line) => h('li', null, line)),
    );
    more.hidden = lines.length <= PREVIEW_LINES;
    more.ariaExpanded = String(open);
    more.textContent = open ? 'Show less' : `Show all ${lines.length} lines`;
  };
  more.addEventListener('click', () => {
    surface.memory.setOpen(path, !surface.memory.isOpen(path, false));
    show();
  });
  const load = async () => {
    const response = await fetch(file.url);
    if (!response.ok) throw new Error(String(response.status));
    lines = (await response.text()).replace(/\n$/, '').split('\n');
    show();
    // To the list of messages this is as good as a picture: it takes its height late.
    code.dispatchEvent(new Event('load'));
  };
  load().catch(() => refill(code, h('li', null, 'This file could not be loaded.')));
  return h(
    'div',
    { class: 'snippet' },
    h(
      'div',
      { class: 'snippet-head' },
      h('b', null, file.title || file.name),
      h('a', { href: file.url, download: file.name }, 'Download'),
    ),
    h(
      'div',
      { class: 'snippet-code', tabindex: 0, role: 'region', 'aria-label': file.title || file.name },
      code,
    ),
    more,
  );
}
