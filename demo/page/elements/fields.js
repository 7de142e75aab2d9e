import { h } from '../dom.js';
import { plainText } from '../text.js';
import { choose, fieldProps, stateOf } from './place.js';

/**
 * @import { PlainTextInput, EmailInput, URLInput, NumberInput, Datepicker, Timepicker, DateTimepicker } from '@slack/types'
 * @import { ElementState } from '../../slack/page-api.ts'
 * @import { Place } from './place.js'
 */

/** How long the person has to stop typing before the app hears of it. */
const TYPING_PAUSE_MS = 400;
const KEYBOARD = {
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'decimal',
  plain_text_input: null,
};

/**
 * @param {PlainTextInput | EmailInput | URLInput | NumberInput} element
 * @param {Place} place
 */
export function renderTextField(element, place) {
  const multiline = element.type === 'plain_text_input' && element.multiline;
  const limits = /** @type {Partial<PlainTextInput>} */ (element.type === 'plain_text_input' ? element : {});
  const node = h(multiline ? 'textarea' : 'input', {
    ...fieldProps(element, place),
    class: 'field',
    type: multiline ? null : 'text',
    rows: multiline ? 4 : null,
    inputmode: KEYBOARD[element.type],
    placeholder: plainText(element.placeholder),
    maxlength: limits.max_length,
    autocomplete: 'off',
  });
  node.value = stateOf(element, place).value ?? '';
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  /** @param {boolean} tells */
  const keep = (tells) =>
    void choose(
      { action_id: element.action_id ?? '' },
      { ...place, dispatches: place.dispatches && tells },
      { value: node.value || null },
    );
  let pause = 0;
  node.addEventListener('input', () => {
    keep(false);
    clearTimeout(pause);
    if (triggers.includes('on_character_entered')) pause = setTimeout(() => keep(true), TYPING_PAUSE_MS);
  });
  node.addEventListener('keydown', (event) => {
    if (
      event instanceof KeyboardEvent &&
      event.key === 'Enter' &&
      !multiline &&
      triggers.includes('on_enter_pressed')
    )
      keep(true);
  });
  return node;
}

/**
 * @param {Datepicker | Timepicker | DateTimepicker} element
 * @param {Place} place
 */
export function renderDateField(element, place) {
  const type = { datepicker: 'date', timepicker: 'time', datetimepicker: 'datetime-local' }[element.type];
  const node = h('input', { ...fieldProps(element, place), class: 'field date-field', type });
  const state = stateOf(element, place);
  node.value = state.selected_date ?? state.selected_time ?? localTime(state.selected_date_time);
  node.addEventListener('change', () => void choose(element, place, dateState(element.type, node.value)));
  return node;
}

/**
 * @param {'datepicker' | 'timepicker' | 'datetimepicker'} type
 * @param {string} value as the browser's own field gives it
 * @returns {ElementState}
 */
function dateState(type, value) {
  if (type === 'datepicker') return { selected_date: value || null };
  if (type === 'timepicker') return { selected_time: value || null };
  return { selected_date_time: value ? Math.floor(new Date(value).getTime() / 1000) : null };
}

/** @param {number | null | undefined} seconds */
function localTime(seconds) {
  if (seconds === null || seconds === undefined) return '';
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
