/** Brings one copy up to its request's state: a direct message of somebody who may approve it, or a notice. */
import type { Body } from '../cards/body.ts';
import type { JobCommand } from '../commands/define.ts';
import type { Copy } from '../queue/copies.ts';
import type { Delivery } from '../queue/outbox.ts';
import type { Shown } from '../queue/store.ts';
import { approverCopy } from './approver-copy.ts';
import type { Beside, DeliverOptions } from './deliver.ts';
import {
  afterFailure,
  CLOSED,
  directChannel,
  findMessage,
  postMessage,
  updateMessage,
  type Place,
} from './messages.ts';
import { announcement, mentionOfAll, toRequester } from './notices.ts';
import { platformError } from './slack-errors.ts';

/** Whereabouts of notices; every other one is a person's ID. */
export const ALERTS = 'alerts';
export const MENTION = 'mention';
export const REQUESTER = 'requester';

/** Slack's word on somebody who is no person of this workspace: nobody misses a message. */
const NOBODY = new Set(['user_not_found', 'users_not_found', 'user_disabled', 'cannot_dm_bot']);

/**
 * Whereabouts of a message of one round of asking: `U0BOB`, `U0BOB.2`. Slack notifies nobody of an edit, so each round has
 * messages of its own.
 */
export function inRound(where: string, round: number): string {
  return round > 1 ? `${where}.${round}` : where;
}

function roundOf(where: string): { whom: string; round: number } {
  const [whom = '', round = '1'] = where.split('.');
  return { whom, round: Number(round) };
}

type Options = DeliverOptions & { beside: Beside };

/** `name`: as the outbox has it, `ab12cd34@U0BOB`. */
export async function deliverCopy(name: string, options: Options): Promise<Delivery> {
  const { store, commands, beside, log } = options;
  const copy = await beside.copies.read(name);
  const found = copy && (await store.read(copy.request));
  const command = commands.find((one) => one.name === found?.request.command);
  if (!found || command?.kind !== 'job') return { kind: 'never' };
  try {
    return await bringUp(name, copy, found, command, options);
  } catch (error) {
    const failed = afterFailure(error, name, log, { kind: 'never' });
    if (failed.kind === 'never') await mentionInstead(copy, error, beside);
    return failed;
  }
}

/** Whom the bot cannot write to, the thread of the card calls. */
async function mentionInstead(
  { request, where, ts }: Copy,
  error: unknown,
  { copies }: Beside,
): Promise<void> {
  const { whom, round } = roundOf(where);
  if (ts !== '' || [ALERTS, MENTION, REQUESTER].includes(whom) || NOBODY.has(platformError(error))) return;
  await copies.add(request, [inRound(MENTION, round)], { urgent: false });
}

/** Where a copy may stand. */
interface Spot {
  channel: string;
  threadTs?: string;
}

async function bringUp(
  name: string,
  copy: Copy,
  found: Shown,
  command: JobCommand,
  options: Options,
): Promise<Delivery> {
  const { version, where } = copy;
  const { whom, round } = roundOf(where);
  const shown: Delivery = { kind: 'shown', version };
  const bodyIn = (channel: string): Promise<Body> => bodyOf(where, channel, found, command, options);
  if (copy.ts !== '') {
    if (version > copy.shown && whom !== MENTION)
      await updateMessage({ channel: copy.postedIn, ts: copy.ts }, await bodyIn(copy.postedIn), options);
    return shown;
  }
  const forApprovers = whom !== ALERTS && whom !== REQUESTER;
  const { phase, approval } = found.request;
  // Nobody is asked for what was decided before they could be, nor in a round that is over.
  const late = forApprovers && (phase !== 'asking' || approval?.round !== round);
  if (late && !copy.begun) return shown;
  const spots = await spotsOf(where, found, options);
  const before =
    copy.begun || !(await options.store.beginPosting(name))
      ? await standing(name, spots, found, options)
      : undefined;
  if (before) await updateMessage(before, await bodyIn(before.channel), options);
  const place = before ?? (late ? undefined : await post(name, spots, bodyIn, options));
  if (place) await options.store.posted(name, place);
  return shown;
}

async function bodyOf(
  where: string,
  channel: string,
  { request, ts, postedIn }: Shown,
  command: JobCommand,
  { beside }: Options,
): Promise<Body> {
  const link = ts && postedIn === request.channel ? await beside.linkTo({ channel: postedIn, ts }) : '';
  const { whom, round } = roundOf(where);
  switch (whom) {
    case ALERTS:
      return announcement(request, command, { link, loud: channel !== beside.alerts });
    case REQUESTER:
      return toRequester(request, link);
    case MENTION:
      return mentionOfAll(request, (await beside.asked(request)).whom);
    default: {
      const all = request.phase === 'asking' ? (await beside.asked(request)).whom : '';
      return approverCopy(request, command, { reader: whom, round, whom: all, link });
    }
  }
}

/** Where it belongs; behind that, where it goes if the first is closed to the bot. */
async function spotsOf(where: string, { request, ts, postedIn }: Shown, options: Options): Promise<Spot[]> {
  const beside = { channel: postedIn || request.channel };
  const { alerts } = options.beside;
  if (where === ALERTS) return alerts ? [{ channel: alerts }, beside] : [beside];
  const { whom } = roundOf(where);
  if (whom === MENTION) return [{ ...beside, threadTs: ts }];
  return [{ channel: await directChannel(whom === REQUESTER ? request.requester.id : whom, options) }];
}

/** What a bot has posted that died before it could record it. */
async function standing(
  name: string,
  spots: Spot[],
  { request }: Shown,
  options: Options,
): Promise<Place | undefined> {
  for (const { channel, threadTs } of spots) {
    const found = await findMessage(channel, name, request.createdAt, options, threadTs);
    if (found) return found;
  }
  return undefined;
}

async function post(
  name: string,
  [spot, ...others]: Spot[],
  bodyIn: (channel: string) => Promise<Body>,
  options: Options,
): Promise<Place | undefined> {
  if (!spot) return undefined;
  const { channel, threadTs } = spot;
  try {
    return await postMessage(channel, name, await bodyIn(channel), options, threadTs);
  } catch (error) {
    if (!CLOSED.has(platformError(error)) || others.length === 0) throw error;
    options.log.error({ copy: name, channel }, 'this channel is closed to the bot: invite it there');
    return await post(name, others, bodyIn, options);
  }
}
