import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InstalledApp } from './app.ts';
import type { Client } from './client.ts';
import { findTarget, readState } from './client.ts';
import { isVisible, showChannel, showMessage, showState, showView } from './display.ts';
import { readBody, sendJson, sendText } from './http.ts';
import type { Fields } from './json.ts';
import { fieldsOf, isFields, parseJson, stringOf } from './json.ts';
import type { PageEvent, StateValues } from './page-api.ts';
import type { Place } from './surroundings.ts';
import { Refused } from './surroundings.ts';
import type { StoredView, Views } from './views.ts';
import type { Change, Person, Workspace } from './workspace.ts';

const KEEP_ALIVE_MS = 20_000;

/** The endpoints of the page in the browser; the contract is in page-api.ts. */
export class PageServer {
  readonly #app: InstalledApp;
  readonly #workspace: Workspace;
  readonly #views: Views;
  readonly #client: Client;

  constructor(app: InstalledApp, workspace: Workspace, views: Views, client: Client) {
    this.#app = app;
    this.#workspace = workspace;
    this.#views = views;
    this.#client = client;
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.slice('/page/'.length);
    try {
      if (request.method === 'GET') this.#get(path, url, response);
      else if (request.method === 'POST') await this.#post(path, request, response);
      else sendText(response, 405, 'Only GET and POST are possible here.');
    } catch (error) {
      if (error instanceof Refused) {
        const { message, errors } = error;
        sendJson(response, 200, { ok: false, error: message, ...(errors ? { errors } : {}) });
      } else {
        sendJson(response, 400, { ok: false, error: error instanceof Error ? error.message : String(error) });
      }
    }
  }

  #get(path: string, url: URL, response: ServerResponse): void {
    const person = this.#workspace.person(url.searchParams.get('as') ?? '');
    if (path === 'state') sendJson(response, 200, showState(person, this.#app, this.#workspace, this.#views));
    else if (path === 'events') this.#stream(person, response);
    else sendText(response, 404, 'There is no such page endpoint.');
  }

  #stream(person: Person, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': connected\n\n');
    const stop = this.#workspace.onChange((change) => {
      const event = this.#event(change, person);
      if (event) response.write(`data: ${JSON.stringify(event)}\n\n`);
    });
    const alive = setInterval(() => response.write(': alive\n\n'), KEEP_ALIVE_MS);
    response.on('close', () => {
      clearInterval(alive);
      stop();
    });
  }

  /** The change as this person's page sees it; undefined when it does not concern them. */
  #event(change: Change, person: Person): PageEvent | undefined {
    const workspace = this.#workspace;
    if ('message' in change) {
      const { message, type } = change;
      const member = workspace.channels.get(message.channel)?.members.has(person.id);
      if (!member || !isVisible(message, person.id)) return undefined;
      if (type === 'message_deleted') return { type, channel: message.channel, ts: message.ts };
      return { type, channel: message.channel, message: showMessage(message, workspace) };
    }
    if (change.user !== person.id) return undefined;
    if (change.type === 'channel_changed') {
      return { type: change.type, channel: showChannel(change.channel, person.id, workspace) };
    }
    if (change.type === 'modals_changed') {
      return {
        type: change.type,
        modals: this.#views.stack(person.id).map((view) => showView(view, workspace)),
      };
    }
    const home = this.#views.home(person.id);
    return home && { type: 'home_changed', home: showView(home, workspace) };
  }

  async #post(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = request.headers['content-type']?.startsWith('application/json');
    const body = json ? parseJson((await readBody(request)).toString()) : undefined;
    if (!isFields(body)) return sendJson(response, 400, { ok: false, error: 'The body must be JSON.' });
    const person = this.#workspace.person(text(body, 'as'));
    const answer = await this.#do(path, person, body);
    if (answer) sendJson(response, 200, { ok: true, ...answer });
    else sendText(response, 404, 'There is no such page endpoint.');
  }

  async #do(path: string, person: Person, body: Fields): Promise<Fields | undefined> {
    const { interactions } = this.#client;
    switch (path) {
      case 'command':
        await this.#client.command(person.id, text(body, 'channel'), text(body, 'text'));
        return {};
      case 'message':
        await this.#client.say(
          person.id,
          text(body, 'channel'),
          text(body, 'text'),
          stringOf(body['thread_ts']),
        );
        return {};
      case 'action': {
        const place = this.#place(person, body);
        const target = findTarget(place, text(body, 'block_id'), text(body, 'action_id'));
        const values = fieldsOf(body['values']) as StateValues;
        await interactions.act(person, place, target, readState(body['state']), values);
        return {};
      }
      case 'suggest': {
        const place = this.#place(person, body);
        const target = findTarget(place, text(body, 'block_id'), text(body, 'action_id'));
        return interactions.suggest(person, place, target, text(body, 'value'));
      }
      case 'view/submit':
        await this.#client.submitValues(
          person.id,
          this.#view(person, body),
          fieldsOf(body['values']) as StateValues,
        );
        return {};
      case 'view/close':
        await interactions.close(person, this.#view(person, body), body['clear_all'] === true);
        return {};
      case 'home':
        await interactions.openHome(person);
        return {};
      case 'read':
        this.#workspace.markRead(this.#workspace.channel(text(body, 'channel')), person.id);
        return {};
      default:
        return undefined;
    }
  }

  #place(person: Person, body: Fields): Place {
    if (body['view_id'] !== undefined) return { view: this.#view(person, body) };
    const message = this.#workspace.message(
      this.#workspace.channel(text(body, 'channel')).id,
      text(body, 'ts'),
    );
    if (!message || !isVisible(message, person.id)) throw new Refused('This message is gone.');
    return { message };
  }

  #view(person: Person, body: Fields): StoredView {
    const view = this.#views.find(text(body, 'view_id'));
    if (!view || view.user !== person.id) throw new Refused('This window is no longer open.');
    return view;
  }
}

function text(body: Fields, key: string): string {
  const value = stringOf(body[key]);
  if (value === undefined) throw new Error(`The field ${key} is missing.`);
  return value;
}
