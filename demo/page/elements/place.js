/**
 * Where an element stands: in which block of which surface, and how its label finds it.
 *
 * @import { ElementState } from '../../slack/page-api.ts'
 * @import { ConfirmationDialog } from '@slack/types'
 * @import { Surface } from '../surface.js'
 *
 * @typedef {object} Place
 * @property {Surface} surface
 * @property {string} block_id
 * @property {boolean} dispatches whether a change is told to the app at once
 * @property {string} [id] what the label of an input block points to
 * @property {string} [label] read to those who don't see the label
 * @property {string} [describedBy] ids of hint and error
 */
import { askToConfirm } from '../confirm.js';
import { initialState } from './state.js';

/**
 * @param {{ block_id?: string }} block whose id an edit may change while its elements stay
 * @param {Surface} surface
 * @returns {Place}
 */
export function placeIn(block, surface) {
  return {
    surface,
    dispatches: true,
    get block_id() {
      return block.block_id ?? '';
    },
  };
}

/**
 * @param {{ type: string, action_id?: string }} element
 * @param {Place} place
 * @returns {ElementState}
 */
export function stateOf(element, { surface, block_id }) {
  return surface.memory.value(block_id, element.action_id ?? '', initialState(element) ?? {});
}

/**
 * Keeps what the person chose and, where the app wants to know at once, tells it.
 *
 * @param {{ action_id?: string, confirm?: ConfirmationDialog }} element
 * @param {Place} place
 * @param {ElementState} state
 * @returns {Promise<boolean>} false when the person thought better of it
 */
export async function choose(element, place, state) {
  const { surface, dispatches } = place;
  if (!(await askToConfirm(element.confirm, surface.names))) return false;
  surface.memory.setValue(place.block_id, element.action_id ?? '', state);
  if (dispatches) await surface.act(place.block_id, element.action_id ?? '', state);
  return true;
}

/**
 * What labels and marks a form field.
 *
 * @param {{ action_id?: string }} element
 * @param {Place} place
 */
export function fieldProps(element, { id, label, describedBy }) {
  return {
    id,
    'aria-label': id ? undefined : label,
    'aria-describedby': describedBy,
    'data-action': element.action_id,
    'data-focus': element.action_id,
  };
}
