/**
 * Requests in Redis. Each write is one script: state, version and the outbox entry change together or not at all, and a
 * final state is never overwritten by a late one.
 */
import type { Redis } from 'ioredis';
import type { SignedText } from './envelope.ts';
import { key, Script } from './redis.ts';
import { FINAL_PHASES, isFinal, type Request } from './request.ts';
import { firstAttempt } from './work.ts';
import { packResult, unpackResult } from './result.ts';

/** How long an ended request stays readable for `/swarm jobs` and for buttons on its card. */
const KEEP_MS = 7 * 24 * 3600 * 1000;

/** Least time between two updates of one card while it is in progress: a talkative job leaves room for the others. */
export const CARD_PAUSE_MS = 1200;

// KEYS: request, index, outbox. ARGV: id, state JSON, signed envelope, now
const CREATE = new Script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'phase', 'accepted', 'attempt', 0, 'version', 1, 'shown', 0, 'envelope', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ${KEEP_MS})
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4] - ${KEEP_MS})
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
redis.call('PUBLISH', '${key('outbox-wake')}', '')
return 1`);

// A card that a bot is delivering at this moment is left to it: it sees the newer version when it settles. A final
// state is due at once, progress only after the card's own pause.
// KEYS: request, outbox. ARGV: id, state JSON, phase, attempt, now, result or nothing
const WRITE = new Script(`
local final = { ${FINAL_PHASES.map((phase) => `${phase} = true`).join(', ')} }
local old = redis.call('HMGET', KEYS[1], 'phase', 'attempt', 'shownAt', 'leasedUntil', 'version')
if not old[1] then return -1 end
if final[old[1]] then return -2 end
if tonumber(ARGV[4]) < tonumber(old[2]) then return -3 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'phase', ARGV[3], 'attempt', ARGV[4], 'version', old[5] + 1)
if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'result', ARGV[6]) end
local now = tonumber(ARGV[5])
if now < tonumber(old[4] or '0') then return 1 end
local due = now
if not final[ARGV[3]] then due = math.max(now, tonumber(old[3] or '0') + ${CARD_PAUSE_MS}) end
redis.call('ZADD', KEYS[2], 'LT', due, ARGV[1])
redis.call('PUBLISH', '${key('outbox-wake')}', '')
return 1`);

// The page of an ended request's card: whoever turns it last is right. A card that is being delivered is left to that
// bot, as above.
// KEYS: request, outbox. ARGV: id, page, now
const TURN = new Script(`
local old = redis.call('HMGET', KEYS[1], 'version', 'leasedUntil', 'page')
if not old[1] then return 0 end
if old[3] == ARGV[2] then return 1 end
redis.call('HSET', KEYS[1], 'page', ARGV[2], 'version', old[1] + 1)
if tonumber(ARGV[3]) >= tonumber(old[2] or '0') then redis.call('ZADD', KEYS[2], 'LT', ARGV[3], ARGV[1]) end
redis.call('PUBLISH', '${key('outbox-wake')}', '')
return 1`);

// A change by a person's press: only of the very version that was looked at, so that of two at once one wins and the
// other looks again. Runs of earlier turns are late from now on.
// KEYS: request, outbox. ARGV: id, state JSON, phase, version looked at, now, least attempt, envelope or nothing
const CHANGE = new Script(`
local old = redis.call('HMGET', KEYS[1], 'version', 'leasedUntil', 'attempt')
if not old[1] then return -1 end
if old[1] ~= ARGV[4] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'phase', ARGV[3], 'version', old[1] + 1)
if tonumber(ARGV[6]) > tonumber(old[3]) then redis.call('HSET', KEYS[1], 'attempt', ARGV[6]) end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'envelope', ARGV[7]) end
if tonumber(ARGV[5]) >= tonumber(old[2] or '0') then redis.call('ZADD', KEYS[2], 'LT', ARGV[5], ARGV[1]) end
redis.call('PUBLISH', '${key('outbox-wake')}', '')
return 1`);

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
}

export class RequestStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Takes a new request, once: false when this id was taken before. Its card is due in the outbox at once. */
  async create(request: Request, envelope: SignedText): Promise<boolean> {
    const keys = [requestKey(request.id), key('requests'), key('outbox')];
    const args = [request.id, JSON.stringify(request), JSON.stringify(envelope), Date.now()];
    return (await CREATE.run(this.#redis, keys, args)) === 1;
  }

  /**
   * Writes a newer state. `attempt` is the number of the run that writes: one that another worker has replaced is told
   * so. @returns whether it was written; `late` when the request has ended or a newer run has taken over.
   */
  async write(request: Request, attempt: number): Promise<'written' | 'late'> {
    const keys = [requestKey(request.id), key('outbox')];
    // Kept beside the state: lists of requests need not carry it, and the page is turned while others write.
    const { result, page: _, ...state } = request;
    const args = [request.id, JSON.stringify(state), request.phase, attempt, Date.now(), packResult(result)];
    return (await WRITE.run(this.#redis, keys, args)) === 1 ? 'written' : 'late';
  }

  /**
   * Writes the state that follows from a press, if the request is still as it was when it was read. `envelope`: a new
   * one, of a request that may run now.
   */
  async change(
    { version }: Pick<Shown, 'version'>,
    request: Request,
    envelope?: SignedText,
  ): Promise<'written' | 'changed meanwhile' | 'gone'> {
    const keys = [requestKey(request.id), key('outbox')];
    const { result: _, page: __, ...state } = request;
    const least = firstAttempt(request.turn ?? 0);
    const args = [request.id, JSON.stringify(state), request.phase, version, Date.now(), least];
    const done = await CHANGE.run(this.#redis, keys, [...args, envelope ? JSON.stringify(envelope) : '']);
    if (done === 1) return 'written';
    return done === 0 ? 'changed meanwhile' : 'gone';
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
    const keys = [requestKey(id), key('outbox')];
    return (await TURN.run(this.#redis, keys, [id, page, Date.now()])) === 1;
  }

  async read(id: string): Promise<Shown | undefined> {
    const [state, version, shown, ts, postedIn, envelope, cancel, result, page] = await this.#redis.hmget(
      requestKey(id),
      'state',
      'version',
      'shown',
      'ts',
      'postedIn',
      'envelope',
      'cancel',
      'result',
      'page',
    );
    if (!state) return undefined;
    return {
      // Written by this class alone, so the shape is known.
      request: {
        ...(JSON.parse(state) as Request),
        ...(result ? { result: unpackResult(result) } : {}),
        ...(page ? { page: Number(page) } : {}),
      },
      ts: ts ?? '',
      postedIn: postedIn ?? '',
      version: Number(version),
      shown: Number(shown),
      envelope: JSON.parse(envelope ?? 'null') as SignedText,
      cancelledBy: cancel ?? '',
    };
  }

  /** The newest requests first, without their results. `open` only those that have not ended. */
  async list({ most, open = false }: { most: number; open?: boolean }): Promise<Request[]> {
    const ids = await this.#redis.zrevrange(key('requests'), 0, open ? -1 : most - 1);
    if (ids.length === 0) return [];
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.hget(requestKey(id), 'state');
    const states = (await pipeline.exec()) ?? [];
    const requests = states.flatMap(([, state]) =>
      typeof state === 'string' ? [JSON.parse(state) as Request] : [],
    );
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

  async markCancel(id: string, by: string): Promise<void> {
    await this.#redis.hset(requestKey(id), 'cancel', by);
    await this.#redis.publish(key('cancel'), id);
  }

  /** Who asked for the end of this request, or an empty text. */
  async cancelledBy(id: string): Promise<string> {
    return (await this.#redis.hget(requestKey(id), 'cancel')) ?? '';
  }
}

function fileField(name: string): string {
  return `file:${name}`;
}

export function requestKey(id: string): string {
  return key('request', id);
}
