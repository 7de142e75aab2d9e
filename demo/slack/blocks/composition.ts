import type { Check } from './check.ts';
import { all, boolean, byType, ensure, list, object, oneOf, pattern, string } from './check.ts';

const plain = (max: number): Check => object({ text: string({ max }) }, { emoji: boolean });
const markdown = (max: number): Check => object({ text: string({ max }) }, { verbatim: boolean });

export const plainText = (max: number): Check => byType({ plain_text: plain(max) });
export const mrkdwn = (max: number): Check => byType({ mrkdwn: markdown(max) });
/** A text object of either type. */
export const text = (max: number): Check => byType({ plain_text: plain(max), mrkdwn: markdown(max) });

export const id = string({ max: 255 });

export const confirm = object(
  { text: text(300) },
  { title: plainText(100), confirm: plainText(30), deny: plainText(30), style: oneOf('primary', 'danger') },
);

const option = (label: Check): Check =>
  object(
    { text: label, value: string({ max: 75 }) },
    { description: plainText(75), url: string({ max: 3000 }) },
  );

/** An option of a menu; those of radio buttons and checkboxes may be mrkdwn. Limits: @slack/types 3.2. */
export const menuOption = option(plainText(75));
export const choiceOption = option(text(75));

export const optionGroup = object({ label: plainText(75), options: list(menuOption, { max: 100 }) });

/** No dot in the name, or an address of a private, link-local or loopback network. */
const PRIVATE_HOST =
  /^https?:\/\/([^./:]+(?=[:/]|$)|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[)/i;

/** Slack's servers fetch the picture when the message is sent, so that a private address fails there. */
const imageUrl: Check = (value, at, found) => {
  string({ max: 3000 })(value, at, found);
  if (typeof value !== 'string') return;
  if (!/^https?:\/\//.test(value)) found.add(at, 'invalid url');
  else if (PRIVATE_HOST.test(value)) found.add(at, 'downloading image failed');
};

const slackFile = all(
  object({}, { id: string(), url: string({ max: 3000 }) }),
  ensure(
    (file) => (file['id'] === undefined) !== (file['url'] === undefined),
    'must provide either id or url',
  ),
);

export const imageSource = { image_url: imageUrl, slack_file: slackFile };

export const oneImageSource = ensure(
  (image) => (image['image_url'] === undefined) !== (image['slack_file'] === undefined),
  'must provide either image_url or slack_file',
);

export const image = all(object({ alt_text: string({ max: 2000 }) }, imageSource), oneImageSource);
export const imageElement = byType({ image });

export const url = all(string({ max: 3000 }), pattern(/^[a-z][a-z0-9+.-]*:/i, 'invalid url'));
