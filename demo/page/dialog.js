import { h } from './dom.js';
import { icon } from './icons.js';

/**
 * A dialog over the page: the browser makes the rest inert, Escape asks to close, focus goes back to where it was.
 *
 * @param {object} options
 * @param {string} options.className
 * @param {string} options.labelledBy id of the heading
 * @param {() => void} options.onCancel Escape was pressed; the dialog stays until `close()`
 * @param {'dialog' | 'alertdialog'} [options.role]
 */
export function openDialog({ className, labelledBy, onCancel, role = 'dialog' }) {
  const before = document.activeElement;
  const dialog = h('dialog', {
    class: className,
    'aria-labelledby': labelledBy,
    role,
    'aria-modal': 'true',
    closedby: 'none',
  });
  dialog.addEventListener('keydown', (event) => {
    keepFocusInside(dialog, event);
    // A second Escape would close the dialog unasked if the browser handled it.
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    onCancel();
  });
  document.body.append(dialog);
  dialog.showModal();
  const close = () => {
    dialog.close();
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
  return { dialog, close };
}

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select, [tabindex="0"]';

/**
 * The browser keeps the page behind out of reach, but Tab would still leave for its own bars.
 *
 * @param {HTMLDialogElement} dialog
 * @param {KeyboardEvent} event
 */
function keepFocusInside(dialog, event) {
  if (event.key !== 'Tab') return;
  /** @type {HTMLElement[]} */
  const stops = [...dialog.querySelectorAll(/** @type {'a'} */ (FOCUSABLE))].filter((node) =>
    node.checkVisibility(),
  );
  const [first, last] = [stops[0], stops.at(-1)];
  const leaving = event.shiftKey ? document.activeElement === first : document.activeElement === last;
  if (!leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

/**
 * @param {string} label
 * @param {() => void} onclick
 */
export function closeButton(label, onclick) {
  return h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': label, onclick },
    icon('close', 20),
  );
}
