/**
 * Keeps a list of nodes in step with a list of things, touching only the nodes whose thing changed: what the person
 * opened, typed or scrolled inside the others stays as it is.
 *
 * @typedef {{ print: string, node: HTMLElement }} Kept
 */

/** @type {WeakMap<Element, Map<string, Kept>>} */
const shown = new WeakMap();

/**
 * @template T
 * @param {Element} parent holds nothing but these nodes
 * @param {readonly T[]} items
 * @param {object} how
 * @param {(item: T, index: number) => string} how.key unique among the items
 * @param {(item: T) => string} how.print the same print means nothing to draw
 * @param {(item: T, index: number, previous: HTMLElement | undefined) => HTMLElement} how.render may return the
 *   previous node, brought up to date
 */
export function keepInStep(parent, items, { key, print, render }) {
  const before = shown.get(parent) ?? /** @type {Map<string, Kept>} */ (new Map());
  /** @type {Map<string, Kept>} */
  const after = new Map();
  items.forEach((item, index) => {
    const name = key(item, index);
    const old = before.get(name);
    const now = print(item);
    after.set(
      name,
      old?.print === now
        ? old
        : { print: now, node: redraw(old?.node, () => render(item, index, old?.node)) },
    );
  });
  for (const [name, { node }] of before) if (after.get(name)?.node !== node) node.remove();
  let at = parent.firstElementChild;
  for (const { node } of after.values()) {
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  shown.set(parent, after);
}

/**
 * Draws a node anew and gives the new one the place and the focus of the old one.
 *
 * @param {HTMLElement | undefined} old
 * @param {() => HTMLElement} draw
 */
function redraw(old, draw) {
  const focused = document.activeElement;
  const mark =
    old?.contains(focused) && focused instanceof HTMLElement ? focused.dataset['focus'] : undefined;
  const node = draw();
  if (!old || node === old) return node;
  old.replaceWith(node);
  if (mark !== undefined) {
    const heir = [...node.querySelectorAll('[data-focus]')].find(
      (e) => e.getAttribute('data-focus') === mark,
    );
    if (heir instanceof HTMLElement) heir.focus({ preventScroll: true });
  }
  return node;
}
