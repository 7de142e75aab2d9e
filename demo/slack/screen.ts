import type { Message } from './display.ts';
import { isVisible, showMessage, showView } from './display.ts';
import type { PageView } from './page-api.ts';
import { renderMessage, renderTranscript } from './render/text.ts';
import type { Views } from './views.ts';
import type { Change, StoredMessage, Workspace } from './workspace.ts';

export interface LookOptions {
  /** Whose eyes: only what this person sees. Everything, also others' ephemeral messages, when absent. */
  as?: string;
  /** Only the thread that begins with this ts. */
  thread?: string;
  /** Only messages posted after this ts. */
  since?: string;
}

/** What people see in Slack's client, as text, and waiting for it. */
export class Screen {
  readonly #workspace: Workspace;
  readonly #views: Views;

  constructor(workspace: Workspace, views: Views) {
    this.#workspace = workspace;
    this.#views = views;
  }

  home(user: string): PageView | undefined {
    const view = this.#views.home(this.#workspace.person(user).id);
    return view && showView(view, this.#workspace);
  }

  /** Open modals, the visible one last. */
  modals(user: string): PageView[] {
    return this.#views.stack(this.#workspace.person(user).id).map((view) => showView(view, this.#workspace));
  }

  /** Messages as displayed, oldest first, edits applied. */
  messages(channel: string, look: LookOptions = {}): Message[] {
    return this.#workspace
      .channel(channel)
      .messages.filter((message) => this.#inView(message, look))
      .map((message) => this.show(message));
  }

  renderText(message: Message): string {
    return renderMessage(message, this.#workspace);
  }

  transcript(channel: string, options: LookOptions = {}): string {
    return renderTranscript(this.messages(channel, options), this.#workspace);
  }

  /**
   * Resolves with what the function returns as soon as that is not undefined; looks again after every change, not by the
   * clock. Rejects after `timeoutMs`.
   */
  async until<T>(look: () => T | undefined, timeoutMs = 10_000, complaint?: () => string): Promise<T> {
    return this.#onChanges(look(), look, timeoutMs, complaint ?? (() => 'What was awaited did not happen.'));
  }

  /**
   * The newest message that has this text (as rendered) or fulfils the condition, or else the first one that a later
   * message or edit brings. Rejects after `timeoutMs` (10 s unless told) with what the channel shows.
   */
  async waitFor(
    wanted: string | ((message: Message) => boolean),
    { timeoutMs = 10_000, channel, ...look }: LookOptions & { timeoutMs?: number; channel?: string } = {},
  ): Promise<Message> {
    const ids = channel === undefined ? undefined : [this.#workspace.channel(channel).id];
    const matches = (message: Message): boolean =>
      typeof wanted === 'string' ? this.renderText(message).includes(wanted) : wanted(message);
    const channels = (): string[] => ids ?? [...this.#workspace.channels.keys()];
    const now = channels()
      .flatMap((id) => this.messages(id, look))
      .filter(matches)
      .toSorted((a, b) => (a.ts < b.ts ? -1 : 1))
      .at(-1);
    // Only the message that changed is looked at again: a long history must not slow a busy channel down.
    const inChange = (change: Change): Message | undefined => {
      if (!('message' in change) || change.type === 'message_deleted') return undefined;
      const { message } = change;
      if (!channels().includes(message.channel) || !this.#inView(message, look)) return undefined;
      const shown = this.show(message);
      return matches(shown) ? shown : undefined;
    };
    return this.#onChanges(now, inChange, timeoutMs, () => {
      const what = typeof wanted === 'string' ? `showed "${wanted}"` : 'was as awaited';
      const shown = channels().map(
        (id) => `#${this.#workspace.channel(id).name || 'direct'}\n${this.transcript(id, look)}`,
      );
      return `No message ${what} within ${timeoutMs / 1000} s. This is what is there:\n${shown.join('\n\n')}`;
    });
  }

  #inView(message: StoredMessage, { as, thread, since = '' }: LookOptions): boolean {
    const user = as === undefined ? undefined : this.#workspace.person(as).id;
    const inThread = thread === undefined || message.ts === thread || message.threadTs === thread;
    return isVisible(message, user) && inThread && message.ts > since;
  }

  async #onChanges<T>(
    now: T | undefined,
    look: (change: Change) => T | undefined,
    timeoutMs: number,
    complaint: () => string,
  ): Promise<T> {
    if (now !== undefined) return now;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const stop = this.#workspace.onChange((change) => {
      try {
        const value = look(change);
        if (value !== undefined) resolve(value);
      } catch (error) {
        reject(error);
      }
    });
    // Once Slack is closed nobody waits any more: it must not keep the process.
    const timer = setTimeout(() => reject(new Error(complaint())), timeoutMs).unref();
    return promise.finally(() => {
      clearTimeout(timer);
      stop();
    });
  }

  show(message: StoredMessage): Message {
    const { metadata } = message;
    return { ...showMessage(message, this.#workspace), ...(metadata ? { metadata } : {}) };
  }
}
