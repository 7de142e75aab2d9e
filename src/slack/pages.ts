/** Buttons that turn the pages of a list: its card is rendered anew for another page, no job runs. */
import type { App, BlockAction, ButtonAction, RespondArguments } from '@slack/bolt';
import type { Body } from '../cards/body.ts';
import { paragraph } from '../cards/blocks.ts';
import { PAGE_ACTION } from '../cards/pages.ts';
import { errorReference } from '../errors.ts';
import type { Log } from '../log.ts';
import { within } from '../queue/redis.ts';
import type { RequestStore } from '../queue/store.ts';

const ANSWER_MS = 2000;
/** As `turns` of src/cards/pages.ts writes it. */
const VALUE = /^(?<id>[a-z0-9]{1,32}) (?<page>[1-9]\d{0,5})$/;

/** Everybody who sees a list may turn its pages. `turned`: a card is due. */
export function onPageTurn(app: App, store: RequestStore, log: Log, turned: () => void): void {
  app.action<BlockAction<ButtonAction>>(
    new RegExp(`^${PAGE_ACTION}:`),
    async ({ action: pressed, ack, respond }) => {
      await ack();
      const objection = await turn(pressed.value ?? '', store, log);
      if (!objection) return turned();
      const reply: RespondArguments = { response_type: 'ephemeral', replace_original: false, ...objection };
      await respond(reply);
    },
  );
}

async function turn(value: string, store: RequestStore, log: Log): Promise<Body | undefined> {
  const { id = '', page = '' } = VALUE.exec(value)?.groups ?? {};
  try {
    const late = (): Error => new Error('Redis did not answer in time');
    if (await within(store.turn(id, Number(page)), ANSWER_MS, late)) return undefined;
    return paragraph(
      ':hourglass: This list is no longer kept. Give the command again to see it as it is now.',
    );
  } catch (error) {
    const reference = errorReference();
    log.error({ err: error, request: id, reference }, 'a page could not be turned');
    return paragraph(
      `:x: The page could not be turned. Try again in a minute; if it stays so, give ${reference} to whoever runs the bot.`,
    );
  }
}
