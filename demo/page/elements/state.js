/**
 * What inputs and selects hold before the person touched them, in Slack's words for it.
 *
 * @import { ElementState, PageBlock, StateValues } from '../../slack/page-api.ts'
 * @import { Memory } from '../surface.js'
 *
 * @typedef {{ type: string, action_id: string } & Record<string, unknown>} StatefulElement
 */

/** Which field of the state an element type fills, and which of its own fields it starts from. */
const FIELDS = /** @type {const} */ ({
  plain_text_input: ['value', 'initial_value', null],
  email_text_input: ['value', 'initial_value', null],
  url_text_input: ['value', 'initial_value', null],
  number_input: ['value', 'initial_value', null],
  static_select: ['selected_option', 'initial_option', null],
  external_select: ['selected_option', 'initial_option', null],
  radio_buttons: ['selected_option', 'initial_option', null],
  multi_static_select: ['selected_options', 'initial_options', []],
  multi_external_select: ['selected_options', 'initial_options', []],
  checkboxes: ['selected_options', 'initial_options', []],
  users_select: ['selected_user', 'initial_user', null],
  multi_users_select: ['selected_users', 'initial_users', []],
  channels_select: ['selected_channel', 'initial_channel', null],
  multi_channels_select: ['selected_channels', 'initial_channels', []],
  conversations_select: ['selected_conversation', 'initial_conversation', null],
  multi_conversations_select: ['selected_conversations', 'initial_conversations', []],
  datepicker: ['selected_date', 'initial_date', null],
  timepicker: ['selected_time', 'initial_time', null],
  datetimepicker: ['selected_date_time', 'initial_date_time', null],
});

/** @param {string} type */
const fieldsOf = (type) =>
  Object.hasOwn(FIELDS, type) ? FIELDS[/** @type {keyof typeof FIELDS} */ (type)] : undefined;

/**
 * @param {Pick<StatefulElement, 'type'> & object} element
 * @returns {ElementState | undefined} nothing for buttons and menus, which hold no value
 */
export function initialState(element) {
  const fields = fieldsOf(element.type);
  if (!fields) return undefined;
  const [field, initial, empty] = fields;
  return { [field]: /** @type {Record<string, unknown>} */ (element)[initial] ?? empty };
}

/**
 * Whether nothing is filled in.
 *
 * @param {ElementState} state
 */
export function isEmpty(state) {
  return Object.values(state).every(
    (value) => value === null || value === '' || (Array.isArray(value) && value.length === 0),
  );
}

/**
 * @param {PageBlock} block
 * @returns {StatefulElement[]}
 */
function elementsOf(block) {
  const { elements, element, accessory } =
    /** @type {Record<string, StatefulElement | StatefulElement[] | undefined>} */ (block);
  if (block.type === 'actions') return [elements ?? []].flat();
  if (block.type === 'input') return [element ?? []].flat();
  return block.type === 'section' ? [accessory ?? []].flat() : [];
}

/**
 * Whether a block has something that keeps what a person gave it.
 *
 * @param {PageBlock} block
 * @returns {boolean}
 */
export function holdsValues(block) {
  const nested = /** @type {PageBlock[] | undefined} */ (block['child_blocks']) ?? [];
  return elementsOf(block).some((element) => fieldsOf(element.type)) || nested.some(holdsValues);
}

/**
 * What every element of these blocks holds now.
 *
 * @param {PageBlock[]} blocks
 * @param {Memory} memory
 * @returns {StateValues}
 */
export function collectValues(blocks, memory) {
  /** @type {StateValues} */
  const values = {};
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      const initial = initialState(element);
      if (initial)
        (values[block.block_id] ??= {})[element.action_id] = memory.value(
          block.block_id,
          element.action_id,
          initial,
        );
    }
    const nested = /** @type {PageBlock[] | undefined} */ (block['child_blocks']);
    if (nested) Object.assign(values, collectValues(nested, memory));
  }
  return values;
}
