import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Parcel, Receipt, SendRecord, Transport } from './delivery.ts';
import { ACK_MS } from './delivery.ts';
import type { Fields } from './json.ts';
import type { Sockets } from './sockets.ts';

/** Slack sends an envelope again when it was not acknowledged for about this long. */
const RESEND_MS = 4000;
const MAX_ATTEMPTS = 4;

interface Shipment {
  parcel: Parcel;
  attempt: number;
  socket: WebSocket | undefined;
  envelopeIds: string[];
  settle(receipt: Receipt): void;
  timers: NodeJS.Timeout[];
}

/** Socket Mode: each envelope to one socket, again to another one until it is acknowledged. */
export class SocketDelivery implements Transport {
  readonly #sockets: Sockets;
  readonly #record: (send: SendRecord) => SendRecord;
  readonly #shipments = new Set<Shipment>();
  readonly #pending = new Map<string, { shipment: Shipment; send: SendRecord; sentAt: number }>();

  constructor(sockets: Sockets, record: (send: SendRecord) => SendRecord) {
    this.#sockets = sockets;
    this.#record = record;
    sockets.onAck = (id, response) => this.#acknowledge(id, response);
  }

  deliver(parcel: Parcel, attempt = 0): Promise<Receipt> {
    const { promise, resolve } = Promise.withResolvers<Receipt>();
    const shipment: Shipment = {
      parcel,
      attempt,
      socket: undefined,
      envelopeIds: [],
      settle: resolve,
      timers: [],
    };
    this.#shipments.add(shipment);
    const sent = this.#send(shipment);
    if (!sent && parcel.type !== 'events_api') {
      resolve({ acked: false, error: 'dispatch_failed' });
      this.#forget(shipment);
      return promise;
    }
    shipment.timers.push(
      setTimeout(() => resolve({ acked: false, error: 'operation_timeout' }), ACK_MS),
      setInterval(() => this.#sendAgain(shipment), RESEND_MS),
    );
    return promise;
  }

  close(): void {
    for (const shipment of this.#shipments) {
      shipment.settle({ acked: false, error: 'dispatch_failed' });
      this.#forget(shipment);
    }
  }

  #send(shipment: Shipment): boolean {
    const { parcel, attempt } = shipment;
    const envelopeId = randomUUID();
    const repeated = attempt > 0 || parcel.type === 'events_api';
    const text = JSON.stringify({
      envelope_id: envelopeId,
      payload: parcel.payload,
      type: parcel.type,
      accepts_response_payload: parcel.acceptsResponse,
      ...(repeated ? { retry_attempt: attempt, retry_reason: attempt > 0 ? 'timeout' : '' } : {}),
    });
    const sentAt = performance.now();
    const socket = this.#sockets.send(text, shipment.socket);
    if (!socket) return false;
    shipment.socket = socket;
    shipment.envelopeIds.push(envelopeId);
    const send = this.#record({ envelopeId, type: parcel.type, via: 'socket', attempt, at: Date.now() });
    this.#pending.set(envelopeId, { shipment, send, sentAt });
    return true;
  }

  #sendAgain(shipment: Shipment): void {
    shipment.attempt += 1;
    if (shipment.attempt >= MAX_ATTEMPTS) this.#forget(shipment);
    else this.#send(shipment);
  }

  #acknowledge(envelopeId: string, response: Fields | undefined): void {
    const pending = this.#pending.get(envelopeId);
    if (!pending) return;
    pending.send.latencyMs = performance.now() - pending.sentAt;
    pending.shipment.settle({ acked: true, response });
    this.#forget(pending.shipment);
  }

  #forget(shipment: Shipment): void {
    this.#shipments.delete(shipment);
    for (const timer of shipment.timers) clearTimeout(timer);
    for (const id of shipment.envelopeIds) this.#pending.delete(id);
  }
}
