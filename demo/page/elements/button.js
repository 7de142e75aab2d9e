import { askToConfirm } from '../confirm.js';
import { h, safeUrl } from '../dom.js';
import { icon } from '../icons.js';
import { menuButton } from '../menu.js';
import { plainText } from '../text.js';

/**
 * @import { Button, Overflow, FeedbackButtons, IconButton } from '@slack/types'
 * @import { Place } from './place.js'
 */

/**
 * @param {Pick<Button, 'text' | 'style' | 'url' | 'confirm' | 'action_id' | 'accessibility_label' | 'value'>} button
 * @param {Place} place
 */
export function renderButton(button, place) {
  const { surface } = place;
  const props = {
    class: `button ${button.style ?? ''}`,
    'aria-label': button.accessibility_label,
    'data-action': button.action_id,
    'data-focus': `${button.action_id} ${button.value ?? ''}`,
  };
  const href = button.url === undefined ? undefined : safeUrl(button.url);
  const label = h('span', { class: 'button-label' }, plainText(button.text));
  const node = href
    ? h('a', { ...props, href, target: '_blank', rel: 'noopener noreferrer' }, label)
    : h('button', { ...props, type: 'button' }, label);
  const press = async () => {
    if (node.ariaBusy === 'true' || !(await askToConfirm(button.confirm, surface.names))) return;
    node.ariaBusy = 'true';
    await surface.act(place.block_id, button.action_id ?? '');
    node.ariaBusy = null;
  };
  node.addEventListener('click', () => void press());
  return node;
}

/**
 * @param {Overflow} overflow
 * @param {Place} place
 */
export function renderOverflow(overflow, place) {
  const { surface } = place;
  const node = h(
    'button',
    {
      type: 'button',
      class: 'button square',
      'aria-label': 'More actions',
      'data-action': overflow.action_id,
      'data-focus': overflow.action_id,
    },
    icon('more'),
  );
  menuButton(node, () =>
    overflow.options.map((option) => ({
      label: plainText(option.text),
      description: plainText(option.description),
      onSelect: () => void select(option),
    })),
  );
  /** @param {Overflow['options'][number]} option */
  const select = async (option) => {
    if (!(await askToConfirm(overflow.confirm, surface.names))) return;
    if (option.url) window.open(safeUrl(option.url), '_blank', 'noopener');
    const { text, value = '' } = option;
    await surface.act(place.block_id, overflow.action_id ?? '', { selected_option: { text, value } });
  };
  return node;
}

/**
 * @param {FeedbackButtons | IconButton} element
 * @param {Place} place
 */
export function renderFeedback(element, place) {
  const { surface } = place;
  const buttons =
    element.type === 'icon_button' ? [element] : [element.positive_button, element.negative_button];
  return h(
    'span',
    { class: 'feedback' },
    buttons.map((button) =>
      h(
        'button',
        {
          type: 'button',
          class: 'button small',
          'aria-label': button.accessibility_label,
          onclick: () =>
            void surface.act(place.block_id, element.action_id ?? '', { value: button.value ?? null }),
        },
        plainText(button.text),
      ),
    ),
  );
}
