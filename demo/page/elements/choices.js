import { h } from '../dom.js';
import { renderText } from '../text.js';
import { choose, stateOf } from './place.js';

/**
 * @import { Checkboxes, RadioButtons, Option } from '@slack/types'
 * @import { Place } from './place.js'
 */

let groups = 0;

/**
 * @param {Checkboxes | RadioButtons} element
 * @param {Place} place
 */
export function renderChoices(element, place) {
  const several = element.type === 'checkboxes';
  const name = `choice-${++groups}`;
  const state = stateOf(element, place);
  const chosen = new Set(
    (several ? state.selected_options : [state.selected_option])?.map((option) => option?.value),
  );
  /** @type {HTMLInputElement[]} */
  const inputs = [];
  const tell = () => {
    const selected = element.options
      .filter((_, i) => inputs[i]?.checked)
      .map(({ text, value = '' }) => ({ text, value }));
    return choose(
      element,
      place,
      several ? { selected_options: selected } : { selected_option: selected[0] ?? null },
    );
  };
  /** @param {Option} option @param {number} i */
  const row = (option, i) => {
    const input = h('input', {
      type: several ? 'checkbox' : 'radio',
      name,
      checked: chosen.has(option.value ?? ''),
      'data-action': element.action_id,
      'data-focus': `${element.action_id} ${i}`,
      onchange: () => void tell(),
    });
    inputs.push(input);
    return h(
      'label',
      { class: 'choice' },
      input,
      h(
        'span',
        null,
        renderText(option.text, place.surface.names),
        option.description
          ? h('span', { class: 'choice-description' }, renderText(option.description, place.surface.names))
          : null,
      ),
    );
  };
  return h(
    'div',
    {
      role: several ? 'group' : 'radiogroup',
      class: 'choices',
      'aria-label': place.label,
      'aria-describedby': place.describedBy,
    },
    element.options.map(row),
  );
}
