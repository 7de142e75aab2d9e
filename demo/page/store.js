/**
 * What the acting person can see, kept up to date by the event stream.
 *
 * @import { PageChannel, PageEvent, PageMessage, PageState } from '../slack/page-api.ts'
 *
 * @typedef {{ kind: 'all' | 'channels' | 'home' | 'modals' } | { kind: 'messages', channel: string }
 *   | { kind: 'connection', online: boolean, problem: string }} Change
 */
import { fetchState } from './api.js';

const AGAIN_MS = 1000;

export class Store {
  /** @type {PageState | undefined} */
  #state;
  /** @type {EventSource | undefined} */
  #stream;
  /** Events that came before the state. @type {PageEvent[] | undefined} */
  #early;
  #onChange;

  /** @param {(change: Change) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** The state; only to be asked for after the first change of kind `all`. */
  get state() {
    if (!this.#state) throw new Error('Nothing was loaded yet.');
    return this.#state;
  }

  get loaded() {
    return this.#state !== undefined;
  }

  /**
   * Sees the workspace as this person from now on.
   *
   * @param {string} as user id or name
   */
  actAs(as) {
    this.#stream?.close();
    const stream = new EventSource(`/page/events?as=${encodeURIComponent(as)}`);
    this.#stream = stream;
    stream.addEventListener('open', () => void this.#load(as, stream));
    stream.addEventListener('message', ({ data }) => {
      const event = /** @type {PageEvent} */ (JSON.parse(String(data)));
      if (this.#early) this.#early.push(event);
      else this.#onChange(this.#apply(event));
    });
    stream.addEventListener('error', () => {
      if (stream !== this.#stream) return;
      this.#onChange({ kind: 'connection', online: false, problem: '' });
      // The browser tries again by itself, unless the server refused the stream.
      if (stream.readyState === EventSource.CLOSED) this.#later(stream, () => this.actAs(as));
    });
  }

  /**
   * @param {string} as
   * @param {EventSource} stream
   */
  async #load(as, stream) {
    this.#early = [];
    try {
      const state = await fetchState(as);
      if (stream !== this.#stream) return;
      this.#state = state;
      for (const event of this.#early) this.#apply(event);
      this.#early = undefined;
      this.#onChange({ kind: 'all' });
      this.#onChange({ kind: 'connection', online: true, problem: '' });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (stream === this.#stream) this.#onChange({ kind: 'connection', online: false, problem });
      this.#later(stream, () => void this.#load(as, stream));
    }
  }

  /**
   * @param {EventSource} stream for which it is worth trying again
   * @param {() => void} attempt
   */
  #later(stream, attempt) {
    setTimeout(() => (stream === this.#stream ? attempt() : undefined), AGAIN_MS);
  }

  /**
   * @param {PageEvent} event
   * @returns {Change}
   */
  #apply(event) {
    switch (event.type) {
      case 'message_posted':
      case 'message_changed':
        this.#putMessage(event.channel, event.message);
        return { kind: 'messages', channel: event.channel };
      case 'message_deleted': {
        const left = this.messages(event.channel).filter(({ ts }) => ts !== event.ts);
        this.state.messages[event.channel] = left;
        return { kind: 'messages', channel: event.channel };
      }
      case 'channel_changed':
        this.#putChannel(event.channel);
        return { kind: 'channels' };
      case 'home_changed':
        this.state.home = event.home;
        return { kind: 'home' };
      case 'modals_changed':
        this.state.modals = event.modals;
        return { kind: 'modals' };
      default:
        return event;
    }
  }

  /** @param {string} channel @param {PageMessage} message */
  #putMessage(channel, message) {
    const list = (this.state.messages[channel] ??= []);
    const at = list.findIndex(({ ts }) => ts === message.ts);
    if (at >= 0) list[at] = message;
    else list.splice(list.findLastIndex(({ ts }) => ts < message.ts) + 1, 0, message);
  }

  /** @param {PageChannel} channel */
  #putChannel(channel) {
    const list = channel.is_im ? this.state.dms : this.state.channels;
    const at = list.findIndex(({ id }) => id === channel.id);
    if (at >= 0) list[at] = channel;
    else list.push(channel);
  }

  /** @param {string} channel @returns {PageMessage[]} oldest first, replies included */
  messages(channel) {
    return this.state.messages[channel] ?? [];
  }

  /** @param {string} id */
  channel(id) {
    return [...this.state.channels, ...this.state.dms].find((channel) => channel.id === id);
  }

  /** The direct conversation with the app, once there is one. */
  get appChannel() {
    return this.state.dms.find(
      ({ user, members }) => user === this.state.app.bot_user || members.includes(this.state.app.bot_user),
    );
  }
}
