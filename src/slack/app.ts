/** Bolt's wiring: what Slack sends goes to the desk, what the desk says goes back within Slack's 3 seconds. */
import { App, type BlockAction, type ButtonAction, type RespondArguments } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { Body } from '../cards/body.ts';
import { paragraph } from '../cards/blocks.ts';
import { UserError, errorReference } from '../errors.ts';
import type { BotConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { within } from '../queue/redis.ts';
import { accept, refusal, type Desk, type Given } from './accept.ts';
import { REMEDY_ACTION } from '../cards/remedies.ts';
import { CANCEL_ACTION } from './card.ts';
import { onPageTurn } from './pages.ts';
import { onApprovals } from './approvals.ts';
import { onForms, opener } from './modals.ts';
import { clientOptions, createReceiver, slackLogger } from './receivers.ts';

/** Slack shows its own error after 3 s; the network has its share of them. */
const ANSWER_MS = 2000;

/** A pressed button does not tell how the slash command is spelled in this workspace. */
const DEFAULT_SLASH = '/swarm';

export interface SlackSide {
  /** For cards. A 429 pauses a whole client, so answers to people have one of their own. */
  cards: WebClient;
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

/** A client of its own for each purpose: a 429 pauses the whole one that met it. */
export function createClient({ botToken, apiUrl }: BotConfig['slack'], log: Log): WebClient {
  return new WebClient(botToken.reveal(), { ...clientOptions(apiUrl), logger: slackLogger(log) });
}

export function createSlackSide(
  slack: BotConfig['slack'],
  desk: Desk,
  log: Log,
  taken: () => void,
): SlackSide {
  const token = slack.botToken.reveal();
  const app = new App({
    token,
    receiver: createReceiver(slack.receive, slack.apiUrl, log),
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
        actor: { id: command.user_id, name: command.user_name, team: command.team_id },
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
              name: action.user.name ?? action.user.id,
              team: action.team?.id ?? '',
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
  onPageTurn(app, desk.store, log, taken);
  onForms(app, desk, log, taken);
  onApprovals(app, desk, log, taken);

  app.error(async (event) => {
    const error: unknown = 'error' in event ? event.error : event;
    log.error({ err: error, reference: errorReference() }, 'an event from Slack could not be handled');
    return Promise.resolve();
  });

  return {
    cards: createClient(slack, log),
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
  try {
    return await within(accept(given, desk), ANSWER_MS, () => {
      log.error({ text: given.text.slice(0, 100) }, 'Redis did not answer in time');
      return new UserError(
        'The job queue cannot be reached at the moment, so it is not certain that the command was taken.',
        {
          hint: `Look at ${given.slash} jobs in a minute before you give it again, and tell whoever runs the bot that Redis does not answer.`,
        },
      );
    });
  } catch (error) {
    if (error instanceof UserError) return refusal(error);
    const reference = errorReference();
    log.error({ err: error, reference }, 'unexpected error');
    return paragraph(
      `:x: Something went wrong inside the bot, and nothing was started. Give ${reference} to whoever runs it: the log explains it.`,
    );
  }
}
