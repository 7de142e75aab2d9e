/** What a message shows: blocks, and the text that notifications and screen readers use instead. */
import type { KnownBlock } from '@slack/types';

export interface Body {
  /** Plain words; never empty. */
  text: string;
  blocks: KnownBlock[];
}
