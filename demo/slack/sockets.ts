import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { newSecret } from './ids.ts';
import type { Fields } from './json.ts';
import { isFields, parseJson, stringOf } from './json.ts';

/** Slack keeps at most ten sockets of an app. */
const MAX_SOCKETS = 10;
const TICKET_LIFE_MS = 30_000;
/** A socket that was told to go is closed by the server when the app does not. */
const GRACE_MS = 10_000;

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

interface OpenSocket {
  ws: WebSocket;
  /** Told to disconnect: gets no more envelopes. */
  leaving: boolean;
}

/** The app's WebSockets: tickets, hello, pings, disconnect frames, and whose turn it is for the next envelope. */
export class Sockets {
  /** Called with every acknowledgement: the envelope's id and what the app answered. */
  onAck: (envelopeId: string, response: Fields | undefined) => void = () => {};
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Map<string, number>();
  readonly #appId: string;
  readonly #pings: NodeJS.Timeout;
  #open: OpenSocket[] = [];
  #turn = 0;
  #holdTcp = false;

  constructor(appId: string, pingIntervalMs: number) {
    this.#appId = appId;
    this.#pings = setInterval(() => {
      for (const { ws } of this.#open) if (ws.readyState === ws.OPEN) ws.ping('Ping from the local Slack');
    }, pingIntervalMs);
    this.#pings.unref();
  }

  /** Sockets that take envelopes. */
  get count(): number {
    return this.#ready().length;
  }

  newUrl(base: string): string {
    const ticket = newSecret(16);
    this.#tickets.set(ticket, performance.now() + TICKET_LIFE_MS);
    return `${base.replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${this.#appId}`;
  }

  /** Takes a WebSocket handshake on `/link/`; a ticket is good for one, within 30 s. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://local').searchParams.get('ticket') ?? '';
    const until = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    if (until === undefined || performance.now() > until) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#welcome(ws, socket));
  }

  /**
   * Gives the text to the socket whose turn it is, to another one than `not` if there is another. Returns the socket, or
   * undefined when none is open.
   */
  send(text: string, not?: WebSocket): WebSocket | undefined {
    const ready = this.#ready();
    const others = ready.filter(({ ws }) => ws !== not);
    const candidates = others.length > 0 ? others : ready;
    this.#turn += 1;
    const chosen = candidates[this.#turn % candidates.length]?.ws;
    chosen?.send(text);
    return chosen;
  }

  /** Tells sockets to go, the oldest first; `warning` only announces it at Slack, but the clients go at once. */
  disconnect(reason: DisconnectReason, count = Infinity): void {
    for (const socket of this.#ready().slice(0, count)) this.#tellToGo(socket, reason);
  }

  /** Slack leaves the TCP connection open after the closing handshake, which costs socket-mode 3.1 some 5 s. */
  holdTcpAfterClose(hold: boolean): void {
    this.#holdTcp = hold;
  }

  /** Drops every socket without a word. */
  terminate(): void {
    for (const { ws } of this.#open) ws.terminate();
    this.#open = [];
  }

  close(): void {
    clearInterval(this.#pings);
    this.terminate();
    this.#server.close();
  }

  #ready(): OpenSocket[] {
    return this.#open.filter(({ ws, leaving }) => !leaving && ws.readyState === ws.OPEN);
  }

  #welcome(ws: WebSocket, tcp: Duplex): void {
    const socket: OpenSocket = { ws, leaving: false };
    this.#open.push(socket);
    ws.on('message', (data) => this.#receive(data));
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      this.#open = this.#open.filter((other) => other !== socket);
    });
    if (this.#holdTcp) {
      // ws ends the connection as soon as both sides have said goodbye.
      tcp.end = () => tcp;
    }
    if (this.#ready().length > MAX_SOCKETS) return this.#tellToGo(socket, 'too_many_websockets');
    const hello = {
      type: 'hello',
      num_connections: this.#ready().length,
      debug_info: { host: 'applink-local', build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: this.#appId },
    };
    ws.send(JSON.stringify(hello));
  }

  #tellToGo(socket: OpenSocket, reason: DisconnectReason): void {
    socket.leaving = true;
    socket.ws.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-local' } }));
    setTimeout(() => socket.ws.close(1000), GRACE_MS).unref();
  }

  #receive(data: RawData): void {
    const text = Array.isArray(data)
      ? Buffer.concat(data).toString()
      : Buffer.from(data as Buffer).toString();
    const ack = parseJson(text);
    const envelopeId = isFields(ack) ? stringOf(ack['envelope_id']) : undefined;
    if (!isFields(ack) || envelopeId === undefined) return;
    const response =
      isFields(ack['payload']) && Object.keys(ack['payload']).length > 0 ? ack['payload'] : undefined;
    this.onAck(envelopeId, response);
  }
}
