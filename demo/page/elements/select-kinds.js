/**
 * What a select offers and how its choice is told to the app, for each kind of select.
 *
 * @import { ElementState } from '../../slack/page-api.ts'
 * @import { Option, OptionGroup } from '@slack/types'
 * @import { Place } from './place.js'
 *
 * @typedef {import('@slack/types').Select | import('@slack/types').MultiSelect} AnySelect
 * @typedef {{ value: string, label: string, description: string, option?: Option }} Choice
 * @typedef {{ label: string, choices: Choice[] }} ChoiceGroup
 */
import { displayName } from '../names.js';
import { plainText } from '../text.js';

/** @param {Option} option @returns {Choice} */
const fromOption = (option) => ({
  value: option.value ?? '',
  label: plainText(option.text),
  description: plainText(option.description),
  option,
});

/**
 * @param {{ options?: Option[], option_groups?: OptionGroup[] }} source
 * @returns {ChoiceGroup[]}
 */
function fromOptions({ options, option_groups }) {
  return option_groups
    ? option_groups.map((group) => ({
        label: plainText(group.label),
        choices: group.options.map(fromOption),
      }))
    : [{ label: '', choices: (options ?? []).map(fromOption) }];
}

/** @param {string} type */
export const isMulti = (type) => type.startsWith('multi_');

/** @param {AnySelect} element */
export const isExternal = (element) =>
  element.type === 'external_select' || element.type === 'multi_external_select';

/**
 * How much has to be typed before the app is asked.
 *
 * @param {AnySelect} element
 */
export const minQuery = (element) =>
  'min_query_length' in element ? (element.min_query_length ?? 3) : isExternal(element) ? 3 : 0;

/**
 * @param {AnySelect} element
 * @param {Place} place
 * @param {string} query what was typed so far
 * @returns {Promise<ChoiceGroup[]>}
 */
export async function offered(element, { surface, block_id }, query) {
  if (isExternal(element))
    return fromOptions(await surface.suggest(block_id, element.action_id ?? '', query));
  const words = query.toLowerCase();
  return everything(element, surface.names)
    .map(({ label, choices }) => ({
      label,
      choices: choices.filter((choice) => choice.label.toLowerCase().includes(words)),
    }))
    .filter(({ choices }) => choices.length > 0);
}

/**
 * @param {AnySelect} element
 * @param {Place['surface']['names']} names
 * @returns {ChoiceGroup[]}
 */
function everything(element, names) {
  const people = [...names.users.values()].map((user) => ({
    value: user.id,
    label: displayName(user),
    description: '',
  }));
  const channels = [...names.channels.values()].map(({ id, name }) => ({
    value: id,
    label: `#${name}`,
    description: '',
  }));
  switch (element.type) {
    case 'users_select':
    case 'multi_users_select':
      return [{ label: '', choices: people }];
    case 'channels_select':
    case 'multi_channels_select':
      return [{ label: '', choices: channels }];
    case 'conversations_select':
    case 'multi_conversations_select':
      return [{ label: '', choices: [...channels, ...people] }];
    case 'external_select':
    case 'multi_external_select':
      return [];
    case 'static_select':
    case 'multi_static_select':
      return fromOptions(element);
    default:
      return element;
  }
}

/**
 * What a select holds, as choices to show.
 *
 * @param {ElementState} state
 * @param {Place['surface']['names']} names
 * @returns {Choice[]}
 */
export function chosen(state, names) {
  const options = state.selected_options ?? (state.selected_option ? [state.selected_option] : []);
  const users = state.selected_users ?? [state.selected_user ?? []].flat();
  const channels = [
    ...(state.selected_channels ?? [state.selected_channel ?? []].flat()),
    ...(state.selected_conversations ?? [state.selected_conversation ?? []].flat()),
  ];
  return [
    ...options.map((option) => fromOption(/** @type {Option} */ (option))),
    ...users.map((id) => ({ value: id, label: names.user(id), description: '' })),
    ...channels.map((id) => ({
      value: id,
      label: names.users.has(id) ? names.user(id) : `#${names.channel(id)}`,
      description: '',
    })),
  ];
}

/**
 * @param {string} type of the select
 * @param {Choice[]} choices
 * @returns {ElementState}
 */
export function selectState(type, choices) {
  const ids = choices.map((choice) => choice.value);
  const options = choices.map(({ option, value, label }) => ({
    text: option?.text ?? { type: 'plain_text', text: label },
    value,
  }));
  switch (type) {
    case 'users_select':
      return { selected_user: ids[0] ?? null };
    case 'multi_users_select':
      return { selected_users: ids };
    case 'channels_select':
      return { selected_channel: ids[0] ?? null };
    case 'multi_channels_select':
      return { selected_channels: ids };
    case 'conversations_select':
      return { selected_conversation: ids[0] ?? null };
    case 'multi_conversations_select':
      return { selected_conversations: ids };
    default:
      return isMulti(type) ? { selected_options: options } : { selected_option: options[0] ?? null };
  }
}
