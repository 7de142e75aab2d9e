/** Puts the page together and keeps it in step with the store and with its own address. */
import { renderActors } from './actors.js';
import { ChannelPane } from './channel-pane.js';
import { h, refill } from './dom.js';
import { icon } from './icons.js';
import { ModalStack } from './modal.js';
import { Names } from './names.js';
import { go, readActor, readRoute, writeActor } from './route.js';
import { renderSidebar } from './sidebar.js';
import { Store } from './store.js';
import { Surfaces } from './surfaces.js';
import { ThreadPane } from './thread-pane.js';

/**
 * @import { PageUser } from '../slack/page-api.ts'
 * @import { Route } from './route.js'
 * @import { Change } from './store.js'
 *
 * @typedef {object} View everything drawn for one acting person
 * @property {Names} names
 * @property {ChannelPane} channel
 * @property {ThreadPane} thread
 * @property {ModalStack} modals
 */

const narrow = matchMedia('(max-width: 760px)');
const store = new Store(onChange);
const sidebar = renderSidebar((route) => {
  setDrawer(false);
  go(route);
});
const actors = renderActors(actAs);
const frame = h('div', { class: 'frame' });
const offline = h('div', { class: 'offline', role: 'status', hidden: true });
const drawerButton = h(
  'button',
  {
    type: 'button',
    class: 'icon-button drawer-button',
    'aria-label': 'Channels',
    'aria-controls': 'sidebar',
    onclick: () => setDrawer(!drawerOpen),
  },
  icon('menu', 20),
  h('span', { class: 'drawer-dot', hidden: true }),
);
const scrim = h('div', { class: 'scrim', hidden: true, onclick: () => setDrawer(false) });
let drawerOpen = false;
/** @type {View | undefined} */
let view;

document.querySelector('.starting')?.remove();
document.body.append(
  h(
    'header',
    { class: 'topbar' },
    drawerButton,
    h('span', { class: 'topbar-name' }, 'Local Slack'),
    actors.node,
  ),
  offline,
  h('div', { class: 'workspace' }, sidebar.node, scrim, frame),
);
setDrawer(false);
narrow.addEventListener('change', () => setDrawer(false));
addEventListener('hashchange', showRoute);
addEventListener('visibilitychange', showRoute);
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && drawerOpen) setDrawer(false);
});
document.addEventListener('click', (event) => {
  const mention = event.target instanceof Element ? event.target.closest('[data-channel]') : null;
  if (!mention) return;
  event.preventDefault();
  go({ kind: 'channel', channel: mention.getAttribute('data-channel') ?? '', thread: undefined });
});
store.actAs(readActor());

/** @param {PageUser} user */
function actAs(user) {
  writeActor(user.name);
  view?.modals.show([]);
  view = undefined;
  store.actAs(user.id);
}

/** @param {Change} change */
function onChange(change) {
  switch (change.kind) {
    case 'all':
      // After a lost connection the person is the same, and so stays what they see.
      if (view?.names.me.id !== store.state.me.id) view = drawFor();
      actors.show(people(), store.state.me);
      showRoute();
      for (const { id } of [...store.state.channels, ...store.state.dms]) refreshMessages(id);
      view?.channel.refreshHome();
      view?.modals.show(store.state.modals);
      break;
    case 'messages':
      refreshMessages(change.channel);
      break;
    case 'channels':
      showRoute();
      break;
    case 'home':
      view?.channel.refreshHome();
      break;
    case 'modals':
      view?.modals.show(store.state.modals);
      break;
    case 'connection':
      offline.hidden = change.online;
      offline.textContent = change.problem || 'The connection to the local Slack is lost. Trying again…';
      break;
    default:
      throw new Error(`Unknown change ${JSON.stringify(change)}`);
  }
}

/** @param {string} channel */
function refreshMessages(channel) {
  view?.channel.refreshMessages(channel);
  view?.thread.refreshMessages(channel);
}

/** Everything is drawn anew for another person: nothing that one typed or opened shows to the other. */
function drawFor() {
  const names = new Names(store.state);
  const surfaces = new Surfaces(names);
  const channel = new ChannelPane(store, surfaces, go);
  const thread = new ThreadPane(store, surfaces, () => {
    const route = readRoute();
    if (route.kind === 'channel') go({ ...route, thread: undefined });
  });
  refill(frame, channel.node, thread.node);
  return { names, channel, thread, modals: new ModalStack(surfaces) };
}

const people = () => store.state.users.filter(({ id, is_bot }) => !is_bot && id !== 'USLACKBOT');

/** The route of the address, with names replaced by ids. @returns {Route} */
function currentRoute() {
  const route = readRoute();
  const { channels } = store.state;
  if (route.kind === 'none') return { kind: 'channel', channel: channels[0]?.id ?? '', thread: undefined };
  if (route.kind === 'home') return route;
  // The app's conversation is known by the app until it has an id of its own.
  const direct = route.channel === store.state.app.bot_user ? store.appChannel?.id : undefined;
  const named = channels.find(({ name }) => name === route.channel)?.id;
  return { ...route, channel: named ?? direct ?? route.channel };
}

function showRoute() {
  if (!store.loaded || !view) return;
  const route = currentRoute();
  sidebar.show(store, view.names, route);
  view.channel.open(route);
  view.thread.open(
    route.kind === 'channel' && route.thread ? { channel: route.channel, ts: route.thread } : undefined,
  );
  const { state } = store;
  const unread = [...state.channels, ...state.dms].reduce((sum, channel) => sum + channel.unread, 0);
  for (const dot of drawerButton.querySelectorAll('.drawer-dot')) dot.toggleAttribute('hidden', unread === 0);
  document.title = `${unread > 0 ? `(${unread}) ` : ''}${state.me.name} | ${state.team.name}`;
}

/** On a phone the channel list is a drawer. @param {boolean} open */
function setDrawer(open) {
  const moved = open !== drawerOpen;
  drawerOpen = open;
  sidebar.node.classList.toggle('open', open);
  sidebar.node.inert = narrow.matches && !open;
  scrim.hidden = !open;
  drawerButton.ariaExpanded = String(open);
  if (!moved || !narrow.matches) return;
  const next = open ? sidebar.node.querySelector('button') : drawerButton;
  next?.focus();
}
