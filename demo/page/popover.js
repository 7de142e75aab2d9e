import { h } from './dom.js';

/**
 * Shows a panel beside an element, above everything else, and closes it when the person goes on elsewhere.
 *
 * @param {HTMLElement} anchor
 * @param {HTMLElement} panel
 * @param {{ width?: number, onClose?: () => void }} [options] width in pixels
 * @returns {{ place: () => void, close: () => void }}
 */
export function openPopover(anchor, panel, { width, onClose } = {}) {
  const holder = h('div', { class: 'popover', popover: 'manual' }, panel);
  // Inside a dialog everything else is inert, so the panel has to be inside too.
  (anchor.closest('dialog') ?? document.body).append(holder);
  holder.showPopover();

  const place = () => {
    if (!anchor.isConnected) return close();
    const box = anchor.getBoundingClientRect();
    const gap = 4;
    const edge = 8;
    holder.style.width = `${Math.min(width ?? Math.max(box.width, 220), innerWidth - 2 * edge)}px`;
    const { height } = holder.getBoundingClientRect();
    const below = innerHeight - box.bottom - gap - edge;
    const above = box.top - gap - edge;
    const up = height > below && above > below;
    panel.style.maxHeight = `${Math.max(120, up ? above : below)}px`;
    const used = Math.min(height, up ? above : below);
    holder.style.top = `${up ? box.top - gap - used : box.bottom + gap}px`;
    holder.style.left = `${Math.max(edge, Math.min(box.left, innerWidth - edge - holder.offsetWidth))}px`;
  };

  let open = true;
  const listening = new AbortController();
  const { signal } = listening;
  function close() {
    if (!open) return;
    open = false;
    listening.abort();
    holder.remove();
    onClose?.();
  }
  /** @param {Event} event */
  const outside = (event) => {
    if (event.target instanceof Node && !holder.contains(event.target) && !anchor.contains(event.target))
      close();
  };
  document.addEventListener('pointerdown', outside, { signal, capture: true });
  document.addEventListener('focusin', outside, { signal });
  addEventListener(
    'scroll',
    (event) => (holder.contains(/** @type {Node} */ (event.target)) ? undefined : place()),
    {
      signal,
      capture: true,
    },
  );
  addEventListener('resize', place, { signal });
  place();
  return { place, close };
}
