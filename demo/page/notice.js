import { h } from './dom.js';
import { closeButton } from './dialog.js';

const LINGER_MS = 12_000;
const region = h('div', { class: 'notices', role: 'alert' });

/**
 * Tells the person of something that went wrong, without taking the focus.
 *
 * @param {string} sentence
 */
export function showNotice(sentence) {
  // A notice has to be above an open dialog, and reachable while the rest is inert.
  ([...document.querySelectorAll('dialog')].at(-1) ?? document.body).append(region);
  const node = h(
    'div',
    { class: 'notice' },
    h('span', null, sentence),
    closeButton('Dismiss', () => node.remove()),
  );
  region.append(node);
  setTimeout(() => node.remove(), LINGER_MS);
}
