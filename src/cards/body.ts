/** What a message shows: blocks, and the text that notifications and screen readers use instead. */
import type { KnownBlock } from '@slack/types';

export interface Body {
  /** Mrkdwn, as Slack reads it: other people's words in it are escaped as everywhere. Never empty. */
  text: string;
  blocks: KnownBlock[];
}
