import type { Check } from './check.ts';
import { boolean, byType, list, number, object, oneOf, string } from './check.ts';
import { id, url } from './composition.ts';

const style = object(
  {},
  {
    bold: boolean,
    italic: boolean,
    strike: boolean,
    code: boolean,
    underline: boolean,
    highlight: boolean,
    client_highlight: boolean,
    unlink: boolean,
  },
);

const link = object({ url }, { text: string(), unsafe: boolean, style });
/** Slack refuses an empty text element: a frequent trap with values that may be empty. */
const textElement = object({ text: string() }, { style });

const inline = byType({
  text: textElement,
  link,
  broadcast: object({ range: oneOf('here', 'channel', 'everyone') }, { style }),
  color: object({ value: string() }, { style }),
  channel: object({ channel_id: string() }, { style }),
  date: object({ timestamp: number(), format: string() }, { url, fallback: string(), style }),
  emoji: object({ name: string() }, { unicode: string(), url, skin_tone: number(), style }),
  team: object({ team_id: string() }, { style }),
  user: object({ user_id: string() }, { style }),
  usergroup: object({ usergroup_id: string() }, { style }),
});

const border = number({ min: 0, max: 1 });
const section = object({ elements: list(inline, { min: 0 }) });

const shape = object(
  {
    elements: list(
      byType({
        rich_text_section: section,
        rich_text_list: object(
          { elements: list(byType({ rich_text_section: section })), style: oneOf('bullet', 'ordered') },
          { indent: number({ min: 0, max: 8 }), offset: number({ min: 0 }), border },
        ),
        rich_text_quote: object({ elements: list(inline) }, { border }),
        rich_text_preformatted: object(
          { elements: list(byType({ text: textElement, link })) },
          { border, language: string() },
        ),
      }),
    ),
  },
  { block_id: id },
);

export const richText: Check = byType({ rich_text: shape });
