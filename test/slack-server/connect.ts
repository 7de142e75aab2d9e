import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import { WebClient } from '@slack/web-api';
import type { WebClientOptions } from '@slack/web-api';
import type { AddressInfo } from 'node:net';
import type { LocalSlack } from '../../demo/slack/server.ts';

/** The clients report every refusal, and most tests are about refusals. */
export const quiet: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};

/** A Web API client that fails at once instead of trying again for half an hour. */
export function webClient(slack: LocalSlack, options: WebClientOptions & { token?: string } = {}): WebClient {
  const { token = slack.botToken, ...rest } = options;
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: quiet,
    ...rest,
  });
}

/** A socket of the official client, not started. `clientPingTimeout` is also its wait before it connects again. */
export function socketClient(slack: LocalSlack, clientPingTimeout = 5000): SocketModeClient {
  return new SocketModeClient({
    appToken: slack.appToken,
    clientPingTimeout,
    logger: quiet,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
  });
}

export interface Connected {
  app: App;
  stop: () => Promise<void>;
}

/** A Bolt app over Socket Mode, listening once this resolves. `listen` registers its handlers. */
export async function connectBySocket(slack: LocalSlack, listen: (app: App) => void): Promise<Connected> {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger: quiet,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
  });
  const app = newApp(slack, receiver);
  await app.init();
  listen(app);
  await app.start();
  return { app, stop: () => receiver.client.disconnect() };
}

/** A Bolt app behind signed HTTP on a free port, verified by the local Slack. */
export async function connectByHttp(
  slack: LocalSlack,
  listen: (app: App) => void,
  { retryMs }: { retryMs?: number[] } = {},
): Promise<Connected & { requestUrl: string }> {
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logger: quiet });
  const app = newApp(slack, receiver);
  await app.init();
  listen(app);
  const server = await receiver.start(0);
  const { port } = server.address() as AddressInfo;
  const requestUrl = `http://127.0.0.1:${port}/slack/events`;
  await slack.configureHttpMode({ requestUrl, ...(retryMs ? { retryMs } : {}) });
  return {
    app,
    requestUrl,
    async stop() {
      await slack.configureHttpMode(undefined);
      await receiver.stop();
    },
  };
}

function newApp(slack: LocalSlack, receiver: SocketModeReceiver | HTTPReceiver): App {
  return new App({
    token: slack.botToken,
    receiver,
    logger: quiet,
    convoStore: false,
    deferInitialization: true,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, logger: quiet },
  });
}

/** What the Web API answered to a call that it refused. Throws when the call went through. */
export async function refusal(call: Promise<unknown>): Promise<Record<string, unknown>> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof Error)) throw new Error('The call was not refused.');
  return 'data' in outcome ? (outcome.data as Record<string, unknown>) : { message: outcome.message };
}

/** The error name of a refused call. */
export async function refusedWith(call: Promise<unknown>): Promise<unknown> {
  return (await refusal(call))['error'];
}
