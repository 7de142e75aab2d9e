import type { Message } from './display.ts';
import { isVisible, showMessage, showView } from './display.ts';
import type { PageView } from './page-api.ts';
import { renderMessage, renderTranscript } from './render/text.ts';
import type { Views } from './views.ts';
import type { StoredMessage, Workspace } from './workspace.ts';

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
  messages(channel: string, { as, thread, since = '' }: LookOptions = {}): Message[] {
    const workspace = this.#workspace;
    const user = as === undefined ? undefined : workspace.person(as).id;
    return workspace
      .channel(channel)
      .messages.filter((message) => isVisible(message, user) && message.ts > since)
      .filter((message) => thread === undefined || message.ts === thread || message.threadTs === thread)
      .map((message) => this.show(message));
  }

  renderText(message: Message): string {
    return renderMessage(message, this.#workspace);
  }

  transcript(channel: string, options: LookOptions = {}): string {
    return renderTranscript(this.messages(channel, options), this.#workspace);
  }

  /** Resolves with what the function returns as soon as that is not undefined; looks again after every change. */
  until<T>(look: () => T | undefined, timeoutMs: number, timeoutMessage: () => string): Promise<T> {
    const now = look();
    if (now !== undefined) return Promise.resolve(now);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const stop = this.#workspace.onChange(() => {
      const value = look();
      if (value !== undefined) resolve(value);
    });
    const timer = setTimeout(() => reject(new Error(timeoutMessage())), timeoutMs);
    return promise.finally(() => {
      clearTimeout(timer);
      stop();
    });
  }

  /**
   * The newest message that has this text (as rendered) or fulfils the condition, now or by a later message or edit.
   * Rejects after `timeoutMs` (10 s unless told) with what the channel shows.
   */
  waitFor(
    wanted: string | ((message: Message) => boolean),
    { timeoutMs = 10_000, channel, ...look }: LookOptions & { timeoutMs?: number; channel?: string } = {},
  ): Promise<Message> {
    const workspace = this.#workspace;
    const channels = (): string[] =>
      channel === undefined ? [...workspace.channels.keys()] : [workspace.channel(channel).id];
    const matches = (message: Message): boolean =>
      typeof wanted === 'string' ? this.renderText(message).includes(wanted) : wanted(message);
    const find = (): Message | undefined =>
      channels()
        .flatMap((id) => this.messages(id, look))
        .filter(matches)
        .toSorted((a, b) => (a.ts < b.ts ? -1 : 1))
        .at(-1);
    return this.until(find, timeoutMs, () => {
      const what = typeof wanted === 'string' ? `showed "${wanted}"` : 'was as awaited';
      const shown = channels().map(
        (id) => `#${workspace.channel(id).name || 'direct'}\n${this.transcript(id, look)}`,
      );
      return `No message ${what} within ${timeoutMs / 1000} s. This is what is there:\n${shown.join('\n\n')}`;
    });
  }

  show(message: StoredMessage): Message {
    const { metadata } = message;
    return { ...showMessage(message, this.#workspace), ...(metadata ? { metadata } : {}) };
  }
}
