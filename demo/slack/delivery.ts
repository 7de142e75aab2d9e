import type { Fields } from './json.ts';

/** Something for the app: a slash command, an interaction or an event. */
export interface Parcel {
  type: 'slash_commands' | 'interactive' | 'events_api';
  payload: Fields;
  acceptsResponse: boolean;
}

/** What became of it within 3 s, in the words of Slack's own error message. */
export type Receipt =
  | { acked: true; response: Fields | undefined }
  | { acked: false; error: 'operation_timeout' | 'dispatch_failed' | 'http_service_error' };

/** One sending of a parcel, for tests and measurements. */
export interface SendRecord {
  envelopeId: string;
  type: Parcel['type'];
  via: 'socket' | 'http';
  /** 0 for the first time. */
  attempt: number;
  /** Milliseconds since 1970. */
  at: number;
  /** From the envelope written to the ack received; absent while there is none. */
  latencyMs?: number;
}

export const ACK_MS = 3000;

/** A way to the app: sockets or signed HTTP. */
export interface Transport {
  /** `attempt` above 0 marks a repetition of something that was delivered before. */
  deliver(parcel: Parcel, attempt?: number): Promise<Receipt>;
  close(): void;
}

const KEPT = 50_000;

/** Where to the app's parcels go at present, what went, and the order to send some twice. */
export class Delivery {
  readonly sends: SendRecord[] = [];
  #transport: Transport;
  #last: Parcel | undefined;
  #twice = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  use(transport: Transport): void {
    this.#transport = transport;
  }

  /** The next `count` parcels are delivered a second time as soon as they are acknowledged. */
  sendTwice(count: number): void {
    this.#twice = count;
  }

  async deliver(parcel: Parcel): Promise<Receipt> {
    this.#last = parcel;
    const receipt = await this.#transport.deliver(parcel);
    if (this.#twice > 0) {
      this.#twice -= 1;
      await this.#transport.deliver(parcel, 1);
    }
    return receipt;
  }

  /** The last parcel once more, with the same content. Throws when nothing was sent yet. */
  async deliverAgain(): Promise<Receipt> {
    if (!this.#last) throw new Error('Nothing has been delivered to the app yet.');
    return this.#transport.deliver(this.#last, 1);
  }

  record(send: SendRecord): SendRecord {
    this.sends.push(send);
    if (this.sends.length > KEPT) this.sends.shift();
    return send;
  }
}
