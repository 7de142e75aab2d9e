/** Forms as Slack shows them: opened for a command, and taken when somebody sends them. */
import type { App } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { section } from '../cards/blocks.ts';
import { clamp } from '../cards/text.ts';
import { FormError, MOST_CHARACTERS, type Filled, type Form } from '../commands/form.ts';
import { errorReference, UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { within } from '../queue/redis.ts';
import { acceptForm, type Desk, type Given } from './accept.ts';

const FORM = 'form';
const VALUE = 'value';
/** Slack shows its own error after 3 s. */
const ANSWER_MS = 2000;
/** More is no help to anybody who reads it below a field. */
const ERROR_CHARACTERS = 900;

/** What a form must remember while it is open: which command it belongs to, and where that was given. */
type Place = Pick<Given, 'text' | 'slash' | 'channel'>;

/** Opens a form with the trigger of the command or of the button, which lives for 3 s and opens one. */
export function opener(client: WebClient, triggerId: string, place: Place): (form: Form) => Promise<void> {
  return async (form) => {
    try {
      await client.views.open({ trigger_id: triggerId, view: modal(form, place) });
    } catch (error) {
      throw new UserError('Slack did not open the form.', {
        hint: 'Give the command once more.',
        cause: error,
      });
    }
  };
}

function modal({ title, submit, intro, fields }: Form, place: Place): ModalView {
  return {
    type: 'modal',
    callback_id: FORM,
    // 3000 characters; a command has at most 2000.
    private_metadata: JSON.stringify(place),
    title: { type: 'plain_text', text: clamp(title, 24) },
    submit: { type: 'plain_text', text: clamp(submit, 24) },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      ...(intro ? [section(intro)] : []),
      ...fields.map(({ name, label, hint, multiline, optional }) => ({
        type: 'input' as const,
        block_id: name,
        label: { type: 'plain_text' as const, text: clamp(label, 2000) },
        ...(hint ? { hint: { type: 'plain_text' as const, text: clamp(hint, 2000) } } : {}),
        optional,
        element: {
          type: 'plain_text_input' as const,
          action_id: VALUE,
          multiline,
          max_length: MOST_CHARACTERS,
        },
      })),
    ],
  };
}

/** Takes forms that people send. What does not fit is told in the form, which stays open with all that was typed. */
export function onForms(app: App, desk: Desk, log: Log, taken: () => void): void {
  app.view(FORM, async ({ ack, body, view }) => {
    const filled: Filled = Object.fromEntries(
      Object.entries(view.state.values).map(([name, actions]) => [name, actions[VALUE]?.value ?? '']),
    );
    const given: Given = {
      // Written by `modal` above, and Slack lets nobody else change it.
      ...(JSON.parse(view.private_metadata) as Place),
      actor: { id: body.user.id, name: body.user.name, team: body.user.team_id ?? body.team?.id ?? '' },
      // The same for each delivery of one press on the button.
      deliveryId: `${view.id}:${view.hash}`,
    };
    const wrong = await refusal(given, filled, desk, log);
    if (!wrong) {
      await ack();
      return taken();
    }
    const field = wrong.field in filled ? wrong.field : (Object.keys(filled)[0] ?? '');
    await ack({ response_action: 'errors', errors: { [field]: clamp(wrong.text, ERROR_CHARACTERS) } });
  });
}

/** Undefined when the form was taken. */
async function refusal(
  given: Given,
  filled: Filled,
  desk: Desk,
  log: Log,
): Promise<{ field: string; text: string } | undefined> {
  try {
    return await within(
      acceptForm(given, filled, desk).then(() => undefined),
      ANSWER_MS,
      () =>
        new UserError('The job queue cannot be reached at the moment.', { hint: 'Try again in a minute.' }),
    );
  } catch (error) {
    if (error instanceof UserError) {
      const field = error instanceof FormError ? error.field : '';
      return { field, text: [error.message, error.hint].filter(Boolean).join(' ') };
    }
    const reference = errorReference();
    log.error({ err: error, reference }, 'unexpected error');
    return {
      field: '',
      text: `Something went wrong inside the bot, and nothing was started. Give ${reference} to whoever runs it.`,
    };
  }
}
