/** Bolt's wiring: what Slack sends goes to the desk, what the desk says goes back within Slack's 3 seconds. */
import type { App, BlockAction, ButtonAction, Receiver, RespondArguments } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { Body } from '../cards/body.ts';
import { UserError, errorReference } from '../errors.ts';
import type { BotConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { accept } from './accept.ts';
import type { Desk, Given } from './desk.ts';
import { inTime, refusal } from './failures.ts';
import { REMEDY_ACTION } from '../cards/remedies.ts';
import { AnsweringApp } from './answering-app.ts';
import { CANCEL_ACTION } from './card.ts';
import { onPageTurn } from './pages.ts';
import { onApprovalButtons } from './approval-buttons.ts';
import { onForms, opener } from './modals.ts';
import { clientOptions, createReceiver, slackLogger } from './receivers.ts';

/** A pressed button does not tell how the slash command is spelled in this workspace. */
const DEFAULT_SLASH = '/swarm';

export interface SlackSide {
  /** For cards. A 429 pauses a whole client, so answers to people have one of their own. */
  cards: WebClient;
  /** Where to listen for what Slack tells of by itself. */
  events: Pick<App, 'event'>;
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

/** A client of its own for each purpose: a 429 pauses the whole one that met it. */
export function createClient({ botToken, apiUrl }: BotConfig['slack'], log: Log): WebClient {
  return new WebClient(botToken.reveal(), { ...clientOptions(apiUrl), logger: slackLogger(log) });
}

/** `receiver`: how commands and buttons come in, where it is not as the settings say. */
export function createSlackSide(
  slack: BotConfig['slack'],
  desk: Desk,
  log: Log,
  taken: () => void,
  receiver: Receiver = createReceiver(slack.receive, slack.apiUrl, log),
): SlackSide {
  const token = slack.botToken.reveal();
  const app = new AnsweringApp({
    token,
    receiver,
    clientOptions: clientOptions(slack.apiUrl),
    logger: slackLogger(log),
    // With a bad token `new App` would end the process by an unhandled rejection (tried); `init` can be awaited.
    deferInitialization: true,
    convoStore: false,
    extendedErrorHandler: true,
  });

  app.command(/^\/.+/, async ({ command, ack, client }) => {
    const place = { text: command.text, slash: command.command, channel: command.channel_id };
    const body = await answer(
      {
        ...place,
        actor: { id: command.user_id, name: command.user_name || command.user_id, team: command.team_id },
        deliveryId: command.trigger_id,
        openForm: opener(client, command.trigger_id, place),
      },
      desk,
      log,
    );
    await (body ? ack({ response_type: 'ephemeral', ...body }) : ack());
    if (!body) taken();
  });

  // A pressed button is a typed command: the same desk, in the name of the person who pressed it.
  const onPress = (pattern: RegExp, lineOf: (value: string) => string): void =>
    app.action<BlockAction<ButtonAction>>(
      pattern,
      async ({ body: action, action: pressed, ack, respond, client }) => {
        await ack();
        const place = {
          text: lineOf(pressed.value ?? ''),
          slash: DEFAULT_SLASH,
          channel: action.channel?.id ?? '',
        };
        const body = await answer(
          {
            ...place,
            actor: {
              id: action.user.id,
              name: action.user.name || action.user.id,
              // In a shared channel not always the workspace of the app.
              team: action.user.team_id ?? action.team?.id ?? '',
            },
            deliveryId: action.trigger_id,
            openForm: opener(client, action.trigger_id, place),
          },
          desk,
          log,
        );
        if (!body) return taken();
        const reply: RespondArguments = { response_type: 'ephemeral', replace_original: false, ...body };
        await respond(reply);
      },
    );
  onPress(new RegExp(`^${CANCEL_ACTION}$`), (id) => `cancel ${id}`);
  onPress(new RegExp(`^${REMEDY_ACTION}:`), (line) => line);
  onPageTurn(app, desk, log, taken);
  onForms(app, desk, log, taken);
  onApprovalButtons(app, desk, log, taken);

  app.error(async (event) => {
    const error: unknown = 'error' in event ? event.error : event;
    log.error({ err: error, reference: errorReference() }, 'an event from Slack could not be handled');
    return Promise.resolve();
  });

  return {
    cards: createClient(slack, log),
    events: app,
    start: async () => {
      await app.init();
      await app.start();
    },
    stop: async () => {
      await app.stop();
    },
  };
}

/** Never throws: whatever happens, the person reads something. */
async function answer(given: Given, desk: Desk, log: Log): Promise<Body | undefined> {
  const told = await inTime(() => accept(given, desk), {
    late: {
      message:
        'The job queue cannot be reached at the moment, so it is not certain that the command was taken.',
      hint: `Look at ${given.slash} jobs in a minute before you give it again, and tell whoever runs the bot that Redis does not answer.`,
    },
    outcome: 'Nothing was started.',
    about: { text: given.text.slice(0, 100) },
    log,
  });
  return told instanceof UserError ? refusal(told) : told;
}
