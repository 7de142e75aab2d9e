/**
 * The stack of modals. The visible one is the last; the others keep what was typed into them.
 *
 * @import { PageView } from '../slack/page-api.ts'
 * @import { Surfaces } from './surfaces.js'
 */
import { post } from './api.js';
import { showBlocks } from './blocks/blocks.js';
import { closeButton, openDialog } from './dialog.js';
import { h, refill } from './dom.js';
import { collectValues, isEmpty } from './elements/state.js';
import { withEmoji } from './emoji.js';
import { icon } from './icons.js';

export class ModalStack {
  #surfaces;
  /** @type {PageView[]} */
  #views = [];
  /** @type {ReturnType<typeof openDialog> | undefined} */
  #open;
  #body = h('div', { class: 'dialog-body modal-body' });
  #shownId = '';
  #framePrint = '';

  /** @param {Surfaces} surfaces */
  constructor(surfaces) {
    this.#surfaces = surfaces;
  }

  get #top() {
    return this.#views.at(-1);
  }

  /** @param {PageView[]} views the whole stack */
  show(views) {
    for (const { id } of this.#views) if (!views.some((view) => view.id === id)) this.#surfaces.forget(id);
    this.#views = views;
    const view = this.#top;
    if (!view) {
      this.#open?.close();
      this.#open = undefined;
      this.#shownId = '';
      this.#framePrint = '';
      return;
    }
    this.#open ??= openDialog({
      className: 'dialog modal',
      labelledBy: 'modal-title',
      onCancel: () => void this.#close(),
    });
    const isNew = view.id !== this.#shownId;
    this.#shownId = view.id;
    if (isNew) this.#body = h('div', { class: 'dialog-body modal-body' });
    this.#drawBlocks(view);
    const { id, title, submit, close } = view;
    const framePrint = JSON.stringify([id, title, submit, close, views.length]);
    if (framePrint !== this.#framePrint) this.#drawFrame(this.#open.dialog, view);
    this.#framePrint = framePrint;
    if (isNew) this.#focusFirst();
  }

  /** @param {PageView} view */
  #surfaceOf(view) {
    return this.#surfaces.ofView(
      'modal',
      view.id,
      () => this.#views.find(({ id }) => id === view.id)?.blocks ?? [],
    );
  }

  /** @param {PageView} view */
  #drawBlocks(view) {
    showBlocks(this.#body, view.blocks, this.#surfaceOf(view));
  }

  /**
   * @param {HTMLDialogElement} dialog
   * @param {PageView} view
   */
  #drawFrame(dialog, view) {
    const stacked = this.#views.length > 1;
    const back = h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': 'Back', onclick: () => void this.#close() },
      icon('left', 20),
    );
    const form = h(
      'form',
      { class: 'modal-form', novalidate: true },
      h(
        'header',
        { class: 'dialog-head' },
        stacked ? back : null,
        h('h2', { id: 'modal-title' }, withEmoji(view.title)),
        closeButton('Close', () => void this.#close(true)),
      ),
      h('div', { class: 'modal-problem', role: 'alert' }),
      this.#body,
      view.submit || view.close
        ? h(
            'footer',
            { class: 'dialog-foot' },
            h(
              'button',
              { type: 'button', class: 'button large', onclick: () => void this.#close() },
              withEmoji(view.close ?? 'Cancel'),
            ),
            view.submit
              ? h('button', { type: 'submit', class: 'button large primary' }, withEmoji(view.submit))
              : null,
          )
        : null,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit(form);
    });
    const focused = document.activeElement;
    refill(dialog, form);
    // The blocks were moved along with what is typed in them, but moving loses the focus.
    if (focused instanceof HTMLElement && this.#body.contains(focused)) focused.focus();
  }

  #focusFirst() {
    const wanted =
      this.#body.querySelector('[autofocus]') ??
      this.#body.querySelector('input, textarea, .select, button') ??
      this.#open?.dialog.querySelector('.primary');
    if (wanted instanceof HTMLElement) wanted.focus();
  }

  /** @param {HTMLFormElement} form */
  async #submit(form) {
    const view = this.#top;
    if (!view || form.ariaBusy === 'true') return;
    const { memory, names } = this.#surfaceOf(view);
    const values = collectValues(view.blocks, memory);
    memory.errors = missing(view, values);
    if (Object.keys(memory.errors).length === 0) {
      form.ariaBusy = 'true';
      const answer = await post('view/submit', { as: names.me.id, view_id: view.id, values });
      form.ariaBusy = null;
      if (!answer.ok) {
        memory.errors = answer.errors ?? {};
        const problem = form.querySelector('.modal-problem');
        if (problem) problem.textContent = answer.errors ? '' : answer.error;
      }
    }
    // The answer may have changed or closed this very view meanwhile.
    const now = this.#top;
    if (now?.id !== view.id) return;
    this.#drawBlocks(now);
    const invalid = this.#body.querySelector('[aria-invalid="true"]');
    if (invalid instanceof HTMLElement)
      (invalid.matches('[role]') ? (invalid.querySelector('input') ?? invalid) : invalid).focus();
  }

  /** @param {boolean} [all] the whole stack, as the cross does */
  async #close(all = false) {
    const view = this.#top;
    if (!view) return;
    const as = this.#surfaces.names.me.id;
    await post('view/close', {
      as,
      view_id: view.id,
      ...(all && this.#views.length > 1 ? { clear_all: true } : {}),
    });
  }
}

/**
 * Inputs that must be filled in and are not, in Slack's words.
 *
 * @param {PageView} view
 * @param {import('../slack/page-api.ts').StateValues} values
 */
function missing({ blocks }, values) {
  /** @type {Record<string, string>} */
  const errors = {};
  for (const block of blocks) {
    const states = Object.values(values[block.block_id] ?? {});
    if (block.type === 'input' && block['optional'] !== true && states.length > 0 && states.every(isEmpty)) {
      errors[block.block_id] = 'Please complete this required field.';
    }
  }
  return errors;
}
