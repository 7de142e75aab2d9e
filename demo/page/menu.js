import { h } from './dom.js';
import { openPopover } from './popover.js';

/**
 * @typedef {{ label: string, description?: string, onSelect: () => void }} MenuItem
 */

/**
 * Makes a button open a menu: arrows move, Enter chooses, Escape closes.
 *
 * @param {HTMLButtonElement} button
 * @param {() => MenuItem[]} items
 */
export function menuButton(button, items) {
  button.setAttribute('aria-haspopup', 'menu');
  button.setAttribute('aria-expanded', 'false');
  /** @type {ReturnType<typeof openPopover> | undefined} */
  let popover;
  const close = () => {
    popover?.close();
    button.focus();
  };
  button.addEventListener('click', () => {
    if (popover) return close();
    const entries = items().map(({ label, description, onSelect }) =>
      h(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          class: 'menu-item',
          tabindex: -1,
          onclick: () => {
            close();
            onSelect();
          },
        },
        h('span', null, label),
        description ? h('span', { class: 'menu-description' }, description) : null,
      ),
    );
    const panel = h('div', { role: 'menu', class: 'menu' }, entries);
    panel.addEventListener('keydown', (event) => {
      const at = entries.findIndex((entry) => entry === document.activeElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
      if (to !== undefined) entries.at(to % entries.length)?.focus();
      else if (event.key === 'Escape' || event.key === 'Tab') close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    button.setAttribute('aria-expanded', 'true');
    popover = openPopover(button, panel, {
      width: 240,
      onClose: () => {
        popover = undefined;
        button.setAttribute('aria-expanded', 'false');
      },
    });
    entries[0]?.focus();
    return undefined;
  });
}
