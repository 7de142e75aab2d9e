/** A form that a command opens for what its words leave open. Pure: Slack's side of it is src/slack/modals.ts. */
import { UserError } from '../errors.ts';

export interface Form {
  /** At most 24 characters, as Slack has it. */
  title: string;
  /** What the button says that sends it, at most 24 characters. */
  submit: string;
  /** Mrkdwn above the fields, or an empty text. */
  intro: string;
  fields: FormField[];
}

interface FormField {
  name: string;
  label: string;
  /** Below the field, in small letters; or an empty text. */
  hint: string;
  multiline: boolean;
  optional: boolean;
}

/** By name of the field; one that was left empty has an empty text. */
export type Filled = Record<string, string>;

/** Slack's limit for one field. */
export const MOST_CHARACTERS = 3000;

/** What a person filled in does not fit: told beside the field, where it can be corrected. */
export class FormError extends UserError {
  readonly field: string;

  constructor(field: string, { message, hint, cause }: { message: string; hint: string; cause?: unknown }) {
    super(message, { hint, cause });
    this.name = 'FormError';
    this.field = field;
  }
}
