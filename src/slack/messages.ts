/** Messages that the bot posts once and then edits: found again by their metadata, also by another bot after a crash. */
import type { KnownBlock } from '@slack/types';
import { ErrorCode, type WebClient } from '@slack/web-api';
import { section } from '../cards/blocks.ts';
import type { Body } from '../cards/body.ts';
import type { Log } from '../log.ts';
import type { Delivery } from '../queue/outbox.ts';
import { PASSING, platformError } from './slack-errors.ts';

const METADATA = 'swarmkeeper_request';
const REFUSED_BLOCKS = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_too_long',
  'msg_blocks_too_long',
]);
/** Slack's word on a message that is there no more. */
export const GONE = new Set(['message_not_found', 'channel_not_found', 'is_archived', 'cant_delete_message']);
/** Slack's word on a channel in which the bot cannot post. */
export const CLOSED = new Set([
  'not_in_channel',
  'channel_not_found',
  'is_archived',
  'restricted_action',
  'no_permission',
]);

export interface Place {
  channel: string;
  ts: string;
}

export interface Slack {
  client: WebClient;
  log: Log;
}

/** `id`: what the message is of, as the outbox names it. @throws what Slack throws. */
export async function postMessage(
  channel: string,
  id: string,
  { text, blocks }: Body,
  { client, log }: Slack,
  threadTs?: string,
): Promise<Place> {
  const metadata = { event_type: METADATA, event_payload: { id } };
  const { ts = '', channel: posted = channel } = await withFallback({ text, blocks }, log, (sent) =>
    client.chat.postMessage({
      channel,
      ...sent,
      metadata,
      unfurl_links: false,
      unfurl_media: false,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    }),
  );
  return { channel: posted, ts };
}

/** The message of this ID among the channel's newest, should it have been posted since: a bot may have died over it. */
export async function findMessage(
  channel: string,
  id: string,
  since: number,
  { client, log }: Slack,
  threadTs?: string,
): Promise<Place | undefined> {
  try {
    const newest = {
      channel,
      oldest: String(Math.floor(since / 1000) - 60),
      include_all_metadata: true,
      limit: 200,
    };
    const { messages = [] } = await (threadTs === undefined
      ? client.conversations.history(newest)
      : client.conversations.replies({ ...newest, ts: threadTs }));
    const found = messages.find(({ metadata }) => {
      const { id: known } = { id: undefined, ...metadata?.event_payload };
      return metadata?.event_type === METADATA && known === id;
    });
    return found?.ts === undefined ? undefined : { channel, ts: found.ts };
  } catch (error) {
    log.warn({ request: id, error: platformError(error) }, 'could not look for an earlier message');
    return undefined;
  }
}

/** False when somebody has deleted the message: there is nothing left to show. */
export async function updateMessage(
  { channel, ts }: Place,
  { text, blocks }: Body,
  { client, log }: Slack,
): Promise<boolean> {
  try {
    await withFallback({ text, blocks }, log, (sent) => client.chat.update({ channel, ts, ...sent }));
    return true;
  } catch (error) {
    if (!GONE.has(platformError(error))) throw error;
    return false;
  }
}

/** The conversation of the bot with this person. */
export async function directChannel(person: string, { client }: Slack): Promise<string> {
  const { channel } = await client.conversations.open({ users: person });
  return channel?.id ?? person;
}

/** Sends the body; where Slack refuses its blocks, the same in plain words rather than nothing. */
export async function withFallback<R>(
  { text, blocks }: Body,
  log: Log,
  send: (sent: { text: string; blocks: KnownBlock[]; parse: 'none' }) => Promise<R>,
): Promise<R> {
  // Otherwise Slack makes links of addresses in `text` (https://docs.slack.dev/reference/methods/chat.postMessage).
  const parse = 'none';
  try {
    return await send({ text, blocks, parse });
  } catch (error) {
    if (!REFUSED_BLOCKS.has(platformError(error))) throw error;
    log.error({ err: error, text }, 'Slack refused the blocks of a card: sent as plain text');
    return await send({ text, blocks: [section(text)], parse });
  }
}

/** When to try again what Slack did not take. `finally`: what becomes of it when Slack refuses it for good. */
export function afterFailure(error: unknown, id: string, log: Log, final: Delivery): Delivery {
  const { code, retryAfter } = error as { code?: string; retryAfter?: number };
  if (code === ErrorCode.RateLimitedError) return { kind: 'later', ms: (retryAfter ?? 1) * 1000, all: true };
  // Slack is away or ill: every card would fail alike.
  if (code === ErrorCode.RequestError || code === ErrorCode.HTTPError)
    return { kind: 'later', ms: 2000, all: true };
  const name = platformError(error);
  if (PASSING.has(name)) return { kind: 'later', ms: 5000, all: false };
  log.error({ err: error, request: id }, 'a message could not be brought up to date');
  // What is no word of Slack's is a fault of ours, which a restart may cure.
  return name === '' ? { kind: 'later', ms: 60_000, all: false } : final;
}
