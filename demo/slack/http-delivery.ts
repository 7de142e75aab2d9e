import { createHmac, randomUUID } from 'node:crypto';
import type { Parcel, Receipt, SendRecord, Transport } from './delivery.ts';
import { ACK_MS } from './delivery.ts';
import type { Fields } from './json.ts';
import { isFields, parseJson, stringOf } from './json.ts';

/** Events that were not answered with 2xx come again at once, after a minute and after five (docs). */
const EVENT_RETRY_MS = [0, 60_000, 300_000];

/** Slack's signature of a request: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function sign(secret: string, timestamp: number, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

/** HTTP mode: signed requests to the app's one request URL. */
export class HttpDelivery implements Transport {
  readonly #url: string;
  readonly #secret: string;
  readonly #record: (send: SendRecord) => SendRecord;
  readonly #retryMs: number[];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    url: string,
    secret: string,
    record: (send: SendRecord) => SendRecord,
    retryMs = EVENT_RETRY_MS,
  ) {
    this.#url = url;
    this.#secret = secret;
    this.#record = record;
    this.#retryMs = retryMs;
  }

  /** Slack's check that the URL is the app's. Throws when it does not answer with the challenge. */
  async verifyUrl(): Promise<void> {
    const challenge = randomUUID();
    const answer = await this.#post(
      JSON.stringify({ type: 'url_verification', challenge }),
      'application/json',
      {},
    );
    const text = await answer.text();
    const said = parseJson(text);
    if (text !== challenge && (!isFields(said) || said['challenge'] !== challenge)) {
      throw new Error(
        `Your URL didn't respond with the value of the challenge parameter (HTTP ${answer.status}).`,
      );
    }
  }

  async deliver(parcel: Parcel, attempt = 0): Promise<Receipt> {
    const send = this.#record({
      envelopeId: randomUUID(),
      type: parcel.type,
      via: 'http',
      attempt,
      at: Date.now(),
    });
    const started = performance.now();
    const receipt = await this.#try(parcel, attempt);
    if (receipt.acked) send.latencyMs = performance.now() - started;
    else if (parcel.type === 'events_api') this.#deliverLater(parcel, attempt);
    return receipt;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #deliverLater(parcel: Parcel, attempt: number): void {
    const wait = this.#retryMs[attempt];
    if (wait === undefined) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.deliver(parcel, attempt + 1);
    }, wait);
    this.#timers.add(timer);
  }

  async #try(parcel: Parcel, attempt: number): Promise<Receipt> {
    const retry = { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': 'http_timeout' };
    try {
      const answer = await this.#post(encode(parcel), contentType(parcel), attempt > 0 ? retry : {});
      const text = await answer.text();
      if (!answer.ok) return { acked: false, error: 'http_service_error' };
      return { acked: true, response: readResponse(text) };
    } catch (error) {
      const late = error instanceof DOMException && error.name === 'TimeoutError';
      return { acked: false, error: late ? 'operation_timeout' : 'dispatch_failed' };
    }
  }

  async #post(body: string, type: string, headers: Record<string, string>): Promise<Response> {
    const timestamp = Math.floor(Date.now() / 1000);
    return fetch(this.#url, {
      method: 'POST',
      body,
      headers: {
        'content-type': type,
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': sign(this.#secret, timestamp, body),
        ...headers,
      },
      signal: AbortSignal.timeout(ACK_MS),
    });
  }
}

function contentType(parcel: Parcel): string {
  return parcel.type === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded';
}

/** Events are JSON, commands are forms, interactions are forms with the JSON in `payload`. */
function encode(parcel: Parcel): string {
  if (parcel.type === 'events_api') return JSON.stringify(parcel.payload);
  if (parcel.type === 'interactive')
    return new URLSearchParams({ payload: JSON.stringify(parcel.payload) }).toString();
  const fields = Object.entries(parcel.payload).map(([key, value]): [string, string] => [
    key,
    stringOf(value) ?? '',
  ]);
  return new URLSearchParams(fields).toString();
}

function readResponse(text: string): Fields | undefined {
  if (text.trim() === '') return undefined;
  const parsed = parseJson(text);
  return isFields(parsed) ? parsed : { text };
}
