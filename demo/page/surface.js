/**
 * Where blocks are shown: a message, a modal or the Home tab. It knows how to tell the app of an action, and
 * remembers what the person did to the blocks (opened, sorted, typed), so that an edit does not undo it.
 *
 * @import { ElementState, StateValues } from '../slack/page-api.ts'
 * @import { Option, OptionGroup } from '@slack/types'
 * @import { Names } from './names.js'
 *
 * @typedef {{ options?: Option[], option_groups?: OptionGroup[] }} Choices
 *
 * @typedef {object} Surface
 * @property {'message' | 'modal' | 'home'} kind
 * @property {string} key unique on the page
 * @property {Names} names
 * @property {Memory} memory
 * @property {(block_id: string, action_id: string, state?: ElementState) => Promise<void>} act
 * @property {(block_id: string, action_id: string, value: string) => Promise<Choices>} suggest
 */

/** What a person did to the blocks of one surface. */
export class Memory {
  /** @type {Map<string, unknown>} */
  #kept = new Map();
  /** @type {Map<string, boolean>} */
  #open = new Map();
  /** What inputs and selects hold. @type {StateValues} */
  values = {};

  /** What the app found wrong with the inputs, by block_id. @type {Record<string, string>} */
  errors = {};

  /**
   * @template {object} T
   * @param {string} key
   * @param {T} initial
   * @returns {T}
   */
  get(key, initial) {
    return /** @type {T} */ (this.#kept.get(key) ?? initial);
  }

  /**
   * @param {string} key
   * @param {object} value
   */
  set(key, value) {
    this.#kept.set(key, value);
  }

  /**
   * @param {string} key of something that folds
   * @param {boolean} initially whether it is open before the person touched it
   */
  isOpen(key, initially) {
    return this.#open.get(key) ?? initially;
  }

  /**
   * @param {string} key
   * @param {boolean} open
   */
  setOpen(key, open) {
    this.#open.set(key, open);
  }

  /**
   * What an element holds: what the person gave it, else what the app put there.
   *
   * @param {string} block_id
   * @param {string} action_id
   * @param {ElementState} initial
   * @returns {ElementState}
   */
  value(block_id, action_id, initial) {
    const block = (this.values[block_id] ??= {});
    return (block[action_id] ??= initial);
  }

  /**
   * @param {string} block_id
   * @param {string} action_id
   * @param {ElementState} state
   */
  setValue(block_id, action_id, state) {
    (this.values[block_id] ??= {})[action_id] = state;
  }
}
