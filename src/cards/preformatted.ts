import type { RichTextBlock } from '@slack/types';

/** Other people's lines as they are, in one block of fixed-width text: nothing in it is read as formatting. */
export function preformatted(text: string): RichTextBlock {
  return {
    type: 'rich_text',
    // An empty text is refused.
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: text.trimEnd() || ' ' }] }],
  };
}
