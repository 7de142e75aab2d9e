/** Socket Mode connections that are there when a command comes: the next one is opened before the old one is left. */
import type { App, Receiver, SocketModeReceiver } from '@slack/bolt';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

/** Between two tries to connect, in ms; twice as long each time. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** So many connections in a row may be short before the next one is made to wait: Slack may be turning all away. */
const SHORT_ONES = 3;
const SHORT_MS = 30_000;
/** What was taken from a connection is answered on it, within Slack's 3 s. */
const ANSWER_MS = 3000;

type Client = SocketModeReceiver['client'];

/**
 * Several connections; Slack gives each envelope to one of them. When Slack asks for one to be renewed, socket-mode 3.1
 * closes it at once, so that what it has just taken is never acknowledged, and is deaf for 5 s and more (tried).
 * Connections that were opened together are also renewed together, so a second one alone would not help.
 */
export class LastingSockets implements Receiver {
  readonly #connect: () => SocketModeReceiver;
  readonly #count: number;
  readonly #log: Log;
  /** All that are open or not quite closed. */
  readonly #clients = new Set<Client>();
  #app: App | undefined;
  #stopped = new AbortController();

  /** `connect` makes a receiver that does not connect again by itself, and whose client does not retry. */
  constructor(connect: () => SocketModeReceiver, count: number, log: Log) {
    this.#connect = connect;
    this.#count = count;
    this.#log = log;
  }

  init(app: App): void {
    this.#app = app;
  }

  /** Resolves when all are connected. @throws what Slack said to the first that it refused; none is open then. */
  async start(): Promise<void> {
    this.#stopped = new AbortController();
    try {
      await Promise.all(Array.from({ length: this.#count }, () => this.#open(0)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    // A second goodbye does not wait for the answer to the first.
    await Promise.all([...this.#clients].map((client) => client.disconnect()));
  }

  /** `short`: how many connections in a row did not last before this one. */
  async #open(short: number): Promise<void> {
    const { signal } = this.#stopped;
    const receiver = this.#connect();
    if (this.#app) receiver.init(this.#app);
    const { client } = receiver;
    this.#clients.add(client);
    let openSince: number | undefined;
    const replace = (): void => {
      if (openSince === undefined || signal.aborted) return;
      const lasted = Date.now() - openSince;
      openSince = undefined;
      void this.#openAgain(lasted < SHORT_MS ? short + 1 : 0, signal);
    };
    onGoodbye(client, () => {
      replace();
      sleep(ANSWER_MS, undefined, { signal }).then(() => client.disconnect(), ignoreAbort);
    });
    client.on('disconnected', () => {
      this.#clients.delete(client);
      replace();
    });
    try {
      await receiver.start();
    } catch (error) {
      this.#clients.delete(client);
      throw error ?? new Error('The connection was closed before it was open.');
    }
    openSince = Date.now();
    // Stopped while it was being opened.
    if (signal.aborted) await client.disconnect();
  }

  async #openAgain(short: number, signal: AbortSignal): Promise<void> {
    for (let tries = Math.max(0, short - SHORT_ONES); !signal.aborted; tries += 1) {
      const pause = tries === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
      await sleep(pause, undefined, { signal }).catch(ignoreAbort);
      if (signal.aborted) return;
      try {
        return await this.#open(short);
      } catch (error) {
        this.#log.warn({ error: messageOf(error) }, 'no connection to Slack, trying again');
      }
    }
  }
}

/** Keeps Slack's request to leave from the client, which would close at once, and calls `leave` instead. */
function onGoodbye(client: Client, leave: () => void): void {
  const listeners = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (...frame: unknown[]) => {
    if (isGoodbye(frame[0])) leave();
    else for (const listener of listeners) listener(...frame);
  });
}

/** Only Slack's own frames have this type: what people send is deeper inside. */
function isGoodbye(frame: unknown): boolean {
  if (typeof frame !== 'string' || !frame.includes('"disconnect"')) return false;
  const { type } = JSON.parse(frame) as { type?: unknown };
  return type === 'disconnect';
}

function ignoreAbort(thrown: unknown): void {
  if (!isAbort(thrown)) throw thrown;
}
