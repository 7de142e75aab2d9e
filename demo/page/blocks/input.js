import { h } from '../dom.js';
import { renderElement } from '../elements/element.js';
import { icon } from '../icons.js';
import { plainText } from '../text.js';

/**
 * @import { InputBlock } from '@slack/types'
 * @import { Surface } from '../surface.js'
 */

let inputs = 0;

/**
 * @param {InputBlock} block
 * @param {Surface} surface
 */
export function renderInput({ label, hint, optional, element, dispatch_action, block_id = '' }, surface) {
  const id = `input-${++inputs}`;
  const error = surface.memory.errors[block_id];
  const described = [error ? `${id}-error` : '', hint ? `${id}-hint` : ''].join(' ').trim();
  const grouped = element.type === 'checkboxes' || element.type === 'radio_buttons';
  const words = plainText(label);
  const field = renderElement(element, {
    surface,
    block_id,
    dispatches: dispatch_action ?? false,
    ...(grouped ? {} : { id }),
    label: words,
    ...(described ? { describedBy: described } : {}),
  });
  if (error) field.setAttribute('aria-invalid', 'true');
  if ('focus_on_load' in element && element.focus_on_load) field.setAttribute('autofocus', '');
  return h(
    'div',
    { class: error ? 'input invalid' : 'input', 'data-block': block_id },
    h(
      grouped ? 'span' : 'label',
      { class: 'input-label', for: grouped ? null : id },
      words,
      optional ? h('span', { class: 'optional' }, ' (optional)') : null,
    ),
    field,
    error
      ? h('div', { id: `${id}-error`, class: 'input-error', role: 'alert' }, icon('warning', 16), error)
      : null,
    hint ? h('div', { id: `${id}-hint`, class: 'input-hint' }, plainText(hint)) : null,
  );
}
