import { closeButton, openDialog } from './dialog.js';
import { h } from './dom.js';

/**
 * Shows a picture as large as the window allows.
 *
 * @param {string} src
 * @param {string} alt
 */
export function showLarge(src, alt) {
  const { dialog, close } = openDialog({
    className: 'lightbox',
    labelledBy: 'lightbox-title',
    onCancel: () => close(),
  });
  dialog.append(
    h(
      'header',
      { class: 'dialog-head' },
      h('h2', { id: 'lightbox-title' }, alt || 'Picture'),
      closeButton('Close', close),
    ),
    h('img', { src, alt }),
  );
}
