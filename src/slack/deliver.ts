/** Brings one card up to the request's state: posts it, edits it, or takes it back and tells only the person who asked. */
import type { WebClient } from '@slack/web-api';
import { ErrorCode } from '@slack/web-api';
import { section } from '../cards/blocks.ts';
import type { Attachment, Body } from '../cards/body.ts';
import type { Command, JobCommand } from '../commands/define.ts';
import type { Log } from '../log.ts';
import type { Delivery } from '../queue/outbox.ts';
import type { Request } from '../queue/request.ts';
import type { RequestStore, Shown } from '../queue/store.ts';
import { addWork, firstAttempt, type WorkQueue } from '../queue/work.ts';
import { refusedRequest } from './accept.ts';
import { postFiles } from './attachments.ts';
import { card } from './card.ts';
import { PASSING, platformError } from './slack-errors.ts';

export interface DeliverOptions {
  store: RequestStore;
  queue: WorkQueue;
  client: WebClient;
  commands: Command[];
  log: Log;
}

const METADATA = 'swarmkeeper_request';
const REFUSED_BLOCKS = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_too_long',
  'msg_blocks_too_long',
]);
const GONE = new Set(['message_not_found', 'channel_not_found', 'is_archived', 'cant_delete_message']);
/** Slack's word on a request that the bot cannot serve where it was made. */
const CLOSED = new Set([
  'not_in_channel',
  'channel_not_found',
  'is_archived',
  'restricted_action',
  'no_permission',
]);

export function deliverer(options: DeliverOptions): (id: string) => Promise<Delivery> {
  const { store, commands, log } = options;
  return async (id) => {
    const found = await store.read(id);
    const command = commands.find(({ name }) => name === found?.request.command);
    if (!found || command?.kind !== 'job') return { kind: 'never' };
    try {
      return await bringUp(found, command, options);
    } catch (error) {
      return afterFailure(error, found, log);
    }
  };
}

async function bringUp(found: Shown, command: JobCommand, options: DeliverOptions): Promise<Delivery> {
  const { request, version } = found;
  const { files = [], ...body } = card(request, command);
  let place = { channel: found.postedIn, ts: found.ts };
  let stands = true;
  if (found.ts === '') {
    place = await post(request, body, options);
    await options.store.posted(request.id, place);
  } else if (request.phase === 'refused') {
    await takeBack(found, body, options);
    stands = false;
  } else if (version > found.shown && request.phase !== 'accepted') {
    stands = await update(place, body, options);
  }
  if (request.phase === 'asking' && request.approval)
    await options.store.expireAt(request.id, request.approval.expiresAt + 1);
  if (request.phase === 'accepted' || request.phase === 'approved')
    return await enqueue(found, command.job, options);
  return stands && files.length > 0 ? await attach(found, place, files, options) : { kind: 'shown', version };
}

/** The card stands: whatever becomes of its files, it is not sent again, and other cards do not wait. */
async function attach(
  found: Shown,
  place: { channel: string; ts: string },
  files: Attachment[],
  options: DeliverOptions,
): Promise<Delivery> {
  const { request, version } = found;
  await options.store.cardShown(request.id, version);
  try {
    const ms = await postFiles(request.id, place, files, options);
    return ms === 0 ? { kind: 'shown', version } : { kind: 'later', ms, all: false };
  } catch (error) {
    const failed = afterFailure(error, found, options.log);
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
async function post(
  request: Request,
  body: Body,
  options: DeliverOptions,
): Promise<{ channel: string; ts: string }> {
  const { client, store, log } = options;
  if (!(await store.beginPosting(request.id))) {
    // A bot died between Slack's answer and the record of it: the card may stand already.
    const standing = await findCard(request, client, log);
    if (standing) return standing;
  }
  const metadata = { event_type: METADATA, event_payload: { id: request.id } };
  const send = async (channel: string): Promise<{ channel: string; ts: string }> => {
    const { ts = '' } = await withFallback(body, log, (sent) =>
      client.chat.postMessage({ channel, ...sent, metadata, unfurl_links: false, unfurl_media: false }),
    );
    return { channel, ts };
  };
  try {
    return await send(request.channel);
  } catch (error) {
    if (!CLOSED.has(platformError(error))) throw error;
    log.info(
      { request: request.id, channel: request.channel },
      'the channel is closed to the bot: answering in a direct message',
    );
    const { channel } = await client.conversations.open({ users: request.requester.id });
    return await send(channel?.id ?? request.requester.id);
  }
}

/** The card of this request among the channel's newest messages, by its metadata. */
async function findCard(
  request: Request,
  client: WebClient,
  log: Log,
): Promise<{ channel: string; ts: string } | undefined> {
  try {
    const { messages = [] } = await client.conversations.history({
      channel: request.channel,
      oldest: String(Math.floor(request.createdAt / 1000) - 60),
      include_all_metadata: true,
      limit: 200,
    });
    const found = messages.find(({ metadata }) => {
      const { id } = { id: undefined, ...metadata?.event_payload };
      return metadata?.event_type === METADATA && id === request.id;
    });
    return found?.ts === undefined ? undefined : { channel: request.channel, ts: found.ts };
  } catch (error) {
    log.warn({ request: request.id, error: platformError(error) }, 'could not look for an earlier card');
    return undefined;
  }
}

/** False when somebody has deleted the card: there is nothing left to show. */
async function update(
  { channel, ts }: { channel: string; ts: string },
  body: Body,
  { client, log }: DeliverOptions,
): Promise<boolean> {
  try {
    await withFallback(body, log, (sent) => client.chat.update({ channel, ts, ...sent }));
    return true;
  } catch (error) {
    if (!GONE.has(platformError(error))) throw error;
    return false;
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

/** Sends the body; where Slack refuses its blocks, the same in plain words rather than nothing. */
async function withFallback<R>(body: Body, log: Log, send: (body: Body) => Promise<R>): Promise<R> {
  try {
    return await send(body);
  } catch (error) {
    if (!REFUSED_BLOCKS.has(platformError(error))) throw error;
    log.error({ err: error, text: body.text }, 'Slack refused the blocks of a card: sent as plain text');
    return await send({ text: body.text, blocks: [section(body.text)] });
  }
}

function afterFailure(error: unknown, { request }: Shown, log: Log): Delivery {
  const { code, retryAfter } = error as { code?: string; retryAfter?: number };
  if (code === ErrorCode.RateLimitedError) return { kind: 'later', ms: (retryAfter ?? 1) * 1000, all: true };
  // Slack is away or ill: every card would fail alike.
  if (code === ErrorCode.RequestError || code === ErrorCode.HTTPError)
    return { kind: 'later', ms: 2000, all: true };
  const name = platformError(error);
  if (PASSING.has(name)) return { kind: 'later', ms: 5000, all: false };
  log.error({ err: error, request: request.id }, 'a card could not be brought up to date');
  return { kind: 'later', ms: 60_000, all: false };
}
