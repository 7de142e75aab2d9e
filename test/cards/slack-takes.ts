import { blocksTooLong, findBlockErrors } from '../../demo/slack/blocks/validate.ts';
import { isFields, objectsOf } from '../../demo/slack/json.ts';
import type { Body } from '../../src/cards/body.ts';

/** References that the bot itself writes: people and channels by their ID from Slack, and times. */
const OWN =
  /<(?:@U0ALICE|@U0BOB|#C0OPS|!date\^\d+\^(?:\{date_short_pretty\} )?\{time_secs\}\|[\d: -]+ UTC)>/g;

/**
 * What Slack would find wrong with this body, and where it would mention somebody on other people's behalf. Empty when
 * it is fine.
 */
export function objections(body: Body): string[] {
  const { text, blocks } = body;
  const found = findBlockErrors(blocks, 'message', () => false);
  if (blocksTooLong(objectsOf(blocks))) found.push('msg_blocks_too_long');
  if (text.length > 40_000) found.push('msg_too_long');
  if (text.trim() === '') found.push('no text for notifications');
  for (const words of [text, ...readTexts(body)]) {
    const excerpt = words.slice(0, 200);
    // Whatever is left of `<` after the bot's own references would be read as a reference as well.
    if (words.replaceAll(OWN, '').includes('<')) found.push(`a reference from data: ${excerpt}`);
    if (!words.isWellFormed()) found.push(`half a character: ${excerpt}`);
    if (/&(?!lt;|gt;|amp;)/.test(words)) found.push(`half an entity: ${excerpt}`);
  }
  return found;
}

/** Every text in which Slack looks for mentions, links and formatting. */
export function readTexts({ blocks }: Pick<Body, 'blocks'>): string[] {
  return mrkdwn(blocks);
}

function mrkdwn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwn);
  if (!isFields(value)) return [];
  if (value['type'] === 'mrkdwn' && typeof value['text'] === 'string') return [value['text']];
  return Object.values(value).flatMap(mrkdwn);
}
