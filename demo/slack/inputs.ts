import { findInteractive } from './blocks/walk.ts';
import { fieldsOf, objectsOf, stringOf, textOf, typeOf } from './json.ts';
import type { Fields } from './json.ts';
import type { ElementState, StateValues } from './page-api.ts';
import { initialValues } from './initial-values.ts';

/** What a test enters into a modal: by label, block_id or action_id; options by their text or value. */
export type Entered = Record<string, string | string[] | ElementState>;

/** What an element holds once this was typed or chosen. Throws when a menu has no such option. */
export function stateFrom(element: Fields, entered: string | string[]): ElementState {
  const type = typeOf(element);
  const texts = [entered].flat();
  const [first = ''] = texts;
  const option = (text: string): NonNullable<ElementState['selected_option']> => {
    const groups = objectsOf(element['option_groups']).flatMap((group) => objectsOf(group['options']));
    const offered = [...objectsOf(element['options']), ...groups];
    const found = offered.find((one) => textOf(one['text']) === text || one['value'] === text);
    if (found) return found as NonNullable<ElementState['selected_option']>;
    if (type.includes('external')) return { text: { type: 'plain_text', text }, value: text };
    const names = offered.map((one) => textOf(one['text'])).join(', ');
    throw new Error(`The menu has no option "${text}". It has: ${names}.`);
  };
  if (type.endsWith('_input')) return { value: first };
  if (type === 'overflow') return { selected_option: option(first) };
  if (type === 'datepicker') return { selected_date: first };
  if (type === 'timepicker') return { selected_time: first };
  if (type === 'datetimepicker') return { selected_date_time: Number(first) };
  if (['checkboxes', 'multi_static_select', 'multi_external_select'].includes(type)) {
    return { selected_options: texts.map(option) };
  }
  if (['radio_buttons', 'static_select', 'external_select'].includes(type))
    return { selected_option: option(first) };
  const what = type.replace('multi_', '').replace('s_select', '');
  return type.startsWith('multi_') ? { [`selected_${what}s`]: texts } : { [`selected_${what}`]: first };
}

/** The state of all inputs after this was entered. Throws when there is no such input. */
export function enter(blocks: Fields[], entered: Entered): StateValues {
  const values = initialValues(blocks);
  const inputs = findInteractive(blocks).filter(({ element }) => element['type'] !== 'button');
  for (const [key, value] of Object.entries(entered)) {
    const input = inputs.find(({ block, blockId, actionId }) =>
      [blockId, actionId, textOf(block['label'])].includes(key),
    );
    if (!input) {
      const names = inputs.map(({ block, actionId }) => textOf(block['label']) || actionId).join(', ');
      throw new Error(`There is no input "${key}". There are: ${names}.`);
    }
    const state = typeof value === 'string' || Array.isArray(value) ? stateFrom(input.element, value) : value;
    (values[input.blockId] ??= {})[input.actionId] = {
      ...state,
      type: input.element['type'],
    } as ElementState;
  }
  return values;
}

/** What Slack's client refuses before it tells the app: by block_id. */
export function inputErrors(blocks: Fields[], values: StateValues): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { block, blockId, actionId, element } of findInteractive(blocks)) {
    if (block['type'] !== 'input') continue;
    const { type: _type, ...held } = fieldsOf(values[blockId]?.[actionId]);
    const empty = Object.values(held).every(
      (value) => value === null || value === '' || [value].flat().length === 0,
    );
    const problem = empty
      ? block['optional'] === true
        ? undefined
        : 'Please complete this required field.'
      : textProblem(element, stringOf(held['value']));
    if (problem) errors[blockId] = problem;
  }
  return errors;
}

function textProblem(element: Fields, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const limit = (key: string): number | undefined =>
    element[key] === undefined ? undefined : Number(element[key]);
  const [least, most] = [limit('min_length'), limit('max_length')];
  if (least !== undefined && value.length < least) return `Must be at least ${least} characters.`;
  if (most !== undefined && value.length > most) return `Must be at most ${most} characters.`;
  if (element['type'] !== 'number_input') return undefined;
  const number = Number(value);
  if (Number.isNaN(number)) return 'Must be a number.';
  if (element['is_decimal_allowed'] !== true && !Number.isInteger(number)) return 'Must be a whole number.';
  const [low, high] = [limit('min_value'), limit('max_value')];
  if (low !== undefined && number < low) return `Must be at least ${low}.`;
  if (high !== undefined && number > high) return `Must be at most ${high}.`;
  return undefined;
}
