import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiContext } from './api/method.ts';
import { furnishWorkspace, installApp, TEAM } from './app.ts';
import { Client } from './client.ts';
import type { SendRecord } from './delivery.ts';
import { Delivery } from './delivery.ts';
import { ApiFaults } from './faults.ts';
import { HttpDelivery } from './http-delivery.ts';
import { sendJson } from './http.ts';
import type { LocalSlack, LocalSlackOptions } from './local-slack.ts';
import { PageServer } from './page-server.ts';
import { Population } from './population.ts';
import { ResponseUrls } from './response-urls.ts';
import { Router } from './router.ts';
import { Screen } from './screen.ts';
import { SocketDelivery } from './socket-delivery.ts';
import { Sockets } from './sockets.ts';
import { RateLimits } from './tiers.ts';
import { Triggers } from './triggers.ts';
import { Views } from './views.ts';
import { WebApi } from './web-api.ts';

export type { LocalSlack, LocalSlackOptions } from './local-slack.ts';

/** Starts a Slack on 127.0.0.1, furnished with people, channels and the installed app. Throws when the port is taken. */
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
  const apiFaults = new ApiFaults();
  const closed = new AbortController();
  const webApi = new WebApi(context, new RateLimits(tierScale), apiFaults, closed.signal);
  const record = (send: SendRecord): SendRecord => delivery.record(send);
  const bySocket = new SocketDelivery(sockets, record);
  let byHttp: HttpDelivery | undefined;
  const delivery: Delivery = new Delivery(bySocket);
  const client = new Client({ app, workspace, views, triggers, responses, delivery, url: () => url });
  const population = new Population(workspace, app, delivery);
  const screen = new Screen(workspace, views);
  const router = new Router(webApi, new PageServer(app, workspace, views, client), responses, context);

  const server = createServer((request, response) => {
    router.route(request, response).catch((error: unknown) => {
      // Only a mistake of this server gets here: it must not pass for one of Slack's answers.
      console.error('The local Slack failed on', request.url, error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { ok: false, error: 'fatal_error' });
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/link/')) sockets.upgrade(request, socket, head);
    else socket.destroy();
  });
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

  const person = (name: string): { id: string; name: string; real_name: string } => {
    const { id, real_name } = workspace.person(name);
    return { id, name, real_name };
  };
  const channel = (name: string): { id: string; name: string } => ({ id: workspace.channel(name).id, name });

  return {
    url,
    apiUrl: `${url}/api/`,
    botToken: app.botToken,
    appToken: app.appToken,
    signingSecret: app.signingSecret,
    team: TEAM,
    app,
    users: { alice: person('alice'), bob: person('bob'), carol: person('carol') },
    channels: { ops: channel('ops'), alerts: channel('alerts'), random: channel('random') },
    get usergroups() {
      return workspace.usergroupsByHandle();
    },
    command: client.command.bind(client),
    say: client.say.bind(client),
    press: client.press.bind(client),
    choose: client.choose.bind(client),
    suggest: client.suggest.bind(client),
    submitView: client.submitView.bind(client),
    closeView: client.closeView.bind(client),
    openHome: client.openHome.bind(client),
    addPerson: population.addPerson.bind(population),
    changePerson: population.changePerson.bind(population),
    addGroup: population.addGroup.bind(population),
    changeGroup: population.changeGroup.bind(population),
    home: screen.home.bind(screen),
    modals: screen.modals.bind(screen),
    messages: screen.messages.bind(screen),
    renderText: screen.renderText.bind(screen),
    transcript: screen.transcript.bind(screen),
    until: screen.until.bind(screen),
    waitFor: screen.waitFor.bind(screen),
    deliverAgain: delivery.deliverAgain.bind(delivery),
    onChange: workspace.onChange.bind(workspace),
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
