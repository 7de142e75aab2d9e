import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from './api/error.ts';
import { methods } from './api/index.ts';
import type { ApiContext, ApiMethod } from './api/method.ts';
import { Args } from './api/method.ts';
import type { ApiFaults } from './faults.ts';
import { parseBody, readBody, sendJson } from './http.ts';
import { newSecret } from './ids.ts';
import type { Fields } from './json.ts';
import type { RateLimits } from './tiers.ts';

/** One call of the Web API, for tests. The token itself is left out of `args`. */
export interface ApiCall {
  method: string;
  args: Fields;
  token: 'bot' | 'app' | 'none' | 'unknown';
  /** HTTP status. */
  status: number;
  /** Slack's error name when the answer was `{ok: false}`. */
  error?: string;
  /** Milliseconds since 1970 at which the call arrived. */
  at: number;
  /** Milliseconds until the answer. */
  ms: number;
}

interface Answer {
  status: number;
  body: Fields;
  headers?: Record<string, string>;
}

const KEPT_CALLS = 50_000;

/** Slack's Web API over HTTP: who may call what, how often, and the answer. */
export class WebApi {
  readonly calls: ApiCall[] = [];
  readonly counts: Record<string, number> = {};
  readonly #listeners = new Set<(call: ApiCall) => void>();
  readonly #context: ApiContext;
  readonly #limits: RateLimits;
  readonly #faults: ApiFaults;
  readonly #closed: AbortSignal;

  constructor(context: ApiContext, limits: RateLimits, faults: ApiFaults, closed: AbortSignal) {
    this.#context = context;
    this.#limits = limits;
    this.#faults = faults;
    this.#closed = closed;
  }

  /** Calls the listener after every call has done its work (the answer may still be on its way). */
  onCall(listener: (call: ApiCall) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next call of this method that fulfils the condition. Rejects after `timeoutMs`. */
  nextCall(
    method: string,
    matches: (call: ApiCall) => boolean = () => true,
    timeoutMs = 10_000,
  ): Promise<ApiCall> {
    const { promise, resolve, reject } = Promise.withResolvers<ApiCall>();
    const stop = this.onCall((call) => {
      if (call.method === method && matches(call)) resolve(call);
    });
    const timer = setTimeout(
      () => reject(new Error(`${method} was not called within ${timeoutMs / 1000} s.`)),
      timeoutMs,
    );
    return promise.finally(() => {
      clearTimeout(timer);
      stop();
    });
  }

  async handle(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    const started = performance.now();
    const at = Date.now();
    const fields = await this.#fields(request);
    const token = request.headers.authorization?.replace(/^Bearer /i, '') ?? fields?.['token'];
    const { token: _, ...args } = fields ?? {};
    const kind = this.#tokenKind(token);
    const answer = fields ? this.#answer(name, new Args(args), kind) : refused('invalid_form_data');
    const call: ApiCall = { method: name, args, token: kind, status: answer.status, at, ms: 0 };
    if (typeof answer.body['error'] === 'string') call.error = answer.body['error'];
    this.#record(call);
    const late = this.#faults.take(name, 'delay');
    // A slow answer also ends when the server closes.
    if (late) await delay(late.ms, undefined, { signal: this.#closed }).catch(() => {});
    call.ms = performance.now() - started;
    sendJson(response, answer.status, answer.body, {
      'x-slack-req-id': newSecret(8),
      ...(kind === 'bot' ? { 'x-oauth-scopes': this.#context.app.scopes.join(',') } : {}),
      ...answer.headers,
    });
  }

  async #fields(request: IncomingMessage): Promise<Fields | undefined> {
    const query = Object.fromEntries(new URL(request.url ?? '/', 'http://local').searchParams);
    const body = await readBody(request);
    if (body.length === 0) return query;
    const parsed = await parseBody(request.headers['content-type'] ?? '', body);
    return parsed && { ...query, ...parsed };
  }

  #tokenKind(token: unknown): ApiCall['token'] {
    if (token === undefined || token === '') return 'none';
    if (token === this.#context.app.botToken) return 'bot';
    return token === this.#context.app.appToken ? 'app' : 'unknown';
  }

  #record(call: ApiCall): void {
    this.calls.push(call);
    if (this.calls.length > KEPT_CALLS) this.calls.shift();
    this.counts[call.method] = (this.counts[call.method] ?? 0) + 1;
    for (const listener of this.#listeners) listener(call);
  }

  #answer(name: string, args: Args, token: ApiCall['token']): Answer {
    const limited = this.#faults.take(name, 'rate limit');
    if (limited) return tooMany(limited.retryAfterS);
    const broken = this.#faults.take(name, 'status');
    if (broken && !broken.afterwards)
      return { status: broken.status, body: { ok: false, error: 'service_unavailable' } };
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) return { status: 200, body: { ok: false, error: 'unknown_method', req_method: name } };
    const answer = this.#run(name, method, args, token);
    return broken ? { status: broken.status, body: { ok: false, error: 'internal_error' } } : answer;
  }

  #run(name: string, method: ApiMethod, args: Args, token: ApiCall['token']): Answer {
    const headers: Record<string, string> = {};
    try {
      this.#authorize(method, args, token, headers);
      const key = [name, method.limitedPer?.(args) ?? ''].join(' ');
      const wait = this.#limits.take(key, method.tier);
      if (wait !== undefined) return tooMany(wait);
      return { status: 200, body: { ok: true, ...method.run(args, this.#context) }, headers };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { ...refused(error.code, error.details), headers };
    }
  }

  #authorize(method: ApiMethod, args: Args, token: ApiCall['token'], headers: Record<string, string>): void {
    if (method.token === 'none') return;
    if (token === 'none') throw new ApiError('not_authed');
    if (token === 'unknown') throw new ApiError('invalid_auth');
    if (method.token !== 'any' && method.token !== token) throw new ApiError('not_allowed_token_type');
    const needed = method.scopes?.(args, this.#context) ?? [];
    if (needed.length > 0) headers['x-accepted-oauth-scopes'] = needed.join(',');
    const granted = token === 'app' ? ['connections:write'] : this.#context.app.scopes;
    if (needed.length > 0 && !needed.some((scope) => granted.includes(scope))) {
      throw new ApiError('missing_scope', { needed: needed.join(','), provided: granted.join(',') });
    }
  }
}

function refused(code: string, details: Fields = {}): Answer {
  return { status: 200, body: { ok: false, error: code, ...details } };
}

function tooMany(retryAfterS: number): Answer {
  return {
    status: 429,
    body: { ok: false, error: 'ratelimited' },
    headers: { 'retry-after': String(retryAfterS) },
  };
}
