import { findInteractive } from './blocks/walk.ts';
import type { Fields } from './json.ts';
import { typeOf } from './json.ts';
import type { ElementState, StateValues } from './page-api.ts';

/** What the inputs of these blocks hold before anybody touched them: their initial values. */
export function initialValues(blocks: Fields[]): StateValues {
  const values: StateValues = {};
  for (const { blockId, actionId, element } of findInteractive(blocks)) {
    const type = typeOf(element);
    if (type === 'button' || type === 'overflow') continue;
    // Menus outside input blocks count too; their state is known to Slack as well.
    (values[blockId] ??= {})[actionId] = initialState(element);
  }
  return values;
}

const INITIAL = {
  initial_value: 'value',
  initial_option: 'selected_option',
  initial_options: 'selected_options',
  initial_user: 'selected_user',
  initial_users: 'selected_users',
  initial_channel: 'selected_channel',
  initial_channels: 'selected_channels',
  initial_conversation: 'selected_conversation',
  initial_conversations: 'selected_conversations',
  initial_date: 'selected_date',
  initial_time: 'selected_time',
  initial_date_time: 'selected_date_time',
} as const;

function initialState(element: Fields): ElementState {
  const type = typeOf(element);
  const state: Fields = { type };
  for (const [initial, held] of Object.entries(INITIAL)) {
    if (element[initial] !== undefined) state[held] = element[initial];
  }
  const empty = emptyState(type);
  return { ...empty, ...state };
}

function emptyState(type: string): ElementState {
  if (type.endsWith('_input')) return { value: null };
  if (type === 'checkboxes' || type === 'multi_static_select' || type === 'multi_external_select') {
    return { selected_options: [] };
  }
  if (type === 'radio_buttons' || type === 'static_select' || type === 'external_select') {
    return { selected_option: null };
  }
  if (type === 'datepicker') return { selected_date: null };
  if (type === 'timepicker') return { selected_time: null };
  if (type === 'datetimepicker') return { selected_date_time: null };
  const several = type.startsWith('multi_');
  const what = type.replace('multi_', '').replace('_select', '').replace(/s$/, '');
  return several ? { [`selected_${what}s`]: [] } : { [`selected_${what}`]: null };
}
