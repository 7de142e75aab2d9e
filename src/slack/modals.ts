/** Forms as Slack shows them: opened for a command, and taken when somebody sends them. */
import type { App } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { section } from '../cards/blocks.ts';
import { clamp } from '../cards/text.ts';
import { FormError, MOST_CHARACTERS, type Filled, type Form } from '../commands/form.ts';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { accept, acceptForm } from './accept.ts';
import type { Desk, Given } from './desk.ts';
import { inTime } from './failures.ts';
import { REASON } from './reason.ts';

/** What becomes of a form: it belongs to the command, or says why that is asked for. */
const CALLBACKS = { form: 'form', reason: 'reason' } as const;
const VALUE = 'value';
/** Slack's limit. A command has at most 2000 characters, and quotes take two each here. */
const MOST_METADATA = 3000;
/** More is no help to anybody who reads it below a field. */
const ERROR_CHARACTERS = 900;

/** What a form must remember while it is open: which command it belongs to, and where that was given. */
type Place = Pick<Given, 'text' | 'slash' | 'channel'>;

const place = z.object({ text: z.string(), slash: z.string(), channel: z.string() });

/** As `modal` below has written it, and Slack lets nobody else change it. @throws when it is of another version. */
function placeOf(metadata: string): Place {
  return place.parse(JSON.parse(metadata));
}

/** Opens a form with the trigger of the command or of the button, which lives for 3 s and opens one. */
export function opener(
  client: WebClient,
  triggerId: string,
  place: Place,
): (form: Form, then: keyof typeof CALLBACKS) => Promise<void> {
  return async (form, then) => {
    if (JSON.stringify(place).length > MOST_METADATA) {
      throw new UserError('That command is too long to be remembered while a form is open.', {
        hint: 'Shorten it, or say in it what the form would ask for, such as --reason "...".',
      });
    }
    try {
      await client.views.open({ trigger_id: triggerId, view: modal(form, place, CALLBACKS[then]) });
    } catch (error) {
      throw new UserError('Slack did not open the form.', {
        hint: 'Give the command once more.',
        cause: error,
      });
    }
  };
}

function modal({ title, submit, intro, fields }: Form, place: Place, callback: string): ModalView {
  return {
    type: 'modal',
    callback_id: callback,
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
  const onSent = (callback: string, take: (given: Given, filled: Filled) => Promise<unknown>): void =>
    app.view(callback, async ({ ack, body, view }) => {
      const filled: Filled = Object.fromEntries(
        Object.entries(view.state.values).map(([name, actions]) => [name, actions[VALUE]?.value ?? '']),
      );
      const given: Given = {
        ...placeOf(view.private_metadata),
        actor: {
          id: body.user.id,
          name: body.user.name || body.user.id,
          team: body.user.team_id ?? body.team?.id ?? '',
        },
        // The same for each delivery of one press on the button.
        deliveryId: `${view.id}:${view.hash}`,
      };
      const wrong = await inTime(() => take(given, filled).then(() => undefined), {
        late: {
          message: 'The job queue cannot be reached at the moment.',
          hint: 'Try again in a minute.',
        },
        outcome: 'Nothing was started.',
        about: { text: given.text.slice(0, 100) },
        log,
      });
      if (!wrong) {
        await ack();
        return taken();
      }
      const named = wrong instanceof FormError ? wrong.field : '';
      const field = named in filled ? named : (Object.keys(filled)[0] ?? '');
      const words = [wrong.message, wrong.hint].filter(Boolean).join(' ');
      await ack({ response_action: 'errors', errors: { [field]: clamp(words, ERROR_CHARACTERS) } });
    });

  onSent(CALLBACKS.form, (given, filled) => acceptForm(given, filled, desk));
  onSent(CALLBACKS.reason, async (given, filled) => {
    const reason = (filled[REASON] ?? '').trim();
    if (reason === '') throw new UserError('Say why, in a word at least.');
    await accept({ ...given, reason }, desk);
  });
}
