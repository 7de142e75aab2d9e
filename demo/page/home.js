/**
 * The Home tab of the app.
 *
 * @import { PageView } from '../slack/page-api.ts'
 * @import { Surfaces } from './surfaces.js'
 */
import { showBlocks } from './blocks/blocks.js';
import { h, refill } from './dom.js';

export class Home {
  #surfaces;
  #blocks = h('div', { class: 'home-blocks' });
  /** @type {PageView | null} */
  #view = null;

  /** @param {Surfaces} surfaces */
  constructor(surfaces) {
    this.#surfaces = surfaces;
    this.node = h('div', { class: 'home', tabindex: 0, role: 'region', 'aria-label': 'Home' });
  }

  /** @param {PageView | null} view nothing until the app published one */
  show(view) {
    this.#view = view;
    if (!view) {
      refill(
        this.node,
        h(
          'div',
          { class: 'home-empty' },
          h('h3', null, 'This is a work in progress'),
          h('p', null, 'The app has not published its Home tab yet.'),
        ),
      );
      return;
    }
    showBlocks(
      this.#blocks,
      view.blocks,
      this.#surfaces.ofView('home', view.id, () => this.#view?.blocks ?? []),
    );
    if (!this.#blocks.isConnected) refill(this.node, this.#blocks);
  }
}
