import { ApiError, invalid } from './api/error.ts';
import { Args } from './api/method.ts';
import type { FileExists } from './blocks/validate.ts';
import { blocksTooLong, findBlockErrors } from './blocks/validate.ts';
import { withIds } from './blocks/walk.ts';
import type { Fields } from './json.ts';
import { isFields } from './json.ts';
import type { StoredMessage } from './workspace.ts';

/** What a message says. Absent: the caller gave nothing of that kind. */
export interface Content {
  text?: string;
  blocks?: Fields[];
  attachments?: Fields[];
  metadata?: Fields;
}

const MAX_TEXT = 40_000;
const MAX_METADATA = 16_000;

/**
 * Reads text, blocks, attachments and metadata of a message from the arguments of a call, a response_url or an ack.
 * Throws Slack's error for the first thing that is wrong.
 */
export function readContent(fields: Fields, fileExists: FileExists, maxText = MAX_TEXT): Content {
  const args = new Args(fields);
  const content: Content = {};
  const text = args.text('text') ?? undefined;
  if (args.text('markdown_text') !== undefined) throw new ApiError('markdown_text_conflict');
  if (text !== undefined) content.text = text;
  if (text !== undefined && text.length > maxText) throw new ApiError('msg_too_long');
  const blocks = args.json('blocks');
  if (blocks !== undefined) content.blocks = readBlocks(blocks, fileExists);
  const attachments = args.json('attachments');
  if (attachments !== undefined) {
    if (!Array.isArray(attachments) || !attachments.every(isFields))
      throw new ApiError('invalid_attachments');
    if (attachments.length > 100) throw new ApiError('too_many_attachments');
    content.attachments = attachments;
  }
  const metadata = args.json('metadata');
  if (metadata !== undefined) content.metadata = readMetadata(metadata);
  return content;
}

function readBlocks(blocks: unknown, fileExists: FileExists): Fields[] {
  if (!Array.isArray(blocks) || !blocks.every(isFields)) throw new ApiError('invalid_blocks_format');
  const errors = findBlockErrors(blocks, 'message', fileExists);
  if (errors.length > 0) throw invalid('invalid_blocks', errors);
  if (blocksTooLong(blocks)) throw new ApiError('msg_blocks_too_long');
  return withIds(blocks);
}

function readMetadata(metadata: unknown): Fields {
  if (!isFields(metadata)) throw new ApiError('invalid_metadata_format');
  if (Object.keys(metadata).length === 0) return metadata;
  if (typeof metadata['event_type'] !== 'string' || !isFields(metadata['event_payload'])) {
    throw new ApiError('invalid_metadata_schema');
  }
  if (JSON.stringify(metadata).length > MAX_METADATA) throw new ApiError('metadata_too_large');
  return metadata;
}

/** Whether there is anything to show. */
export function isEmpty(content: Content): boolean {
  const blank = (content.text ?? '').trim() === '';
  return blank && !content.blocks?.length && !content.attachments?.length;
}

/** The fields of a new message with this content. */
export function newContent(content: Content): Pick<StoredMessage, 'text'> & Partial<StoredMessage> {
  const { text = '', metadata, ...rest } = content;
  return { text, ...rest, ...(metadata && Object.keys(metadata).length > 0 ? { metadata } : {}) };
}

/**
 * Changes a message as chat.update and replace_original do: text without blocks removes the blocks and marks the
 * message as edited; blocks do not mark it; metadata stays unless given, and `{}` removes it.
 */
export function applyContent(message: StoredMessage, content: Content, editedTs: string): void {
  const { text, blocks, attachments, metadata } = content;
  if (blocks) message.blocks = blocks;
  else if (text !== undefined) message.blocks = [];
  if (text !== undefined || blocks) message.text = text ?? '';
  if (attachments) message.attachments = attachments;
  if (metadata && Object.keys(metadata).length > 0) message.metadata = metadata;
  else if (metadata) delete message.metadata;
  if (!blocks?.length) message.editedTs = editedTs;
}
