/** @import { Surface } from '../surface.js' */

/**
 * Makes a button show and hide a part, as the person last left it.
 *
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} part
 * @param {Surface} surface
 * @param {string} path
 * @param {boolean} initially
 */
export function keepOpen(button, part, surface, path, initially) {
  /** @param {boolean} open */
  const set = (open) => {
    part.hidden = !open;
    button.ariaExpanded = String(open);
  };
  set(surface.memory.isOpen(path, initially));
  button.addEventListener('click', () => {
    set(part.hidden !== false);
    surface.memory.setOpen(path, part.hidden === false);
  });
}
