/** Buttons that turn the pages of a list: its card is rendered anew for another page, no job runs. */
import type { App, BlockAction, ButtonAction, RespondArguments } from '@slack/bolt';
import type { Body } from '../cards/body.ts';
import { paragraph } from '../cards/blocks.ts';
import { PAGE_ACTION } from '../cards/pages.ts';
import type { Log } from '../log.ts';
import type { Actor } from '../policy/decide.ts';
import type { Desk } from './desk.ts';
import { inTime, refusal } from './failures.ts';
import { allow } from './permit.ts';

/** As `turns` of src/cards/pages.ts writes it. */
const VALUE = /^(?<id>[a-z0-9]{1,32}) (?<page>[1-9]\d{0,5})$/;

/** Whoever might ask for a list may turn its pages, for everybody who sees it. `turned`: a card is due. */
export function onPageTurn(app: App, desk: Desk, log: Log, turned: () => void): void {
  app.action<BlockAction<ButtonAction>>(
    new RegExp(`^${PAGE_ACTION}:`),
    async ({ body: { user, team }, action: pressed, ack, respond }) => {
      await ack();
      const actor = { id: user.id, name: user.name || user.id, team: user.team_id ?? team?.id ?? '' };
      const objection = await turn(pressed.value ?? '', actor, desk, log);
      if (!objection) return turned();
      const reply: RespondArguments = { response_type: 'ephemeral', replace_original: false, ...objection };
      await respond(reply);
    },
  );
}

async function turn(value: string, actor: Actor, desk: Desk, log: Log): Promise<Body | undefined> {
  const { id = '', page = '' } = VALUE.exec(value)?.groups ?? {};
  const turned = await inTime(() => turnTo(id, Number(page), actor, desk), {
    late: {
      message: 'The page could not be turned: the job queue cannot be reached at the moment.',
      hint: 'Try again in a minute.',
    },
    outcome: 'The page was not turned.',
    about: { request: id },
    log,
  });
  if (turned === true) return undefined;
  if (turned !== false) return refusal(turned);
  return paragraph(':hourglass: This list is no longer kept. Give the command again to see it as it is now.');
}

/** False when there is no such list. @throws UserError when this person might not ask for it. */
async function turnTo(id: string, page: number, actor: Actor, desk: Desk): Promise<boolean> {
  const { commands, store } = desk;
  const { request } = (await store.read(id)) ?? {};
  const command = commands.find(({ name }) => name === request?.command);
  if (!command || request?.result === undefined) return false;
  const { channel, targets } = request;
  await allow(
    { actor, channel, text: '', slash: '', deliveryId: '' },
    { command, targets, shows: true },
    desk,
  );
  return await store.turn(id, page);
}
