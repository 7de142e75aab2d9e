import { h } from './dom.js';
import { displayName } from './names.js';

/** @import { PageUser } from '../slack/page-api.ts' */

/**
 * Initials on the person's colour.
 *
 * @param {PageUser} user
 * @param {'small' | 'medium' | 'large'} [size]
 */
export function avatar(user, size = 'medium') {
  const words = (user.real_name || user.name).split(/[\s._-]+/).filter(Boolean);
  const initials = words.slice(0, 2).map((word) => word[0]?.toUpperCase() ?? '').join(''); // prettier-ignore
  const node = h(
    'span',
    { class: `avatar ${size}`, 'aria-hidden': 'true', title: displayName(user) },
    initials,
  );
  node.style.backgroundColor = /^[0-9a-f]{3,8}$/i.test(user.color) ? `#${user.color}` : user.color;
  return node;
}
