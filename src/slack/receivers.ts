/** How commands and buttons come in: two Socket Mode connections, or signed HTTP. */
import {
  HTTPReceiver,
  LogLevel,
  SocketModeReceiver,
  type HTTPReceiverOptions,
  type Logger,
  type Receiver,
} from '@slack/bolt';

import type { WebClientOptions } from '@slack/web-api';
import type { BotConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { LastingSockets } from './sockets.ts';

/** One may break and take its time to be noticed; Slack gives each envelope to one of them. */
const SOCKETS = 2;

export function createReceiver(receive: BotConfig['slack']['receive'], apiUrl: string, log: Log): Receiver {
  const logger = slackLogger(log);
  if (receive.kind === 'http') {
    const { signingSecret, port } = receive;
    return new PunctualReceiver({ signingSecret: signingSecret.reveal(), port, logger });
  }
  const connect = (): SocketModeReceiver =>
    new SocketModeReceiver({
      appToken: receive.appToken.reveal(),
      logger,
      autoReconnectEnabled: false,
      // Options of its own for each: the client writes into them (tried with socket-mode 3.1).
      installerOptions: { clientOptions: clientOptions(apiUrl) },
    });
  return new LastingSockets(connect, SOCKETS, log);
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

/** As much as the clocks of Slack and of the bot may differ: what Bolt itself allows a request to be old. */
const SKEW_S = 5 * 60;

/**
 * Bolt refuses a signed request that is old, but takes one from the future (tried with bolt 5.1): whoever got hold of one
 * could keep it and use it for as long.
 */
class PunctualReceiver extends HTTPReceiver {
  constructor(options: HTTPReceiverOptions) {
    super(options);
    const take = this.requestListener;
    this.requestListener = (request, response) => {
      const at = Number(request.headers['x-slack-request-timestamp']);
      if (at > Date.now() / 1000 + SKEW_S) response.writeHead(401).end();
      else take(request, response);
    };
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
