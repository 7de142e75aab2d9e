import type { InstalledApp } from '../app.ts';
import type { FileExists } from '../blocks/validate.ts';
import type { Fields } from '../json.ts';
import { isFields, parseJson } from '../json.ts';
import type { Tier } from '../tiers.ts';
import type { Triggers } from '../triggers.ts';
import type { Views } from '../views.ts';
import type { Workspace } from '../workspace.ts';
import { ApiError, invalid } from './error.ts';

/** The arguments of a call, which come as text from forms and typed from JSON. */
export class Args {
  readonly fields: Fields;
  constructor(fields: Fields) {
    this.fields = fields;
  }

  text(name: string): string | undefined {
    const value = this.fields[name];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  required(name: string): string {
    const value = this.text(name);
    if (!value) throw invalid('invalid_arguments', [`missing required field: ${name}`]);
    return value;
  }

  flag(name: string): boolean {
    return ['true', '1'].includes(this.text(name) ?? '');
  }

  /** A whole number within the limits, or the fallback when the argument is absent. */
  count(name: string, fallback: number, max: number): number {
    const text = this.text(name);
    if (text === undefined || text === '') return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) throw new ApiError('invalid_limit');
    return Math.min(value, max);
  }

  /** An object or list that may come as JSON text. Undefined when absent, null when it is not JSON. */
  json(name: string): unknown {
    const value = this.fields[name];
    if (typeof value !== 'string') return value;
    return parseJson(value) ?? null;
  }

  object(name: string): Fields {
    const value = this.json(name);
    if (!isFields(value)) throw invalid('invalid_arguments', [`missing required field: ${name}`]);
    return value;
  }
}

/** What the methods work on. */
export interface ApiContext {
  app: InstalledApp;
  workspace: Workspace;
  views: Views;
  triggers: Triggers;
  fileExists: FileExists;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url(): string;
  /** A WebSocket address that can be used once. */
  newSocketUrl(): string;
  /** Takes the bytes of `files.getUploadURLExternal`. */
  uploads: Map<string, { name: string; length: number; bytes?: Buffer }>;
}

export interface ApiMethod {
  /** `app` for app-level tokens (xapp), `bot` for the bot's, `any` for either, `none` when no token is needed. */
  token: 'bot' | 'app' | 'any' | 'none';
  tier: Tier;
  /** Scopes of which one is enough, depending on the call; none when every token may. */
  scopes?(args: Args, context: ApiContext): string[];
  /** Rate limits count per this key in addition to the method, such as the channel. */
  limitedPer?(args: Args): string;
  run(args: Args, context: ApiContext): Fields;
}

/** Cuts one page out of a list as Slack's cursors do. */
export function page<T>(
  items: T[],
  args: Args,
  fallback = 100,
): { items: T[]; metadata: { next_cursor: string } } {
  const cursor = args.text('cursor');
  const start = cursor ? Number(Buffer.from(cursor, 'base64url').toString().replace('next:', '')) : 0;
  if (!Number.isInteger(start)) throw new ApiError('invalid_cursor');
  const end = start + args.count('limit', fallback, 999);
  const next = end < items.length ? Buffer.from(`next:${end}`).toString('base64url') : '';
  return { items: items.slice(start, end), metadata: { next_cursor: next } };
}
