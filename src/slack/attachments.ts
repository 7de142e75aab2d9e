/** Files in a card's thread: posted once the request has ended, each at most once, also when a bot dies in between. */
import { ErrorCode, type WebClient } from '@slack/web-api';
import type { Attachment } from '../cards/body.ts';
import { code } from '../cards/text.ts';
import { errorReference, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RequestStore } from '../queue/store.ts';
import { PASSING, platformError } from './slack-errors.ts';

export interface AttachOptions {
  store: RequestStore;
  client: WebClient;
  log: Log;
}

/** Where the card stands. */
interface Place {
  channel: string;
  ts: string;
}

/**
 * So long may a bot still be sending a file that it has begun: three calls of 10 s at most, and Slack shows a file in
 * the thread some seconds after it has taken it.
 */
const UNDER_WAY_MS = 40_000;
/** Nothing left the machine: the call was certainly not made. */
const NOT_CONNECTED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH/;

/** Bytes that this file may have at most; a megabyte of log is nothing that anybody reads in a channel. */
const MOST_BYTES = 20_000_000;

/**
 * Posts those of the files that are not in the thread yet. Their names tell them apart.
 * @returns 0 when all are there or never will be, else after how many milliseconds to look again.
 * @throws what Slack throws when it cannot take a file just now.
 */
export async function postFiles(
  id: string,
  place: Place,
  files: Attachment[],
  options: AttachOptions,
): Promise<number> {
  let wait = 0;
  for (const file of files) wait = Math.max(wait, await postFile(id, place, file, options));
  return wait;
}

async function postFile(id: string, place: Place, file: Attachment, options: AttachOptions): Promise<number> {
  const { store, client, log } = options;
  const begun = await store.beginFile(id, file.name);
  if (begun === 'posted') return 0;
  if (begun !== 'first') {
    // A bot died, or Slack's answer was lost, between the beginning and the record of the end: it may be there already.
    if (await isInThread(file, place, client)) {
      await store.markFile(id, file.name, 'posted');
      return 0;
    }
    const rest = begun + UNDER_WAY_MS - Date.now();
    if (rest > 0) return rest;
    await store.markFile(id, file.name, 'begun');
  }
  let content: Buffer;
  try {
    content = await bytesOf(file);
  } catch (error) {
    const reference = errorReference();
    log.error({ err: error, request: id, file: file.name, reference }, 'a file could not be made');
    await giveUp(id, place, file, `it could not be made. The log explains it under ${reference}.`, options);
    return 0;
  }
  if (content.length === 0) {
    await store.markFile(id, file.name, 'posted');
    return 0;
  }
  if (content.length > MOST_BYTES) {
    await giveUp(id, place, file, 'it is too large. Narrow the command down.', options);
    return 0;
  }
  try {
    await client.filesUploadV2({
      channel_id: place.channel,
      thread_ts: place.ts,
      filename: file.name,
      title: file.title,
      file: content,
      ...(file.altText ? { alt_text: file.altText } : {}),
    });
  } catch (error) {
    if (isDoubtful(error)) throw error;
    const name = platformError(error);
    if (name === '' || PASSING.has(name)) {
      await store.markFile(id, file.name, undefined);
      throw error;
    }
    log.error({ err: error, request: id, file: file.name }, 'Slack refused a file');
    await giveUp(id, place, file, REFUSED[name] ?? `Slack refuses it (${name}).`, options);
    return 0;
  }
  await store.markFile(id, file.name, 'posted');
  return 0;
}

const REFUSED: Record<string, string> = {
  missing_scope:
    'the app may not upload files. Add the scope files:write, install it again, and repeat the command.',
  storage_limit_reached: 'the workspace has no room for files left. Delete some, and repeat the command.',
  posting_to_channel_denied: 'this channel takes no files. Repeat the command in another one.',
};

export async function bytesOf({ content }: Attachment): Promise<Buffer> {
  const made = typeof content === 'function' ? await content() : content;
  return typeof made === 'string'
    ? Buffer.from(made)
    : Buffer.from(made.buffer, made.byteOffset, made.byteLength);
}

/** Slack may have taken the file although the call failed: it broke off, or timed out, or was answered by a proxy. */
function isDoubtful(error: unknown): boolean {
  const { code: kind, original } = error as { code?: string; original?: unknown };
  if (kind === ErrorCode.HTTPError) return true;
  return kind === ErrorCode.RequestError && !NOT_CONNECTED.test(reasons(original ?? error));
}

/** The words of an error and of what it was caused by: fetch says only that it failed. */
function reasons(error: unknown): string {
  const { cause, code: kind } = error as { cause?: unknown; code?: unknown };
  return `${messageOf(error)} ${String(kind)} ${cause === undefined ? '' : reasons(cause)}`;
}

async function isInThread(file: Attachment, { channel, ts }: Place, client: WebClient): Promise<boolean> {
  const { messages = [] } = await client.conversations.replies({ channel, ts, limit: 200 });
  return messages.some(({ files = [] }) => files.some(({ name }) => name === file.name));
}

/** Says in the thread, once, that the file will not come; what the card says stands without it. */
async function giveUp(
  id: string,
  { channel, ts }: Place,
  file: Attachment,
  why: string,
  { store, client, log }: AttachOptions,
): Promise<void> {
  await store.markFile(id, file.name, 'posted');
  const text = `:warning: The file ${code(file.name)} is not here: ${why}`;
  await client.chat.postMessage({ channel, thread_ts: ts, text }).catch((error: unknown) => {
    log.warn({ err: error, request: id }, 'could not say that a file is missing');
  });
}
