/** How commands and buttons come in: two Socket Mode connections, or signed HTTP. */
import {
  HTTPReceiver,
  LogLevel,
  SocketModeReceiver,
  type App,
  type Logger,
  type Receiver,
} from '@slack/bolt';

import type { WebClientOptions } from '@slack/web-api';
import type { BotConfig } from '../config.ts';
import type { Log } from '../log.ts';

/**
 * One connection is deaf for about 5 s whenever Slack asks it to reconnect (tried with socket-mode 3.1), so there are
 * two; Slack gives each envelope to one of them.
 */
const SOCKETS = 2;

export function createReceiver(receive: BotConfig['slack']['receive'], apiUrl: string, log: Log): Receiver {
  const logger = slackLogger(log);
  if (receive.kind === 'http') {
    return new HTTPReceiver({ signingSecret: receive.signingSecret.reveal(), port: receive.port, logger });
  }
  const connect = (): SocketModeReceiver => {
    // Options of its own for each: the client writes into them. With no retries one 503 while reconnecting is an
    // unhandled rejection and the connection never comes back (tried).
    const retryConfig = { forever: true, minTimeout: 500, maxTimeout: 5000 };
    const installerOptions = { clientOptions: { ...clientOptions(apiUrl), retryConfig } };
    return new SocketModeReceiver({ appToken: receive.appToken.reveal(), logger, installerOptions });
  };
  return new SocketReceivers(Array.from({ length: SOCKETS }, connect));
}

/** For every WebClient: web-api has no time limit by default and retries for half an hour. */
export function clientOptions(apiUrl: string): WebClientOptions {
  return {
    slackApiUrl: apiUrl,
    timeout: 10_000,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
  };
}

class SocketReceivers implements Receiver {
  readonly #receivers: SocketModeReceiver[];

  constructor(receivers: SocketModeReceiver[]) {
    this.#receivers = receivers;
  }

  init(app: App): void {
    for (const receiver of this.#receivers) receiver.init(app);
  }

  async start(): Promise<void> {
    await Promise.all(this.#receivers.map(async (receiver) => await receiver.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#receivers.map(async ({ client }) => {
        await client.disconnect();
      }),
    );
  }
}

/** Bolt's lines in the bot's own log. */
export function slackLogger(log: Log): Logger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (...parts: unknown[]) => {
      log[level](
        { from: 'slack' },
        parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '),
      );
    };
  return {
    // Whole payloads, with Slack's verification token and addresses at which anybody could answer in the bot's name.
    debug: () => {},
    // Bolt's info is about connections coming and going: of use only when looking for a fault.
    info: write('debug'),
    warn: write('warn'),
    error: write('error'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
