/** The buttons Approve, Deny and Withdraw, wherever they stand, and the form that asks why somebody denies. */
import type { App, BlockAction, ButtonAction, RespondArguments } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { APPROVE_ACTION, DENY_ACTION, WITHDRAW_ACTION } from '../cards/approval.ts';
import { section } from '../cards/blocks.ts';
import { bold, clamp, escape, mention, literal } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Actor } from '../policy/decide.ts';
import type { Request } from '../queue/request.ts';
import { press, pressable, readPress, type PressKind } from './approvals.ts';
import type { Desk } from './desk.ts';
import { inTime, refusal, type Answering } from './failures.ts';

const DENIAL = 'denial';
const REASON = 'reason';
const VALUE = 'value';
const MOST_REASON = 500;

const LATE = {
  message: 'The job queue cannot be reached at the moment, so it is not certain that this was taken.',
  hint: 'Look at the card in a minute before you press again, and tell whoever runs the bot that Redis does not answer.',
};

/** `taken`: a card is due. */
export function onApprovalButtons(app: App, desk: Desk, log: Log, taken: () => void): void {
  const answering = (about: object): Answering => ({
    late: LATE,
    outcome: 'It is not certain that this was taken: look at the card.',
    about,
    log,
  });
  const onButton = (
    action: string,
    kind: PressKind,
    work: (value: string, actor: Actor, triggerId: string, client: WebClient) => Promise<void>,
  ): void =>
    app.action<BlockAction<ButtonAction>>(action, async ({ body, action: button, ack, respond, client }) => {
      await ack();
      const { user, team, trigger_id: trigger } = body;
      const actor = { id: user.id, name: user.name || user.id, team: user.team_id ?? team?.id ?? '' };
      const value = button.value ?? '';
      let repeated = false;
      const once = async (): Promise<void> => {
        // A second delivery may be the only one that got through, so it counts; but nobody is told twice.
        repeated = !(await desk.store.hear(trigger));
        await work(value, actor, trigger, client);
      };
      const wrong = await inTime(once, answering({ press: kind, value }));
      if (!wrong) return taken();
      if (repeated) return;
      const reply: RespondArguments = {
        response_type: 'ephemeral',
        replace_original: false,
        ...refusal(wrong),
      };
      await respond(reply);
    });

  onButton(APPROVE_ACTION, 'approve', (value, actor) => press(readPress(value), 'approve', actor, '', desk));
  onButton(WITHDRAW_ACTION, 'withdraw', (value, actor) =>
    press(readPress(value), 'withdraw', actor, '', desk),
  );
  onButton(DENY_ACTION, 'deny', async (value, actor, trigger, client) => {
    const { found } = await pressable(readPress(value), 'deny', actor, desk, { fresh: false });
    try {
      await client.views.open({ trigger_id: trigger, view: denial(found.request, value) });
    } catch (error) {
      throw new UserError('Slack did not open the form that asks why, so nothing is denied yet.', {
        hint: `Press Deny once more, or type: /swarm deny ${found.request.id} and why`,
        cause: error,
      });
    }
  });

  app.view(DENIAL, async ({ ack, body, view }) => {
    const { user, team } = body;
    const actor = { id: user.id, name: user.name || user.id, team: user.team_id ?? team?.id ?? '' };
    const reason = (view.state.values[REASON]?.[VALUE]?.value ?? '').trim();
    const value = view.private_metadata;
    let repeated = false;
    const send = async (): Promise<void> => {
      if (reason === '') throw new UserError('Say why, in a word at least.');
      repeated = !(await desk.store.hear(`${view.id}:${view.hash}`));
      await press(readPress(value), 'deny', actor, reason, desk);
    };
    const wrong = await inTime(send, answering({ press: 'deny', value }));
    if (!wrong || repeated) {
      await ack();
      return taken();
    }
    const words = [wrong.message, wrong.hint].filter(Boolean).join(' ');
    // What can be tried again is told beside the field. What has been decided meanwhile takes the form's place.
    const again = reason === '' || wrong.message === LATE.message || wrong.cause !== undefined;
    await (again
      ? ack({ response_action: 'errors', errors: { [REASON]: clamp(words, 900) } })
      : ack({ response_action: 'update', view: told(words) }));
  });
}

function denial({ title, requester, reason }: Request, value: string): ModalView {
  const why = reason ? `: ${literal(reason)}` : '';
  return {
    type: 'modal',
    callback_id: DENIAL,
    private_metadata: value,
    title: { type: 'plain_text', text: 'Deny' },
    submit: { type: 'plain_text', text: 'Deny it' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      section(`${bold(title)}\nasked by ${mention(requester.id)}${why}`),
      {
        type: 'input',
        block_id: REASON,
        label: { type: 'plain_text', text: 'Why not?' },
        hint: { type: 'plain_text', text: 'Everybody who sees the card reads it.' },
        element: { type: 'plain_text_input', action_id: VALUE, multiline: true, max_length: MOST_REASON },
      },
    ],
  };
}

function told(words: string): ModalView {
  return {
    type: 'modal',
    title: { type: 'plain_text', text: 'Not denied' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [section(escape(words))],
  };
}
