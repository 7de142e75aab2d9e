/** The form that asks why, of somebody whose command needs a reason and who gave none. */
import type { Form } from '../commands/form.ts';
import { bold } from '../cards/text.ts';

/** Name of the field. */
export const REASON = 'reason';

/** `breaks`: it will go on without an approval. */
export function reasonForm(title: string, breaks: boolean): Form {
  return {
    title: 'Why?',
    submit: breaks ? 'Do it now' : 'Ask for it',
    intro: breaks
      ? `${bold(title)} will begin at once, without an approval. That is announced, with your reason.`
      : `${bold(title)} needs an approval. Those who may approve it read your reason first.`,
    fields: [{ name: REASON, label: 'Reason', hint: '', multiline: true, optional: false }],
  };
}
