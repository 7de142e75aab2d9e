/**
 * Slack makes up the ids that an app left out, anew at each edit. A block that is otherwise the same keeps its nodes,
 * so that a button with an open question or a pending answer survives an edit; it only learns its new ids.
 *
 * @import { PageBlock } from '../../slack/page-api.ts'
 */
import { holdsValues } from '../elements/state.js';

/** @type {WeakMap<Element, readonly PageBlock[]>} */
const drawn = new WeakMap();

/**
 * What there is to see of a block. Inputs and selects are known by their ids, so those count as seen.
 *
 * @param {PageBlock} block
 */
export function printOf(block) {
  if (holdsValues(block)) return JSON.stringify(block);
  return JSON.stringify(block, (key, /** @type {unknown} */ value) =>
    key === 'block_id' ? undefined : value,
  );
}

/**
 * @param {Element} holder
 * @param {readonly PageBlock[]} blocks
 * @returns {readonly PageBlock[]} the block objects whose nodes are in the holder, where nothing else changed
 */
export function withDrawnOnes(holder, blocks) {
  const before = drawn.get(holder) ?? [];
  const now = blocks.map((block, i) => {
    const old = before[i];
    if (!old || printOf(old) !== printOf(block)) return block;
    adoptIds(old, block);
    return old;
  });
  drawn.set(holder, now);
  return now;
}

/**
 * @param {object} old
 * @param {object} fresh of the same shape
 */
function adoptIds(old, fresh) {
  const target = /** @type {Record<string, unknown>} */ (old);
  for (const [key, value] of Object.entries(/** @type {Record<string, unknown>} */ (fresh))) {
    const inner = target[key];
    if (key === 'block_id') target[key] = value;
    else if (typeof value === 'object' && value !== null && typeof inner === 'object' && inner !== null)
      adoptIds(inner, value);
  }
}
