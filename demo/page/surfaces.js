/**
 * Ties what is drawn to the server: a message, a modal or the Home tab that can act, ask and remember.
 *
 * @import { PageBlock, PageMessage } from '../slack/page-api.ts'
 * @import { Choices, Surface } from './surface.js'
 * @import { Names } from './names.js'
 */
import { post } from './api.js';
import { collectValues } from './elements/state.js';
import { showNotice } from './notice.js';
import { Memory } from './surface.js';

export class Surfaces {
  /** @type {Map<string, Memory>} */
  #memories = new Map();

  /** @param {Names} names of whoever acts now */
  constructor(names) {
    this.names = names;
  }

  /** @param {PageMessage} message */
  ofMessage(message) {
    const { channel, ts } = message;
    return this.#make('message', `${channel}/${ts}`, { channel, ts }, () => message.blocks);
  }

  /**
   * @param {'modal' | 'home'} kind
   * @param {string} view_id
   * @param {() => PageBlock[]} blocks as they are now
   */
  ofView(kind, view_id, blocks) {
    // Publishing Home again makes a new view, but to the person it is the same place.
    return this.#make(kind, kind === 'home' ? 'home' : view_id, { view_id }, blocks);
  }

  /** @param {string} view_id */
  forget(view_id) {
    this.#memories.delete(view_id);
  }

  /**
   * @param {Surface['kind']} kind
   * @param {string} key
   * @param {object} where what the server calls this surface
   * @param {() => PageBlock[]} blocks
   * @returns {Surface}
   */
  #make(kind, key, where, blocks) {
    const memory = this.#memories.get(key) ?? new Memory();
    this.#memories.set(key, memory);
    const as = this.names.me.id;
    return {
      kind,
      key,
      names: this.names,
      memory,
      async act(block_id, action_id, state) {
        const values = collectValues(blocks(), memory);
        const answer = await post('action', {
          as,
          ...where,
          block_id,
          action_id,
          ...(state ? { state } : {}),
          values,
        });
        if (!answer.ok) showNotice(answer.error);
      },
      async suggest(block_id, action_id, value) {
        /** @type {Awaited<ReturnType<typeof post<Choices>>>} */
        const answer = await post('suggest', { as, ...where, block_id, action_id, value });
        if (!answer.ok) throw new Error(answer.error);
        return answer;
      },
    };
  }
}
