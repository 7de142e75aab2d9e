/**
 * The list of channels, direct messages and apps.
 *
 * @import { PageChannel } from '../slack/page-api.ts'
 * @import { Names } from './names.js'
 * @import { Route } from './route.js'
 * @import { Store } from './store.js'
 */
import { avatar } from './avatar.js';
import { h, refill } from './dom.js';
import { icon } from './icons.js';
import { keepInStep } from './keyed.js';
import { displayName } from './names.js';

/**
 * @typedef {{ id: string, label: string, mark: () => Node, unread: number, chosen: boolean, route: Route }} Entry
 */

/** @param {(route: Route) => void} onGo */
export function renderSidebar(onGo) {
  const team = h('h1', { class: 'team' });
  const lists = {
    Channels: section('Channels'),
    'Direct messages': section('Direct messages'),
    Apps: section('Apps'),
  };
  const node = h(
    'nav',
    { class: 'sidebar', id: 'sidebar', 'aria-label': 'Channels and direct messages' },
    team,
    h(
      'div',
      { class: 'sidebar-scroll' },
      Object.values(lists).map(({ node }) => node),
    ),
  );
  return {
    node,
    /**
     * @param {Store} store
     * @param {Names} names
     * @param {Route} route
     */
    show(store, names, route) {
      const { state, appChannel } = store;
      const here = route.kind === 'channel' ? route.channel : '';
      /** @param {PageChannel} channel @param {string} label @param {() => Node} mark @returns {Entry} */
      const entry = (channel, label, mark) => ({
        id: channel.id,
        label,
        mark,
        unread: channel.unread,
        chosen: here === channel.id,
        route: { kind: 'channel', channel: channel.id, thread: undefined },
      });
      refill(team, state.team.name);
      fill(
        lists.Channels,
        state.channels.map((channel) => entry(channel, channel.name, () => icon('hash', 16))),
      );
      const dms = state.dms.filter((channel) => channel !== appChannel);
      fill(
        lists['Direct messages'],
        dms.map((channel) => {
          const user = names.author(channel.user ?? '');
          return entry(channel, displayName(user), () => avatar(user, 'small'));
        }),
      );
      const bot = names.author(state.app.bot_user);
      fill(lists.Apps, [
        {
          id: 'app',
          label: state.app.name,
          mark: () => avatar(bot, 'small'),
          unread: appChannel?.unread ?? 0,
          chosen: route.kind === 'home' || (appChannel !== undefined && here === appChannel.id),
          route: appChannel?.unread
            ? { kind: 'channel', channel: appChannel.id, thread: undefined }
            : { kind: 'home' },
        },
      ]);
    },
  };

  /** @param {ReturnType<typeof section>} part @param {Entry[]} entries */
  function fill({ node, list }, entries) {
    node.hidden = entries.length === 0;
    keepInStep(list, entries, {
      key: ({ id }) => id,
      print: (entry) => JSON.stringify(entry),
      render: ({ id, label, mark, unread, chosen, route }) =>
        h(
          'li',
          null,
          h(
            'button',
            {
              type: 'button',
              class: `entry ${unread > 0 ? 'unread' : ''}`,
              'aria-current': chosen ? 'page' : null,
              'data-entry': label,
              'data-focus': id,
              onclick: () => onGo(route),
            },
            h('span', { class: 'entry-mark' }, mark()),
            h('span', { class: 'entry-label' }, label),
            unread > 0
              ? h(
                  'span',
                  { class: 'unread-count' },
                  String(unread),
                  h('span', { class: 'unseen' }, ' unread'),
                )
              : null,
          ),
        ),
    });
  }
}

/** @param {string} title */
function section(title) {
  const list = h('ul', { 'aria-label': title });
  return { list, node: h('section', null, h('h2', null, title), list) };
}
