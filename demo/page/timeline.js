/**
 * The scrolling list of messages of a channel or a thread.
 *
 * @import { PageMessage } from '../slack/page-api.ts'
 * @import { MessageContext } from './message.js'
 *
 * @typedef {{ kind: 'message', message: PageMessage, continued: boolean }
 *   | { kind: 'line', key: string, text: string, className: string }} Row
 */
import { dayHeading } from './dates.js';
import { h } from './dom.js';
import { keepInStep } from './keyed.js';
import { renderMessage } from './message.js';

/** Messages of one author within this time share one name and picture. */
const GROUP_SECONDS = 300;
/** So near to the end counts as being at the end: new messages then scroll into view. */
const NEAR_END_PX = 40;

/** @type {WeakMap<object, string>} */
const prints = new WeakMap();

/** @param {PageMessage} message */
function printOfMessage(message) {
  const known = prints.get(message) ?? JSON.stringify(message);
  prints.set(message, known);
  return known;
}

/**
 * @param {PageMessage[]} messages oldest first
 * @param {{ newFrom?: string | undefined, now: Date }} options ts of the first message that is new to the person
 * @returns {Row[]}
 */
export function withLines(messages, { newFrom, now }) {
  /** @type {Row[]} */
  const rows = [];
  let day = '';
  /** @type {PageMessage | undefined} */
  let before;
  for (const message of messages) {
    const heading = dayHeading(Number(message.ts), now);
    if (heading !== day)
      rows.push({ kind: 'line', key: `day ${heading}`, text: heading, className: 'day-line' });
    if (message.ts === newFrom) rows.push({ kind: 'line', key: 'new', text: 'New', className: 'new-line' });
    const continued =
      heading === day &&
      message.ts !== newFrom &&
      before?.user === message.user &&
      !before.ephemeral &&
      !message.ephemeral &&
      Number(message.ts) - Number(before.ts) < GROUP_SECONDS;
    rows.push({ kind: 'message', message, continued });
    day = heading;
    before = message;
  }
  return rows;
}

export class Timeline {
  #context;
  #scroller;
  #list = h('div', { class: 'messages', role: 'list' });
  #latest = h(
    'button',
    { type: 'button', class: 'latest', hidden: true, onclick: () => this.toEnd() },
    'Latest messages',
  );
  #atEnd = true;
  #newest = '';

  /**
   * @param {string} label
   * @param {MessageContext} context
   */
  constructor(label, context) {
    this.#context = context;
    this.#scroller = h(
      'div',
      { class: 'timeline', role: 'log', 'aria-label': label, tabindex: 0 },
      this.#list,
    );
    this.node = h('div', { class: 'timeline-frame' }, this.#scroller, this.#latest);
    this.#scroller.addEventListener('scroll', () => {
      this.#atEnd = this.#isAtEnd();
      if (this.#atEnd) this.#latest.hidden = true;
    });
    // Pictures get their height late, and a growing composer takes some away.
    this.#scroller.addEventListener('load', () => this.#stay(this.#atEnd), { capture: true });
    new ResizeObserver(() => this.#stay(this.#atEnd)).observe(this.#scroller);
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  /** @param {boolean} atEnd */
  #stay(atEnd) {
    if (atEnd) this.toEnd();
  }

  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#atEnd = true;
    this.#latest.hidden = true;
  }

  /**
   * Shows these rows; whoever reads further up keeps their place.
   *
   * @param {Row[]} rows
   */
  show(rows) {
    const atEnd = this.#isAtEnd();
    const restore = atEnd ? undefined : this.#anchor();
    keepInStep(this.#list, rows, {
      key: (row) => (row.kind === 'line' ? row.key : row.message.ts),
      print: (row) => (row.kind === 'line' ? row.text : `${row.continued}${printOfMessage(row.message)}`),
      render: (row, _, previous) =>
        row.kind === 'line'
          ? h('div', { class: row.className, role: 'separator' }, h('span', null, row.text))
          : renderMessage(row.message, row.continued, this.#context, previous),
    });
    const last = rows.at(-1);
    const newest = last?.kind === 'message' ? last.message.ts : '';
    if (atEnd) this.toEnd();
    else if (newest > this.#newest) this.#latest.hidden = false;
    restore?.();
    this.#newest = newest;
  }

  /** Remembers where the first visible message is, and gives the function that puts it there again. */
  #anchor() {
    const top = this.#scroller.getBoundingClientRect().top;
    const rows = [...this.#list.children];
    const row = rows.find((node) => node.getBoundingClientRect().bottom > top);
    const was = row?.getBoundingClientRect().top ?? 0;
    return () => {
      if (row?.isConnected) this.#scroller.scrollTop += row.getBoundingClientRect().top - was;
    };
  }
}
