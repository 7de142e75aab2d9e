/** What one message takes in all: block by block within Slack's limits is not enough. */
import type { KnownBlock } from '@slack/types';
import { context } from './blocks.ts';

const MOST_BLOCKS = 50;
/** Measured by others for Slack: about 13,200 characters, each block counting for 125 more. */
const MOST_CHARACTERS = 13_000;
const BLOCK_CHARACTERS = 125;

/**
 * `head`, as much of `middle` as fits, and `tail`. When something of the middle is left out, a line says so. Head and
 * tail must fit by themselves.
 */
export function fit(head: KnownBlock[], middle: KnownBlock[], tail: KnownBlock[]): KnownBlock[] {
  if (fits([...head, ...middle, ...tail])) return [...head, ...middle, ...tail];
  const left = context('The rest does not fit into one message.');
  const shown: KnownBlock[] = [];
  for (const block of middle) {
    if (!fits([...head, ...shown, block, left, ...tail])) break;
    shown.push(block);
  }
  return [...head, ...shown, left, ...tail];
}

function fits(blocks: KnownBlock[]): boolean {
  return (
    blocks.length <= MOST_BLOCKS && blocks.length * BLOCK_CHARACTERS + characters(blocks) <= MOST_CHARACTERS
  );
}

/** Everything that somebody reads of it. */
function characters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + characters(entry), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, entry]) => {
    if (typeof entry !== 'string') return sum + characters(entry);
    return sum + (['text', 'title', 'caption', 'alt_text'].includes(key) ? entry.length : 0);
  }, 0);
}
