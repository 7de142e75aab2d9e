/**
 * The pane at the right with one thread.
 *
 * @import { Store } from './store.js'
 * @import { Surfaces } from './surfaces.js'
 */
import { post } from './api.js';
import { renderComposer } from './composer.js';
import { closeButton } from './dialog.js';
import { h, refill } from './dom.js';
import { Timeline } from './timeline.js';

export class ThreadPane {
  #store;
  #surfaces;
  #onClose;
  /** @type {{ channel: string, ts: string, timeline: Timeline } | undefined} */
  #showing;

  /**
   * @param {Store} store
   * @param {Surfaces} surfaces
   * @param {() => void} onClose the person closes it
   */
  constructor(store, surfaces, onClose) {
    this.#store = store;
    this.#surfaces = surfaces;
    this.#onClose = onClose;
    this.node = h('aside', { class: 'thread', 'aria-label': 'Thread', hidden: true });
    this.node.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented) onClose();
    });
  }

  /** @param {{ channel: string, ts: string } | undefined} thread nothing closes the pane */
  open(thread) {
    if (thread?.ts === this.#showing?.ts && thread?.channel === this.#showing?.channel) return;
    this.node.hidden = thread === undefined;
    this.#showing = undefined;
    refill(this.node);
    if (!thread) return;
    const { channel, ts } = thread;
    const context = {
      surfaces: this.#surfaces,
      where: /** @type {const} */ ('thread'),
      openThread: () => undefined,
    };
    const timeline = new Timeline('Thread', context);
    const as = this.#surfaces.names.me.id;
    const composer = renderComposer({
      label: 'Reply…',
      names: this.#surfaces.names,
      commands: [],
      send: async (text) => {
        const [word = ''] = text.split(/\s/);
        // Slack offers no slash commands in threads either.
        const known = this.#store.state.commands.some(({ command }) => command === word);
        if (known) return { ok: false, error: `${word} can't be used in a thread. Type it in the channel.` };
        timeline.toEnd();
        return post('message', { as, channel, text, thread_ts: ts });
      },
    });
    const name = this.#store.channel(channel)?.name;
    refill(
      this.node,
      h(
        'header',
        { class: 'pane-head' },
        h('h2', null, 'Thread'),
        h('span', { class: 'topic' }, name ? `#${name}` : ''),
        closeButton('Close thread', this.#onClose),
      ),
      timeline.node,
      composer.node,
    );
    this.#showing = { channel, ts, timeline };
    this.refreshMessages(channel);
    timeline.toEnd();
    if (matchMedia('(hover: hover)').matches) composer.focus();
  }

  /** @param {string} channel where something changed */
  refreshMessages(channel) {
    if (this.#showing?.channel !== channel) return;
    const { ts, timeline } = this.#showing;
    const all = this.#store.messages(channel);
    const first = all.filter((message) => message.ts === ts);
    const replies = all.filter((message) => message.thread_ts === ts && message.ts !== ts);
    const seen = replies.filter(({ ephemeral }) => !ephemeral).length;
    timeline.show([
      ...first.map((message) => /** @type {const} */ ({ kind: 'message', message, continued: false })),
      {
        kind: 'line',
        key: 'count',
        text: seen === 0 ? 'No replies yet' : `${seen} ${seen === 1 ? 'reply' : 'replies'}`,
        className: 'reply-line',
      },
      ...replies.map((message) => /** @type {const} */ ({ kind: 'message', message, continued: false })),
    ]);
  }
}
