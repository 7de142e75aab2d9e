import { ApiError } from './api/error.ts';
import type { InstalledApp } from './app.ts';
import { applyContent, isEmpty, newContent, readContent } from './content.ts';
import type { FileExists } from './blocks/validate.ts';
import { newSecret, newTs } from './ids.ts';
import type { Fields } from './json.ts';
import type { StoredMessage, Workspace } from './workspace.ts';

const USES = 5;
const LIFE_MS = 30 * 60_000;

/** Where an answer goes: to the person who acted, in the channel (and thread) where that was. */
export interface Origin {
  user: string;
  channel: string;
  /** The message whose button was pressed; absent for commands. */
  message?: StoredMessage;
}

/** The addresses at which an app can answer a command or interaction, five times within half an hour. */
export class ResponseUrls {
  readonly #origins = new Map<string, { origin: Origin; left: number; until: number }>();
  readonly #workspace: Workspace;
  readonly #app: InstalledApp;
  readonly #fileExists: FileExists;
  readonly #url: () => string;

  constructor(workspace: Workspace, app: InstalledApp, fileExists: FileExists, url: () => string) {
    this.#workspace = workspace;
    this.#app = app;
    this.#fileExists = fileExists;
    this.#url = url;
  }

  issue(origin: Origin): string {
    const id = newSecret(16);
    this.#origins.set(id, { origin, left: USES, until: Date.now() + LIFE_MS });
    return `${this.#url()}/response/${id}`;
  }

  /** Makes every address as old as if half an hour had passed. */
  expireAll(): void {
    for (const entry of this.#origins.values()) entry.until = 0;
  }

  /** A POST to such an address: HTTP status and body. */
  use(id: string, fields: Fields | undefined): { status: number; body: string } {
    const entry = this.#origins.get(id);
    const gone = (error: string): { status: number; body: string } => ({
      status: 404,
      body: JSON.stringify({ ok: false, error }),
    });
    if (!entry) return gone('invalid_url');
    if (Date.now() > entry.until) return gone('expired_url');
    if (entry.left === 0) return gone('used_url');
    entry.left -= 1;
    if (!fields) return { status: 400, body: 'invalid_payload' };
    try {
      this.respond(entry.origin, fields);
      return { status: 200, body: 'ok' };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { status: 400, body: error.code };
    }
  }

  /** Shows an answer: ephemeral unless told otherwise, or in place of the original. Throws Slack's error. */
  respond(origin: Origin, fields: Fields): void {
    const flag = (name: string): boolean => fields[name] === true || fields[name] === 'true';
    const original = origin.message && this.#workspace.message(origin.channel, origin.message.ts);
    if (flag('delete_original')) {
      if (!original) throw new ApiError('message_not_found');
      return this.#workspace.remove(original);
    }
    const content = readContent(fields, this.#fileExists);
    if (isEmpty(content)) throw new ApiError('no_text');
    if (flag('replace_original')) {
      if (!original) throw new ApiError('message_not_found');
      applyContent(original, content, newTs());
      return this.#workspace.changed(original);
    }
    const inChannel = fields['response_type'] === 'in_channel';
    const threadTs = typeof fields['thread_ts'] === 'string' ? fields['thread_ts'] : original?.threadTs;
    this.#workspace.post({
      channel: origin.channel,
      user: this.#app.botUserId,
      ...newContent(content),
      ...(threadTs ? { threadTs } : {}),
      ...(inChannel ? {} : { ephemeralFor: origin.user }),
    });
  }
}
