/**
 * One message of a channel or a thread.
 *
 * @import { PageMessage } from '../slack/page-api.ts'
 * @import { Surfaces } from './surfaces.js'
 *
 * @typedef {object} MessageContext
 * @property {Surfaces} surfaces
 * @property {'channel' | 'thread'} where
 * @property {(message: PageMessage) => void} openThread
 */
import { avatar } from './avatar.js';
import { showBlocks } from './blocks/blocks.js';
import { dayAndTime, timeOfDay } from './dates.js';
import { h, refill } from './dom.js';
import { renderFile } from './files.js';
import { icon } from './icons.js';
import { keepInStep } from './keyed.js';
import { emoji } from './mentions.js';
import { renderMrkdwn } from './mrkdwn/render.js';
import { displayName } from './names.js';

/**
 * @param {PageMessage} message
 * @param {boolean} continued whether it goes on under the author's name above
 * @param {MessageContext} context
 * @param {HTMLElement | undefined} previous the message before the edit
 * @returns {HTMLElement}
 */
export function renderMessage(message, continued, context, previous) {
  const { surfaces } = context;
  const author = surfaces.names.author(message.user);
  const node =
    previous ?? h('div', { role: 'listitem' }, h('div', { class: 'gutter' }), h('div', { class: 'content' }));
  node.className = `message ${continued ? 'continued' : ''} ${message.ephemeral ? 'ephemeral' : ''}`;
  node.dataset['ts'] = message.ts;
  const [gutter, content] = /** @type {[HTMLElement, HTMLElement]} */ ([...node.children]);
  refill(gutter, continued ? time(message, 'gutter-time') : avatar(author, 'large'));
  /** @typedef {{ name: string, print: string, draw: (old: HTMLElement | undefined) => HTMLElement }} Part */
  /** @type {(Part | false)[]} */
  const parts = [
    message.ephemeral && { name: 'note', print: '', draw: onlyYou },
    !continued && {
      name: 'byline',
      print: JSON.stringify([author, message.ts]),
      draw: () => byline(message, context),
    },
    {
      name: 'body',
      print: JSON.stringify([message.blocks, message.text, message.edited]),
      draw: (old) => body(message, context, old),
    },
    message.files.length > 0 && {
      name: 'files',
      print: JSON.stringify(message.files),
      draw: () =>
        h(
          'div',
          { class: 'files' },
          message.files.map((file) => renderFile(file, surfaces.ofMessage(message))),
        ),
    },
    message.reactions.length > 0 && {
      name: 'reactions',
      print: JSON.stringify(message.reactions),
      draw: () => reactions(message),
    },
    context.where === 'channel' && {
      name: 'thread',
      print: threadPrint(message),
      draw: () => threadParts(message, context),
    },
  ];
  keepInStep(
    content,
    parts.filter((part) => part !== false),
    {
      key: ({ name }) => name,
      print: ({ print }) => print,
      render: ({ draw }, _, old) => draw(old),
    },
  );
  return node;
}

const onlyYou = () => h('div', { class: 'only-you' }, icon('eye', 14), 'Only visible to you');

/**
 * @param {PageMessage} message
 * @param {string} className
 */
function time({ ts }, className) {
  const seconds = Number(ts);
  const text = timeOfDay(seconds);
  return h(
    'time',
    {
      class: className,
      datetime: new Date(seconds * 1000).toISOString(),
      title: dayAndTime(seconds, new Date()),
    },
    className === 'gutter-time' ? text.replace(/ [AP]M$/, '') : text,
  );
}

/**
 * @param {PageMessage} message
 * @param {MessageContext} context
 */
function byline(message, { surfaces }) {
  const author = surfaces.names.author(message.user);
  return h(
    'div',
    { class: 'byline' },
    h('b', { class: 'author' }, displayName(author)),
    author.is_bot && author.id !== 'USLACKBOT' ? h('span', { class: 'badge' }, 'App') : null,
    time(message, 'time'),
  );
}

/**
 * @param {PageMessage} message
 * @param {MessageContext} context
 * @param {HTMLElement | undefined} old
 */
function body(message, { surfaces }, old) {
  const surface = surfaces.ofMessage(message);
  if (message.blocks.length > 0) {
    const holder = old?.classList.contains('blocks') ? old : h('div', { class: 'body' });
    showBlocks(holder, message.blocks, surface);
    return holder;
  }
  const text = renderMrkdwn(message.text, surfaces.names);
  if (message.edited) text.append(' ', h('span', { class: 'edited' }, '(edited)'));
  return h('div', { class: 'body' }, text);
}

/** @param {PageMessage} message */
function reactions({ reactions }) {
  return h(
    'div',
    { class: 'reactions' },
    reactions.map(({ name, users }) =>
      h('span', { class: 'reaction' }, emoji(name, `:${name}:`), String(users.length)),
    ),
  );
}

/** @param {PageMessage} message */
const threadPrint = ({ reply_count, reply_users, latest_reply }) =>
  JSON.stringify([reply_count, reply_users, latest_reply]);

/**
 * The replies below a message, and the button that starts a thread.
 *
 * @param {PageMessage} message
 * @param {MessageContext} context
 */
function threadParts(message, { surfaces, openThread }) {
  const { reply_count = 0, reply_users = [], latest_reply } = message;
  const replies = `${reply_count} ${reply_count === 1 ? 'reply' : 'replies'}`;
  const last = latest_reply
    ? `Last reply ${dayAndTime(Number(latest_reply), new Date())
        .replace(/:\d\d( [AP]M)$/, '$1')
        .replace(/^T/, 't')
        .replace(/^Y/, 'y')}`
    : '';
  return h(
    'div',
    null,
    reply_count > 0
      ? h(
          'button',
          { type: 'button', class: 'replies', 'data-focus': 'replies', onclick: () => openThread(message) },
          reply_users.slice(0, 5).map((id) => avatar(surfaces.names.author(id), 'small')),
          h('b', null, replies),
          h('span', null, last),
        )
      : null,
    message.ephemeral
      ? null
      : h(
          'button',
          {
            type: 'button',
            class: 'hover-action',
            'data-focus': 'reply',
            'aria-label': 'Reply in thread',
            title: 'Reply in thread',
            onclick: () => openThread(message),
          },
          icon('thread'),
        ),
  );
}
