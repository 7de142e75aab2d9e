/** What a message shows: blocks, and the text that notifications and screen readers use instead. */
import type { KnownBlock } from '@slack/types';

export interface Body {
  /** Mrkdwn, as Slack reads it: other people's words in it are escaped as everywhere. Never empty. */
  text: string;
  blocks: KnownBlock[];
  /** Posted into the card's thread once the request has ended. */
  files?: Attachment[];
}

/** A file in the card's thread. */
export interface Attachment {
  /** `map.png`: also says what kind of file it is. */
  name: string;
  title: string;
  /** A function where making it takes long, such as a picture: called once, when the file is about to be sent. */
  content: string | Uint8Array | (() => Promise<string | Uint8Array>);
  /** What a picture shows, in a sentence, for who cannot see it. */
  altText?: string;
}
