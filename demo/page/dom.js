/**
 * Builds DOM nodes. Text always becomes a text node, so nothing that a message says can become markup.
 *
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {{ hear(event: Event): unknown }['hear']} Listener
 * @typedef {Record<string, string | number | boolean | null | undefined | Listener>} Props
 */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props | null} [props] attributes; `onclick` and the like are listeners, `true` is an empty attribute, and
 *   false, null and undefined leave it out
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  append(node, ...children);
  return node;
}

/**
 * @param {Element} node
 * @param {string} name
 * @param {Props[string]} value
 */
function setProp(node, name, value) {
  if (typeof value === 'function') node.addEventListener(name.slice(2), value);
  else if (value === false || value === null || value === undefined) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? '' : String(value));
}

/**
 * @param {Node} parent
 * @param {...(Child | Child[])} children
 */
function append(parent, ...children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false || child === '') continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/**
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function refill(parent, ...children) {
  parent.replaceChildren();
  append(parent, ...children);
}

/**
 * @param {string} tag
 * @param {Props} props
 * @param {...SVGElement} children
 */
export function svg(tag, props, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(...children);
  return node;
}

/**
 * The address if a browser may safely follow it, otherwise nothing: `javascript:` and the like stay text.
 *
 * @param {string} url
 */
export function safeUrl(url) {
  if (!URL.canParse(url, location.origin)) return undefined;
  const { protocol, href } = new URL(url, location.origin);
  return ['http:', 'https:', 'mailto:', 'tel:'].includes(protocol) ? href : undefined;
}

/**
 * A link that opens elsewhere, or just its text when the address is not one to follow.
 *
 * @param {string} url
 * @param {...(Child | Child[])} children
 */
export function link(url, ...children) {
  const href = safeUrl(url);
  return href === undefined
    ? h('span', null, ...children)
    : h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, ...children);
}
