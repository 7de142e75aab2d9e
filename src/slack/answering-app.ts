/** A Bolt app that leaves nobody without an answer, and takes nothing that Slack does not send. */
import { App, type AckFn, type ReceiverEvent } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { paragraph } from '../cards/blocks.ts';

const UNKNOWN_BUTTON = paragraph(
  ':grey_question: The bot does not know this button: it may be of an older version. Give the command again.',
);

/** Stays open in the place of the form: what was typed would be lost without a word if it closed. */
const UNKNOWN_FORM: ModalView = {
  type: 'modal',
  title: { type: 'plain_text', text: 'Not taken' },
  close: { type: 'plain_text', text: 'Close' },
  blocks: [
    {
      type: 'section',
      text: {
        type: 'plain_text',
        text: 'The bot could not take this form, and nothing was started. Give the command again.',
      },
    },
  ],
};

const text = z.string().nullish();
/** They are short; longer than any ID of Slack's nothing is one. */
const id = z.string().max(255);
const known = z.looseObject({ id });

/** https://docs.slack.dev/interactivity/implementing-slash-commands */
const slash = z.looseObject({
  command: z.string(),
  text: z.string(),
  trigger_id: id,
  user_id: id,
  user_name: text,
  team_id: id,
  channel_id: id,
});

/** https://docs.slack.dev/reference/interaction-payloads, and events. */
const other = z.looseObject({
  command: z.undefined().optional(),
  trigger_id: text,
  user: known.extend({ name: text, team_id: text }).nullish(),
  team: known.nullish(),
  channel: known.nullish(),
  actions: z
    .array(z.looseObject({ action_id: z.string(), value: text }))
    .min(1)
    .optional(),
  event: z.looseObject({ type: z.string() }).optional(),
  view: z.looseObject({ id: z.string(), callback_id: text, private_metadata: text }).optional(),
});

/** Who, where and what, as every handler takes it on trust. */
const payload = z.union([slash, other]);

/**
 * Bolt acknowledges nothing that no listener takes, such as a button of an older version, or whose listener fails: people
 * would see Slack's own error, and nothing would tell them what to do.
 */
export class AnsweringApp extends App {
  override async processEvent(event: ReceiverEvent): Promise<void> {
    let answered = false;
    const ack: AckFn<unknown> = async (answer) => {
      answered = true;
      await event.ack(answer);
    };
    const { success, error } = payload.safeParse(event.body);
    if (success) await super.processEvent({ ...event, ack });
    else this.logger.error('Something came that is nothing of Slack:', z.prettifyError(error));
    if (answered) return;
    const { type, response_url: address } = event.body;
    if (type === 'view_submission') return await event.ack({ response_action: 'update', view: UNKNOWN_FORM });
    if (type === 'block_suggestion') return await event.ack({ options: [] });
    await event.ack();
    if (success && type === 'block_actions' && typeof address === 'string' && URL.canParse(address)) {
      const answer = { response_type: 'ephemeral', replace_original: false, ...UNKNOWN_BUTTON };
      await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(answer),
        signal: AbortSignal.timeout(10_000),
      });
    }
  }
}
