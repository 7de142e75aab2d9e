import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InstalledApp } from './app.ts';
import { furnishWorkspace, installApp, TEAM } from './app.ts';
import type { ApiContext } from './api/method.ts';
import { Client } from './client.ts';
import type { Receipt, SendRecord } from './delivery.ts';
import { Delivery } from './delivery.ts';
import { ApiFaults } from './faults.ts';
import { parseBody, readBody, sendJson, sendText } from './http.ts';
import { HttpDelivery } from './http-delivery.ts';
import { PageServer } from './page-server.ts';
import { ResponseUrls } from './response-urls.ts';
import { SocketDelivery } from './socket-delivery.ts';
import type { DisconnectReason } from './sockets.ts';
import { Sockets } from './sockets.ts';
import { serveStatic } from './static.ts';
import { RateLimits } from './tiers.ts';
import { Triggers } from './triggers.ts';
import type { ApiCall } from './web-api.ts';
import { WebApi } from './web-api.ts';
import { Views } from './views.ts';
import type { Change } from './workspace.ts';

export interface LocalSlackOptions extends Partial<InstalledApp> {
  /** On 127.0.0.1; 0, the default, takes a free one. */
  port?: number;
  /** Multiplies every rate limit; 1 is Slack's own. */
  tierScale?: number;
  /** Between pings on each socket; Slack's is about 10 s. */
  pingIntervalMs?: number;
}

/** Misbehaviour on request, on top of what slack-facts asks of every client. */
export type Faults = Pick<ApiFaults, 'rateLimit' | 'failHttp' | 'slow' | 'clear'> & {
  /** Sends disconnect frames to all sockets, or to the `count` oldest. */
  disconnectSockets(reason?: DisconnectReason, count?: number): void;
  /** Cuts all sockets without a frame. */
  dropSockets(): void;
  /** Leaves TCP open after the closing handshake, as Slack does (for sockets opened from now on). */
  holdTcpAfterClose(hold: boolean): void;
  /** The next `count` envelopes are delivered again after they were acknowledged. */
  resendEnvelopes(count: number): void;
  /** Every trigger_id and response_url given so far expires. */
  expire(): void;
  /** Refuses connections, closes all that are open; the page is gone too. Resolves when it is so. */
  down(): Promise<void>;
  /** Back on the same port, with everything remembered. */
  up(): Promise<void>;
};

type Listed<Name extends string, Shape> = Record<Name, Shape>;

export type LocalSlack = Pick<
  Client,
  | 'say'
  | 'press'
  | 'choose'
  | 'suggest'
  | 'submitView'
  | 'closeView'
  | 'openHome'
  | 'home'
  | 'modals'
  | 'messages'
  | 'renderText'
  | 'transcript'
  | 'waitFor'
> & {
  /** `http://127.0.0.1:PORT`: the page. */
  url: string;
  /** For `slackApiUrl` of the clients. */
  apiUrl: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  team: { id: string; domain: string };
  app: { id: string; name: string; botId: string; botUserId: string };
  users: Listed<'alice' | 'bob' | 'carol', { id: string; name: string; real_name: string }>;
  channels: Listed<'ops' | 'alerts' | 'random', { id: string; name: string }>;
  usergroups: Listed<'oncall' | 'ops-team', { id: string; handle: string }>;
  /** `/swarm ...` typed by a person; resolves when acknowledged, or when Slack has shown them that it was not. */
  command(user: string, channel: string, line: string): Promise<void>;
  /** The last envelope once more, with the same content. */
  deliverAgain(): Promise<Receipt>;
  /** After every change of messages, views and channels. */
  onChange(listener: (change: Change) => void): () => void;
  calls: readonly ApiCall[];
  /** Calls per method. */
  counts: Readonly<Record<string, number>>;
  /** The next call of the method that fulfils the condition. Rejects after `timeoutMs` (10 s). */
  nextCall(method: string, matches?: (call: ApiCall) => boolean, timeoutMs?: number): Promise<ApiCall>;
  /** Envelopes and requests sent to the app, with the time until each was acknowledged. */
  sends(): readonly SendRecord[];
  /** Sockets that take envelopes now. */
  socketCount(): number;
  faults: Faults;
  /** Signed HTTP to this URL instead of sockets; undefined goes back to sockets. Rejects when the URL fails Slack's check. */
  configureHttpMode(mode: { requestUrl: string; retryMs?: number[] } | undefined): Promise<void>;
  close(): Promise<void>;
};

/** Starts a Slack on this machine, furnished with people, channels and the installed app. */
export async function startLocalSlack(options: LocalSlackOptions = {}): Promise<LocalSlack> {
  const { port = 0, tierScale = 1, pingIntervalMs = 10_000, ...appOptions } = options;
  const app = installApp(appOptions);
  const workspace = furnishWorkspace(app);
  let url = '';
  const fileExists = (idOrUrl: string): boolean =>
    [...workspace.files.values()].some(
      (file) =>
        file.mimetype.startsWith('image/') && (file.id === idOrUrl || idOrUrl.includes(`/${file.id}/`)),
    );
  const views = new Views(workspace, app, fileExists);
  const triggers = new Triggers();
  const sockets = new Sockets(app.id, pingIntervalMs);
  const responses = new ResponseUrls(workspace, app, fileExists, () => url);
  const apiFaults = new ApiFaults();
  const closed = new AbortController();
  const context: ApiContext = {
    app,
    workspace,
    views,
    triggers,
    fileExists,
    uploads: new Map(),
    url: () => url,
    newSocketUrl: () => sockets.newUrl(url),
  };
  const webApi = new WebApi(context, new RateLimits(tierScale), apiFaults, closed.signal);
  const record = (send: SendRecord): SendRecord => delivery.record(send);
  const bySocket = new SocketDelivery(sockets, record);
  const delivery: Delivery = new Delivery(bySocket);
  const client = new Client({ app, workspace, views, triggers, responses, delivery, url: () => url });
  const page = new PageServer(app, workspace, views, client);
  let byHttp: HttpDelivery | undefined;

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      // Only a mistake of this server gets here: it must not pass for one of Slack's answers.
      console.error('The local Slack failed on', request.url, error);
      if (!response.headersSent) sendJson(response, 500, { ok: false, error: 'fatal_error' });
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/link/')) sockets.upgrade(request, socket, head);
    else socket.destroy();
  });

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', 'http://local');
    const [, first = '', ...rest] = address.pathname.split('/');
    if (!isOwnHost(request))
      return sendText(response, 403, 'This server only answers to 127.0.0.1 and localhost.');
    if (first === 'api') return webApi.handle(request, response, rest.join('/'));
    if (first === 'response') return takeResponse(request, response, rest[0] ?? '');
    if (first === 'upload') return takeUpload(request, response, rest[1] ?? '');
    if (!isOwnOrigin(request)) return sendText(response, 403, 'This page only takes requests from itself.');
    if (first === 'page') return page.handle(request, response, address);
    if (first === 'files') return sendFile(response, rest[0] ?? '');
    return serveStatic(response, decodeURIComponent(address.pathname));
  }

  async function takeResponse(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const body = await readBody(request);
    const { status, body: text } = responses.use(
      id,
      await parseBody(request.headers['content-type'] ?? '', body),
    );
    sendText(response, status, text);
  }

  async function takeUpload(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const body = await readBody(request);
    const form = await parseBody(request.headers['content-type'] ?? '', body);
    const bytes = form ? Object.values(form).find((value) => Buffer.isBuffer(value)) : body;
    const upload = context.uploads.get(id);
    if (!upload || !bytes) return sendText(response, 404, 'There is no such upload.');
    if (bytes.length !== upload.length) return sendText(response, 400, `Expected ${upload.length} bytes.`);
    upload.bytes = bytes;
    sendText(response, 200, `OK - ${bytes.length}`);
  }

  function sendFile(response: ServerResponse, id: string): void {
    const file = workspace.files.get(id);
    if (!file) return sendText(response, 404, 'There is no such file.');
    response.writeHead(200, {
      'content-type': file.mimetype,
      'x-content-type-options': 'nosniff',
      // An uploaded SVG must not run scripts on the page's origin.
      'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    });
    response.end(file.bytes);
  }

  const listen = async (on: number): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    server.once('error', reject);
    server.listen(on, '127.0.0.1', () => resolve(undefined));
    await promise;
    server.off('error', reject);
  };
  const stopListening = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    server.close(() => resolve(undefined));
    sockets.terminate();
    server.closeAllConnections();
    await promise;
  };
  await listen(port);
  const listening = (server.address() as AddressInfo).port;
  url = `http://127.0.0.1:${listening}`;

  return {
    url,
    apiUrl: `${url}/api/`,
    botToken: app.botToken,
    appToken: app.appToken,
    signingSecret: app.signingSecret,
    team: TEAM,
    app,
    users: {
      alice: workspace.person('alice'),
      bob: workspace.person('bob'),
      carol: workspace.person('carol'),
    },
    channels: {
      ops: workspace.channel('#ops'),
      alerts: workspace.channel('#alerts'),
      random: workspace.channel('#random'),
    },
    usergroups: {
      oncall: { id: 'S00ONCALL1', handle: 'oncall' },
      'ops-team': { id: 'S000OPS001', handle: 'ops-team' },
    },
    async command(user, channel, line) {
      await client.command(user, channel, line);
    },
    say: client.say.bind(client),
    press: client.press.bind(client),
    choose: client.choose.bind(client),
    suggest: client.suggest.bind(client),
    submitView: client.submitView.bind(client),
    closeView: client.closeView.bind(client),
    openHome: client.openHome.bind(client),
    home: client.home.bind(client),
    modals: client.modals.bind(client),
    messages: client.messages.bind(client),
    renderText: client.renderText.bind(client),
    transcript: client.transcript.bind(client),
    waitFor: client.waitFor.bind(client),
    deliverAgain: () => delivery.deliverAgain(),
    onChange: (listener) => workspace.onChange(listener),
    calls: webApi.calls,
    counts: webApi.counts,
    nextCall: webApi.nextCall.bind(webApi),
    sends: () => delivery.sends,
    socketCount: () => sockets.count,
    faults: {
      rateLimit: apiFaults.rateLimit.bind(apiFaults),
      failHttp: apiFaults.failHttp.bind(apiFaults),
      slow: apiFaults.slow.bind(apiFaults),
      clear: apiFaults.clear.bind(apiFaults),
      disconnectSockets: (reason = 'refresh_requested', count = Infinity) =>
        sockets.disconnect(reason, count),
      dropSockets: () => sockets.terminate(),
      holdTcpAfterClose: (hold) => sockets.holdTcpAfterClose(hold),
      resendEnvelopes: (count) => delivery.sendTwice(count),
      expire() {
        triggers.expireAll();
        responses.expireAll();
      },
      down: stopListening,
      up: () => listen(listening),
    },
    async configureHttpMode(mode) {
      byHttp?.close();
      byHttp = mode && new HttpDelivery(mode.requestUrl, app.signingSecret, record, mode.retryMs);
      await byHttp?.verifyUrl();
      delivery.use(byHttp ?? bySocket);
    },
    async close() {
      closed.abort();
      bySocket.close();
      byHttp?.close();
      sockets.close();
      if (server.listening) await stopListening();
    },
  };
}

/** Another name for this address would be DNS rebinding from some web site. */
function isOwnHost(request: IncomingMessage): boolean {
  const { port } = request.socket.address() as AddressInfo;
  return [`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? '');
}

function isOwnOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin === undefined || origin === `http://${host}`;
}
