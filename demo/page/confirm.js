import { openDialog, closeButton } from './dialog.js';
import { h } from './dom.js';
import { plainText, renderText } from './text.js';

/**
 * @import { ConfirmationDialog } from '@slack/types'
 * @import { Names } from './names.js'
 */

let count = 0;

/**
 * Asks what a button or menu wants confirmed. An absent question is answered by yes.
 *
 * @param {ConfirmationDialog | undefined} confirm
 * @param {Names} names
 * @returns {Promise<boolean>}
 */
export function askToConfirm(confirm, names) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const id = `confirm-${++count}`;
    /** @param {boolean} answer */
    const finish = (answer) => {
      close();
      resolve(answer);
    };
    const { dialog, close } = openDialog({
      className: 'dialog confirm',
      labelledBy: id,
      role: 'alertdialog',
      onCancel: () => finish(false),
    });
    const yes = h(
      'button',
      {
        type: 'button',
        class: `button large ${confirm.style === 'danger' ? 'danger' : 'primary'}`,
        onclick: () => finish(true),
      },
      plainText(confirm.confirm) || 'Yes',
    );
    dialog.append(
      h(
        'header',
        { class: 'dialog-head' },
        h('h2', { id }, plainText(confirm.title) || 'Are you sure?'),
        closeButton('Close', () => finish(false)),
      ),
      h('div', { class: 'dialog-body' }, renderText(confirm.text, names)),
      h(
        'footer',
        { class: 'dialog-foot' },
        h(
          'button',
          { type: 'button', class: 'button large', onclick: () => finish(false) },
          plainText(confirm.deny) || 'Cancel',
        ),
        yes,
      ),
    );
    yes.focus();
  });
}
