/** Brings one card up to the request's state: posts it, edits it, or takes it back and tells only the person who asked. */
import type { WebClient } from '@slack/web-api';
import type { Attachment, Body } from '../cards/body.ts';
import type { Command, JobCommand } from '../commands/define.ts';
import type { Log } from '../log.ts';
import { isCopy, type Copies } from '../queue/copies.ts';
import type { Delivery } from '../queue/outbox.ts';
import type { Request } from '../queue/request.ts';
import type { RequestStore, Shown } from '../queue/store.ts';
import { addWork, firstAttempt, type WorkQueue } from '../queue/work.ts';
import type { Asked } from './asked.ts';
import { postFiles } from './attachments.ts';
import { card } from './card.ts';
import { ALERTS, deliverCopy, inRound, MENTION, REQUESTER } from './copies.ts';
import { refusedRequest } from './failures.ts';
import {
  afterFailure,
  CLOSED,
  directChannel,
  findMessage,
  GONE,
  postMessage,
  updateMessage,
  withFallback,
  type Place,
} from './messages.ts';
import { platformError } from './slack-errors.ts';

export interface DeliverOptions {
  store: RequestStore;
  queue: WorkQueue;
  client: WebClient;
  commands: Command[];
  /** What stands beside the cards. Absent: nothing does. */
  beside?: Beside;
  log: Log;
}

export interface Beside {
  copies: Copies;
  /** Who is asked to approve it. Never throws. */
  asked: (request: Request) => Promise<Asked>;
  /** ID of the channel where it is announced that somebody went on without an approval. */
  alerts: string | undefined;
  /** Address of a message, for a link; an empty text where it is not known. Never throws. */
  linkTo: (place: Place) => Promise<string>;
}

/** An ID as accept.ts makes them, of a request or of a copy. Whoever writes others to Redis has no sentence of theirs shown. */
const OURS = /^[0-9a-z]{1,16}(?:@\w{1,32}(?:\.\d{1,6})?)?$/;

export function deliverer(options: DeliverOptions): (id: string) => Promise<Delivery> {
  const { store, commands, beside, log } = options;
  return async (id) => {
    if (!OURS.test(id)) return { kind: 'never' };
    if (isCopy(id)) return beside ? await deliverCopy(id, { ...options, beside }) : { kind: 'never' };
    const found = await store.read(id);
    const command = commands.find(({ name }) => name === found?.request.command);
    if (!found || command?.kind !== 'job') return { kind: 'never' };
    try {
      return await bringUp(found, command, options);
    } catch (error) {
      return afterFailure(error, id, log, { kind: 'later', ms: 60_000, all: false });
    }
  };
}

async function bringUp(found: Shown, command: JobCommand, options: DeliverOptions): Promise<Delivery> {
  const { request, version } = found;
  const asked = request.phase === 'asking' ? await options.beside?.asked(request) : undefined;
  const { files = [], ...body } = card(request, command, asked?.whom);
  let place = { channel: found.postedIn, ts: found.ts };
  let stands = true;
  if (found.ts === '') {
    place = await post(request, body, options);
    await options.store.posted(request.id, place);
  } else if (request.phase === 'refused' && !wasPublic(request)) {
    await takeBack(found, body, options);
    stands = false;
  } else if (version > found.shown && request.phase !== 'accepted') {
    stands = await updateMessage(place, body, options);
  }
  if (request.phase === 'asking' && request.approval)
    await options.store.expireAt(request.id, request.approval.expiresAt + 1);
  if (options.beside) await addBeside(request, asked, options.beside);
  if (request.phase === 'accepted' || request.phase === 'approved')
    return await enqueue(found, command.job, options);
  return stands && files.length > 0 ? await attach(found, place, files, options) : { kind: 'shown', version };
}

/** People were asked about it, or told of it: it does not go without a word. */
function wasPublic({ approval, brokeGlass }: Request): boolean {
  return brokeGlass === true || (approval?.round ?? 0) > 0;
}

/** What is to stand beside the card from now on; on record before the outbox forgets this state. */
async function addBeside(
  { id, phase, brokeGlass, approval }: Request,
  asked: Asked | undefined,
  { copies }: Beside,
): Promise<void> {
  // Announced before it is in the queue, so before anything happens.
  if (brokeGlass && phase === 'accepted') await copies.add(id, [ALERTS], { urgent: true });
  if (asked) {
    const { round = 1 } = approval ?? {};
    const { people } = asked;
    // The card was posted before it asked: its own mentions notify nobody.
    const where = [...people, ...(people.length === 0 || round > 1 ? [MENTION] : [])];
    await copies.add(
      id,
      where.map((one) => inRound(one, round)),
      { urgent: false },
    );
  }
  if (approval && (phase === 'denied' || phase === 'expired'))
    await copies.add(id, [REQUESTER], { urgent: true });
}

/** The card stands: whatever becomes of its files, it is not sent again, and other cards do not wait. */
async function attach(
  { request: { id }, version }: Shown,
  place: Place,
  files: Attachment[],
  options: DeliverOptions,
): Promise<Delivery> {
  await options.store.cardShown(id, version);
  try {
    const ms = await postFiles(id, place, files, options);
    return ms === 0 ? { kind: 'shown', version } : { kind: 'later', ms, all: false };
  } catch (error) {
    const failed = afterFailure(error, id, options.log, { kind: 'later', ms: 60_000, all: false });
    return failed.kind === 'later' ? { ...failed, all: false } : failed;
  }
}

/** The card stands; only now the job may begin. A job that is in the queue already stays the one it is. */
async function enqueue(
  { request, version }: Shown,
  job: string,
  { store, queue }: DeliverOptions,
): Promise<Delivery> {
  const { turn = 0 } = request;
  await addWork(queue, request.id, job, turn);
  // Best effort: when a worker was quicker, its newer state stands.
  await store.write({ ...request, phase: 'queued' }, firstAttempt(turn));
  return { kind: 'shown', version };
}

/** Posts the card, in a direct message where the channel is closed to the bot. */
async function post(request: Request, body: Body, options: DeliverOptions): Promise<Place> {
  const { id, channel, requester, createdAt } = request;
  if (!(await options.store.beginPosting(id))) {
    // A bot died between Slack's answer and the record of it: the card may stand already.
    const standing = await findMessage(channel, id, createdAt, options);
    if (standing) {
      // It shows what was so when it was posted.
      if (request.phase !== 'accepted') await updateMessage(standing, body, options);
      return standing;
    }
  }
  try {
    return await postMessage(channel, id, body, options);
  } catch (error) {
    if (!CLOSED.has(platformError(error))) throw error;
    options.log.info(
      { request: id, channel },
      'the channel is closed to the bot: answering in a direct message',
    );
    return await postMessage(await directChannel(requester.id, options), id, body, options);
  }
}

/** Nothing was changed, so the channel need not hear of it: the card goes, the person who asked reads why. */
async function takeBack(
  { request, ts, postedIn }: Shown,
  body: Body,
  { client, log }: DeliverOptions,
): Promise<void> {
  if (postedIn !== request.channel) {
    await withFallback(body, log, (sent) => client.chat.update({ channel: postedIn, ts, ...sent }));
    return;
  }
  await withFallback(refusedRequest(request), log, (sent) =>
    client.chat.postEphemeral({ channel: request.channel, user: request.requester.id, ...sent }),
  );
  await client.chat.delete({ channel: postedIn, ts }).catch((error: unknown) => {
    if (!GONE.has(platformError(error))) throw error;
  });
}
