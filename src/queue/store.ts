/**
 * Requests in Redis. Each write is one script: state, version and the outbox entry change together or not at all, and a
 * final state is never overwritten by a late one.
 */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { cannotRecord, OWED, type Owed } from '../audit/owed.ts';
import type { Secret } from '../secret.ts';
import { signText, verifyText, type SignedText } from './envelope.ts';
import { key } from './redis.ts';
import { isFinal, type Request } from './request.ts';
import { packResult } from './result.ts';
import { alteredRequest, readState, signResult, signState } from './signed-state.ts';
import { CHANGE, CREATE, keysOf, requestKey, TAKE, TURN, WRITE } from './store-scripts.ts';
import { firstAttempt } from './work.ts';

export { CARD_PAUSE_MS, requestKey } from './store-scripts.ts';

/** Slack delivers again for five minutes. */
const HEARD_MS = 10 * 60_000;

const cancelMark = z.object({ id: z.string(), by: z.string(), at: z.int() });
/** Whose name a mark bears that nobody has signed. */
const NOBODY = 'Somebody who is not known to the bot';

export interface Shown {
  request: Request;
  /** Timestamp of the card's message; empty before it was posted. */
  ts: string;
  /** Channel that really has the card: a direct message when the request's channel was closed to the bot. */
  postedIn: string;
  /** Grows with each change; `shown` is the newest one that Slack has. */
  version: number;
  shown: number;
  envelope: SignedText;
  /** Who asked for its end, or an empty text. */
  cancelledBy: string;
  /** Its state is not as it was written: `request` says so, and holds nothing else but what its envelope says. */
  altered: boolean;
}

/** As `read` takes them apart. */
const FIELDS = [
  'state',
  'mac',
  'version',
  'shown',
  'ts',
  'postedIn',
  'envelope',
  'cancel',
  'result',
  'resultMac',
  'page',
];

export class RequestStore {
  readonly #redis: Redis;
  readonly #secret: Secret;
  readonly #onAltered: (id: string) => void;

  /** `onAltered`: is told of each request that is read and is not as it was written. */
  constructor(redis: Redis, secret: Secret, onAltered: (id: string) => void = () => {}) {
    this.#redis = redis;
    this.#secret = secret;
    this.#onAltered = onAltered;
  }

  /** Takes a new request, once: false when this id was taken before. Its card is due in the outbox at once. */
  async create(request: Request, envelope: SignedText): Promise<boolean> {
    const [state, mac] = this.#signed(request);
    const args = [request.id, state, mac, JSON.stringify(envelope), Date.now()];
    return (await CREATE.run(this.#redis, keysOf(request.id), args)) === 1;
  }

  /**
   * Writes a newer state. `attempt` is the number of the run that writes: one that another worker has replaced is told
   * so. @returns whether it was written; `late` when the request has ended or a newer run has taken over; `cancelled`
   * when people were to be asked and somebody has cancelled it meanwhile.
   */
  async write(request: Request, attempt: number): Promise<'written' | 'late' | 'cancelled'> {
    const { id, phase, turn = 0 } = request;
    const [state, mac] = this.#signed(request);
    const result = packResult(request.result);
    const args = [id, state, mac, phase, attempt, Date.now(), turn, result];
    const done = await WRITE.run(this.#redis, keysOf(id), [...args, signResult(id, result, this.#secret)]);
    if (done === 1) return 'written';
    return done === -4 ? 'cancelled' : 'late';
  }

  /**
   * Writes the state that follows from a press, if the request is still as it was when it was read. `envelope`: a new
   * one, of a request that may run now. `owed`: what the audit is to have of it, which is to be settled next.
   * @throws UserError where the audit has taken nothing for long.
   */
  async change(
    { version }: Pick<Shown, 'version'>,
    request: Request,
    envelope?: SignedText,
    owed?: Owed,
  ): Promise<'written' | 'changed meanwhile' | 'gone'> {
    const [state, mac] = this.#signed(request);
    const least = firstAttempt(request.turn ?? 0);
    const args = [request.id, state, mac, request.phase, version, Date.now(), least];
    const signed = envelope ? JSON.stringify(envelope) : '';
    const [entry = ''] = owed?.entries ?? [];
    const keys = [...keysOf(request.id), OWED];
    const done = await CHANGE.run(this.#redis, keys, [...args, signed, entry]);
    if (done === 1) return 'written';
    if (done === -5) throw cannotRecord();
    return done === 0 ? 'changed meanwhile' : 'gone';
  }

  /** What a worker begins with: the request, and the newest turn of it that is over: -1 none, Infinity all. See replay.ts. */
  async take(id: string): Promise<{ found: Shown | undefined; over: number }> {
    const reply = (await TAKE.run(this.#redis, keysOf(id), FIELDS)) as [
      over: string | null,
      fields: (string | null)[],
    ];
    const [over, fields] = reply;
    return {
      found: this.#shown(id, fields),
      over: over === null ? -1 : over === 'all' ? Infinity : Number(over),
    };
  }

  /** Whether this delivery of Slack's is heard for the first time. `delivery`: the same for each try of the same one. */
  async hear(delivery: string): Promise<boolean> {
    return (await this.#redis.set(key('heard', delivery), '1', 'PX', HEARD_MS, 'NX')) === 'OK';
  }

  /** Its card is due, whether or not it has changed. */
  async showAgain(id: string): Promise<void> {
    await this.#redis.zadd(key('outbox'), 'LT', Date.now(), id);
    await this.#redis.publish(key('outbox-wake'), '');
  }

  /** To be looked at again when its time to be approved is over. */
  async expireAt(id: string, ms: number): Promise<void> {
    await this.#redis.zadd(key('asking'), ms, id);
  }

  /** Ids of requests whose time to be approved may be over. */
  async toExpire(now: number): Promise<string[]> {
    return await this.#redis.zrangebyscore(key('asking'), '-inf', now);
  }

  async looked(id: string): Promise<void> {
    await this.#redis.zrem(key('asking'), id);
  }

  /** Shows another page of what an ended request found. False when it is no longer kept. */
  async turn(id: string, page: number): Promise<boolean> {
    return (await TURN.run(this.#redis, keysOf(id), [id, page, Date.now()])) === 1;
  }

  async read(id: string): Promise<Shown | undefined> {
    return this.#shown(id, await this.#redis.hmget(requestKey(id), ...FIELDS));
  }

  #shown(id: string, fields: readonly (string | null)[]): Shown | undefined {
    const [state, mac, version, shown, ts, postedIn, envelope, cancel, result, resultMac, page] = fields;
    if (!state) return undefined;
    const signed = readSigned(envelope);
    const kept = { state, mac: mac ?? null, result: result ?? null, resultMac: resultMac ?? null };
    const request = readState(id, kept, this.#secret);
    if (!request) this.#onAltered(id);
    return {
      request: {
        ...(request ?? alteredRequest(id, signed, this.#secret)),
        ...(page ? { page: Number(page) } : {}),
      },
      ts: ts ?? '',
      postedIn: postedIn ?? '',
      version: Number(version),
      shown: Number(shown),
      envelope: signed,
      cancelledBy: this.#canceller(id, cancel ?? null),
      altered: !request,
    };
  }

  /** The newest requests first, without their results. `open` only those that have not ended. */
  async list({ most, open = false }: { most: number; open?: boolean }): Promise<Request[]> {
    const ids = await this.#redis.zrevrange(key(open ? 'open' : 'requests'), 0, open ? -1 : most - 1);
    if (ids.length === 0) return [];
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.hmget(requestKey(id), 'state', 'mac');
    const found = (await pipeline.exec()) ?? [];
    const requests: Request[] = [];
    for (const [at, id] of ids.entries()) {
      const [state = null, mac = null] = (found[at]?.[1] ?? []) as (string | null)[];
      if (state === null) continue;
      // What was altered is looked at again, with what its envelope says of it.
      const request = readState(id, { state, mac }, this.#secret) ?? (await this.read(id))?.request;
      if (request) requests.push(request);
    }
    return requests.filter(({ phase }) => !open || !isFinal(phase)).slice(0, most);
  }

  /** To be called before the card is posted: false when an earlier try may have posted it. */
  async beginPosting(id: string): Promise<boolean> {
    return (await this.#redis.hsetnx(requestKey(id), 'posting', Date.now())) === 1;
  }

  /** The card is posted: where. Kept apart from the state, which only the request's runner writes. */
  async posted(id: string, place: { channel: string; ts: string }): Promise<void> {
    await this.#redis.hset(requestKey(id), { ts: place.ts, postedIn: place.channel });
  }

  /** Slack shows this version of the card, although not all that belongs to it is delivered yet. */
  async cardShown(id: string, version: number): Promise<void> {
    await this.#redis.hset(requestKey(id), { shown: version, shownAt: Date.now() });
  }

  /**
   * To be called before a file is sent. `posted`: it is in the thread. A time: an earlier try began then and may have
   * sent it.
   */
  async beginFile(id: string, name: string): Promise<'first' | 'posted' | number> {
    if ((await this.#redis.hsetnx(requestKey(id), fileField(name), Date.now())) === 1) return 'first';
    const mark = await this.#redis.hget(requestKey(id), fileField(name));
    return mark === 'posted' ? mark : Number(mark);
  }

  /** Begun: it is being sent from now on. Posted: it is there, or never will be. Undefined: it was certainly not sent. */
  async markFile(id: string, name: string, mark: 'begun' | 'posted' | undefined): Promise<void> {
    if (mark === undefined) await this.#redis.hdel(requestKey(id), fileField(name));
    else await this.#redis.hset(requestKey(id), fileField(name), mark === 'begun' ? Date.now() : mark);
  }

  /** `by`: name of whoever wants it to end. Signed, so that a card blames nobody for what somebody else wrote. */
  async markCancel(id: string, by: string): Promise<void> {
    const mark = signText('cancel', { id, by, at: Date.now() }, this.#secret);
    await this.#redis.hset(requestKey(id), 'cancel', JSON.stringify(mark));
    await this.#redis.publish(key('cancel'), id);
  }

  /** Who asked for the end of this request, or an empty text. */
  async cancelledBy(id: string): Promise<string> {
    return this.#canceller(id, await this.#redis.hget(requestKey(id), 'cancel'));
  }

  #canceller(id: string, mark: string | null): string {
    if (mark === null) return '';
    const signed = verifyText('cancel', cancelMark, readSigned(mark), this.#secret);
    return signed?.id === id ? signed.by : NOBODY;
  }

  /** As it is kept: without the result, which lists of requests need not carry, and the page, which is turned while others write. */
  #signed(request: Request): [state: string, mac: string] {
    const { result: _, page: __, ...kept } = request;
    const state = JSON.stringify(kept);
    return [state, signState(state, this.#secret)];
  }
}

/** Whatever Redis holds there: who uses it verifies it. */
function readSigned(text: string | null | undefined): SignedText {
  try {
    return JSON.parse(text ?? 'null') as SignedText;
  } catch {
    return { text: '', signature: '' };
  }
}

function fileField(name: string): string {
  return `file:${name}`;
}
