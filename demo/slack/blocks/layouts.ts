import type { Check } from './check.ts';
import { all, boolean, byType, ensure, list, object, oneOf, string } from './check.ts';
import {
  id,
  image,
  imageElement,
  imageSource,
  mrkdwn,
  oneImageSource,
  plainText,
  text,
  url,
} from './composition.ts';
import { contextElement, elements } from './elements.ts';
import { richText } from './rich-text.ts';
import { dataTableShape, tableShape } from './tables.ts';

const element = elements(richText);
const block_id = id;

const section = all(
  object(
    {},
    {
      block_id,
      text: text(3000),
      fields: list(text(2000), { max: 10 }),
      accessory: element.accessory,
      expand: boolean,
    },
  ),
  ensure(
    (block) => block['text'] !== undefined || block['fields'] !== undefined,
    'missing required field: text',
  ),
);

const basic: Record<string, Check> = {
  section,
  actions: object({ elements: list(element.inActions, { max: 25 }) }, { block_id }),
  context: object({ elements: list(contextElement, { max: 10 }) }, { block_id }),
  divider: object({}, { block_id }),
  header: object({ text: plainText(150) }, { block_id }),
  image: all(
    object({ alt_text: string({ max: 2000 }) }, { ...imageSource, block_id, title: plainText(2000) }),
    oneImageSource,
  ),
  rich_text: richText,
  input: object(
    { label: plainText(2000), element: element.inInput },
    { block_id, hint: plainText(2000), optional: boolean, dispatch_action: boolean },
  ),
};

const table: Record<string, Check> = { table: tableShape };

const taskCard = object(
  { task_id: string(), title: string() },
  {
    block_id,
    details: richText,
    output: richText,
    sources: list(byType({ url: object({ url, text: string() }) }), { min: 0 }),
    status: oneOf('pending', 'in_progress', 'complete', 'error'),
  },
);

const card = all(
  object(
    {},
    {
      block_id,
      hero_image: imageElement,
      icon: imageElement,
      title: mrkdwn(150),
      subtitle: mrkdwn(150),
      body: mrkdwn(200),
      actions: list(element.button, { max: 3 }),
    },
  ),
  ensure(
    (block) => ['hero_image', 'title', 'actions', 'body'].some((key) => block[key] !== undefined),
    'must provide at least one of hero_image, title, actions, body',
  ),
);

const container = all(
  object(
    { child_blocks: list(byType({ ...basic, ...table }), { max: 10 }) },
    {
      block_id,
      title: plainText(150),
      rich_text_title: richText,
      subtitle: text(150),
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: byType({ image }),
      is_collapsible: boolean,
      default_collapsed: boolean,
      has_header_divider: boolean,
    },
  ),
  ensure(
    (block) => block['title'] !== undefined || block['rich_text_title'] !== undefined,
    'missing required field: title',
  ),
  ensure(
    (block) => block['default_collapsed'] !== true || block['is_collapsible'] === true,
    'default_collapsed requires is_collapsible',
  ),
);

/**
 * What each surface takes. Messages take all but `alert`; modals take no tables, plans, cards, containers or markdown;
 * Home takes cards but nothing else of the newer blocks. Anything unsure is refused here rather than at Slack.
 */
export const surfaces = {
  message: byType({
    ...basic,
    ...table,
    data_table: dataTableShape,
    plan: object(
      { title: string() },
      { block_id, tasks: list(byType({ task_card: taskCard }), { min: 0, max: 50 }) },
    ),
    task_card: taskCard,
    container,
    card,
    markdown: object({ text: string({ max: 12_000 }) }, { block_id }),
  }),
  modal: byType({
    ...basic,
    alert: object(
      { text: text(3000) },
      { block_id, level: oneOf('default', 'info', 'warning', 'error', 'success') },
    ),
  }),
  home: byType({ ...basic, card }),
};

export type Surface = keyof typeof surfaces;
