import { h } from '../dom.js';
import { renderButton, renderFeedback, renderOverflow } from './button.js';
import { renderChoices } from './choices.js';
import { renderDateField, renderTextField } from './fields.js';
import { renderSelect } from './select.js';

/**
 * @import { ActionsBlockElement, ContextActionsBlockElement, InputBlockElement, SectionBlockAccessory } from '@slack/types'
 * @import { Place } from './place.js'
 */

/**
 * Draws whatever can be pressed, chosen or typed into.
 *
 * @param {Exclude<ActionsBlockElement | InputBlockElement | SectionBlockAccessory | ContextActionsBlockElement, { type: 'image' }>} element
 * @param {Place} place
 * @returns {HTMLElement}
 */
export function renderElement(element, place) {
  switch (element.type) {
    case 'button':
    case 'workflow_button':
      return renderButton(element, place);
    case 'overflow':
      return renderOverflow(element, place);
    case 'feedback_buttons':
    case 'icon_button':
      return renderFeedback(element, place);
    case 'checkboxes':
    case 'radio_buttons':
      return renderChoices(element, place);
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return renderTextField(element, place);
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
      return renderDateField(element, place);
    case 'rich_text_input':
    case 'file_input':
      return h(
        'p',
        { class: 'unsupported' },
        `This local Slack has no ${element.type.replaceAll('_', ' ')}.`,
      );
    case 'static_select':
    case 'multi_static_select':
    case 'external_select':
    case 'multi_external_select':
    case 'users_select':
    case 'multi_users_select':
    case 'channels_select':
    case 'multi_channels_select':
    case 'conversations_select':
    case 'multi_conversations_select':
      return renderSelect(element, place);
    default:
      return element;
  }
}
