/**
 * The middle of the page: the chosen channel or the app, with its messages and composer.
 *
 * @import { PageChannel } from '../slack/page-api.ts'
 * @import { Route } from './route.js'
 * @import { Store } from './store.js'
 * @import { Surfaces } from './surfaces.js'
 */
import { post } from './api.js';
import { avatar } from './avatar.js';
import { renderComposer } from './composer.js';
import { h, refill } from './dom.js';
import { Home } from './home.js';
import { icon } from './icons.js';
import { displayName } from './names.js';
import { Timeline, withLines } from './timeline.js';

export class ChannelPane {
  #store;
  #surfaces;
  #go;
  #head = h('header', { class: 'pane-head' });
  #content = h('div', { class: 'pane-content' });
  /** @type {{ channel: string, timeline: Timeline, newFrom: string | undefined } | undefined} */
  #showing;
  #home;
  #route = '';

  /**
   * @param {Store} store
   * @param {Surfaces} surfaces
   * @param {(route: Route) => void} go
   */
  constructor(store, surfaces, go) {
    this.#store = store;
    this.#surfaces = surfaces;
    this.#go = go;
    this.#home = new Home(surfaces);
    this.node = h('main', { class: 'pane' }, this.#head, this.#content);
  }

  /** @param {Route} route what to show from now on */
  open(route) {
    const name = route.kind === 'channel' ? route.channel : route.kind;
    if (name !== this.#route) {
      this.#route = name;
      this.#showing = undefined;
      if (route.kind === 'home') {
        void post('home', { as: this.#surfaces.names.me.id });
        refill(this.#content, this.#home.node);
        this.refreshHome();
      } else if (route.kind === 'channel') {
        this.#openChannel(route.channel);
      }
    }
    this.refreshHead(route);
  }

  /** @param {string} id */
  #openChannel(id) {
    const channel = this.#store.channel(id);
    if (!channel) {
      refill(
        this.#content,
        h('p', { class: 'nothing' }, 'You are not in this channel. Choose another one from the list.'),
      );
      return;
    }
    const label = this.#titleOf(channel);
    const timeline = new Timeline(`Messages in ${label}`, {
      surfaces: this.#surfaces,
      where: 'channel',
      openThread: (message) =>
        this.#go({ kind: 'channel', channel: id, thread: message.thread_ts ?? message.ts }),
    });
    this.#showing = { channel: id, timeline, newFrom: this.#firstUnread(channel) };
    const as = this.#surfaces.names.me.id;
    const composer = renderComposer({
      label: `Message ${label}`,
      names: this.#surfaces.names,
      commands: this.#store.state.commands,
      send: (text) => {
        // Whoever says something wants to see it, and the answer.
        timeline.toEnd();
        return post(text.startsWith('/') ? 'command' : 'message', { as, channel: id, text });
      },
    });
    refill(this.#content, timeline.node, composer.node);
    this.refreshMessages(id);
    timeline.toEnd();
    if (matchMedia('(hover: hover)').matches) composer.focus();
  }

  /** @param {PageChannel} channel */
  #firstUnread(channel) {
    if (channel.unread === 0) return undefined;
    const me = this.#surfaces.names.me.id;
    const others = this.#store.messages(channel.id).filter(({ user }) => user !== me);
    const since = others.at(-channel.unread)?.ts ?? '';
    return this.#inChannel(channel.id).find(({ user, ts }) => user !== me && ts >= since)?.ts;
  }

  /** Messages that show in the channel itself. @param {string} id */
  #inChannel(id) {
    return this.#store
      .messages(id)
      .filter(({ ts, thread_ts, broadcast }) => !thread_ts || thread_ts === ts || broadcast);
  }

  /** @param {string} channel where something changed */
  refreshMessages(channel) {
    if (this.#showing?.channel !== channel) return;
    const { timeline, newFrom } = this.#showing;
    timeline.show(withLines(this.#inChannel(channel), { newFrom, now: new Date() }));
    this.#markRead();
  }

  #markRead() {
    const channel = this.#showing && this.#store.channel(this.#showing.channel);
    if (channel && channel.unread > 0 && document.visibilityState === 'visible') {
      void post('read', { as: this.#surfaces.names.me.id, channel: channel.id });
    }
  }

  refreshHome() {
    if (this.#route === 'home') this.#home.show(this.#store.state.home);
  }

  /** @param {Route} route */
  refreshHead(route) {
    const { state, appChannel } = this.#store;
    const channel = route.kind === 'channel' ? this.#store.channel(route.channel) : undefined;
    if (route.kind === 'home' || (channel && channel === appChannel)) {
      const bot = this.#surfaces.names.author(state.app.bot_user);
      refill(this.#head, h('h2', null, avatar(bot, 'small'), state.app.name), this.#tabs(route));
      return;
    }
    const members = channel
      ? h(
          'span',
          { class: 'members', title: this.#memberNames(channel) },
          icon('people', 16),
          String(channel.members.length),
        )
      : null;
    refill(
      this.#head,
      h('h2', null, channel ? this.#titleOf(channel) : ''),
      h('span', { class: 'topic' }, channel?.topic),
      members,
    );
    this.#markRead();
  }

  /** @param {Route} route */
  #tabs(route) {
    const bot = this.#store.state.app.bot_user;
    /** @param {string} label @param {Route} to */
    const tab = (label, to) => {
      const chosen = to.kind === route.kind;
      return h(
        'button',
        { type: 'button', class: 'tab', 'aria-current': chosen ? 'page' : null, onclick: () => this.#go(to) },
        label,
      );
    };
    return h(
      'div',
      { class: 'tabs' },
      tab('Home', { kind: 'home' }),
      tab('Messages', { kind: 'channel', channel: this.#store.appChannel?.id ?? bot, thread: undefined }),
    );
  }

  /** @param {PageChannel} channel */
  #titleOf(channel) {
    const { names } = this.#surfaces;
    if (!channel.is_im) return `#${channel.name}`;
    const { state, appChannel } = this.#store;
    return channel === appChannel ? state.app.name : displayName(names.author(channel.user ?? ''));
  }

  /** @param {PageChannel} channel */
  #memberNames({ members }) {
    return members.map((id) => displayName(this.#surfaces.names.author(id))).join(', ');
  }
}
