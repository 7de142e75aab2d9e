import type { Check } from './check.ts';
import { all, boolean, byType, ensure, list, number, object, oneOf, pattern, string } from './check.ts';
import {
  choiceOption,
  confirm,
  id,
  imageElement,
  menuOption,
  optionGroup,
  plainText,
  text,
  url,
} from './composition.ts';
import { isFields } from '../json.ts';

const action = { action_id: id, confirm, focus_on_load: boolean };
const input = { action_id: id, focus_on_load: boolean, placeholder: plainText(150) };
const typed = {
  ...input,
  dispatch_action_config: object({
    trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), { max: 2 }),
  }),
};
const placeholder = { placeholder: plainText(150) };
const several = { max_selected_items: number({ min: 1 }) };
const strings = list(string());

const button = object(
  { text: plainText(75) },
  {
    action_id: id,
    confirm,
    url,
    value: string({ max: 2000 }),
    style: oneOf('primary', 'danger'),
    accessibility_label: string({ max: 75 }),
  },
);

const someOptions = ensure(
  (menu) => (menu['options'] === undefined) !== (menu['option_groups'] === undefined),
  'must provide either options or option_groups',
);

const options = {
  options: list(menuOption, { max: 100 }),
  option_groups: list(optionGroup, { max: 100 }),
};

/** Slack compares the whole option, not only its value. */
const initialAmongOptions = (key: 'initial_option' | 'initial_options'): Check =>
  ensure((menu) => {
    const groups = Array.isArray(menu['option_groups']) ? menu['option_groups'].filter(isFields) : [];
    const offered = [menu['options'], ...groups.map((group) => group['options'])]
      .flat()
      .map((o) => JSON.stringify(o));
    const initial = [menu[key] ?? []].flat();
    return initial.every((option) => offered.includes(JSON.stringify(option)));
  }, `${key} must be among the options`);

const date = pattern(/^\d{4}-\d{2}-\d{2}$/, 'invalid date, must be YYYY-MM-DD');
const time = pattern(/^\d{2}:\d{2}$/, 'invalid time, must be HH:mm');
const channelFilter = object(
  {},
  {
    include: list(oneOf('im', 'mpim', 'private', 'public')),
    exclude_external_shared_channels: boolean,
    exclude_bot_users: boolean,
  },
);
const conversations = {
  default_to_current_conversation: boolean,
  filter: channelFilter,
};

const selects: Record<string, Check> = {
  static_select: all(
    object({}, { ...action, ...placeholder, ...options, initial_option: menuOption }),
    someOptions,
    initialAmongOptions('initial_option'),
  ),
  external_select: object(
    {},
    { ...action, ...placeholder, initial_option: menuOption, min_query_length: number({ min: 0 }) },
  ),
  users_select: object({}, { ...action, ...placeholder, initial_user: string() }),
  conversations_select: object(
    {},
    {
      ...action,
      ...placeholder,
      ...conversations,
      initial_conversation: string(),
      response_url_enabled: boolean,
    },
  ),
  channels_select: object(
    {},
    { ...action, ...placeholder, initial_channel: string(), response_url_enabled: boolean },
  ),
  multi_static_select: all(
    object(
      {},
      { ...action, ...placeholder, ...several, ...options, initial_options: list(menuOption, { max: 100 }) },
    ),
    someOptions,
    initialAmongOptions('initial_options'),
  ),
  multi_external_select: object(
    {},
    {
      ...action,
      ...placeholder,
      ...several,
      initial_options: list(menuOption, { max: 100 }),
      min_query_length: number({ min: 0 }),
    },
  ),
  multi_users_select: object({}, { ...action, ...placeholder, ...several, initial_users: strings }),
  multi_conversations_select: object(
    {},
    { ...action, ...placeholder, ...several, ...conversations, initial_conversations: strings },
  ),
  multi_channels_select: object({}, { ...action, ...placeholder, ...several, initial_channels: strings }),
};

const choices: Record<string, Check> = {
  checkboxes: all(
    object(
      { options: list(choiceOption, { max: 10 }) },
      { ...action, initial_options: list(choiceOption, { max: 10 }) },
    ),
    initialAmongOptions('initial_options'),
  ),
  radio_buttons: all(
    object({ options: list(choiceOption, { max: 10 }) }, { ...action, initial_option: choiceOption }),
    initialAmongOptions('initial_option'),
  ),
  datepicker: object({}, { ...action, ...placeholder, initial_date: date }),
  timepicker: object({}, { ...action, ...placeholder, initial_time: time, timezone: string() }),
  datetimepicker: object({}, { ...action, initial_date_time: number() }),
};

const overflow = object({ options: list(menuOption, { max: 5 }) }, { action_id: id, confirm });

/** `richText` is passed in because rich text blocks are checked beside the other blocks. */
export function elements(richText: Check): {
  inActions: Check;
  accessory: Check;
  inInput: Check;
  button: Check;
} {
  const richTextInput = object(
    {},
    { ...typed, initial_value: richText, min_lines: number(), max_lines: number() },
  );
  return {
    button: byType({ button }),
    inActions: byType({ button, overflow, ...selects, ...choices, rich_text_input: richTextInput }),
    accessory: byType({ button, overflow, ...selects, ...choices, image: imageElement }),
    inInput: byType({
      ...selects,
      ...choices,
      rich_text_input: richTextInput,
      plain_text_input: object(
        {},
        {
          ...typed,
          initial_value: string({ min: 0, max: 3000 }),
          multiline: boolean,
          min_length: number({ min: 0, max: 3000 }),
          max_length: number({ min: 1, max: 3000 }),
        },
      ),
      email_text_input: object({}, { ...typed, initial_value: string() }),
      url_text_input: object({}, { ...typed, initial_value: string() }),
      number_input: object(
        { is_decimal_allowed: boolean },
        { ...typed, initial_value: string(), min_value: string(), max_value: string() },
      ),
    }),
  };
}

/** Context blocks hold pictures and short texts. */
export const contextElement: Check = (value, at, found) => {
  if (isFields(value) && value['type'] === 'image') imageElement(value, at, found);
  else text(2000)(value, at, found);
};
