/** What people do in the local Slack's #ops, and how the bot's answer to it is awaited and read. */
import type { LocalSlack } from './slack/server.ts';
import { Refused } from './slack/surroundings.ts';
import { SLACKBOT } from './slack/workspace.ts';
import type { UserName } from './lines.ts';

type Message = Awaited<ReturnType<LocalSlack['waitFor']>>;
type Modal = ReturnType<LocalSlack['modals']>[number];

/** How a request ended, or that it waits for people, by the first words of its card's text. */
const SETTLED =
  /: (?<word>done|not everything worked|failed|refused|cancelled|expired|denied|withdrawn|waits for an approval)\./;

/** What a command ends with that went well. */
const WELL = ['done', 'waits for an approval'];
/** Who presses Deny, Withdraw or Cancel wants just that. */
const WELL_PRESSED = [...WELL, 'denied', 'withdrawn', 'cancelled'];

export interface Answer {
  /** As the channel shows it. */
  shown: string;
  /** It ended as asked. */
  well: boolean;
  /** Of the message; of a form, its id. */
  ts: string;
}

/**
 * Types a command in #ops and waits for its end: the final state of its card, a card that waits for an approval, a form,
 * or an answer that only the person sees.
 * @throws with what the channel shows when nothing comes within `timeoutMs`.
 */
export async function command(
  slack: LocalSlack,
  user: UserName,
  text: string,
  timeoutMs = 180_000,
): Promise<Answer> {
  const since = newest(slack, user);
  const effect = await effectOf(
    slack,
    user,
    () => slack.command(user, 'ops', text),
    ({ ts }) => ts > since,
    timeoutMs,
  );
  return answerOf(slack, effect, WELL);
}

/**
 * Presses the newest button with this label, in #ops or in a direct message, and waits for what it leads to: another
 * settled state of a card or another page of it, a new card, a form, or an answer that only the person sees.
 * @throws when there is no such button; with what the channel shows when nothing comes within `timeoutMs`.
 */
export async function click(
  slack: LocalSlack,
  user: UserName,
  label: string,
  timeoutMs = 180_000,
): Promise<Answer> {
  return await pressing(slack, user, () => slack.press(user, label), timeoutMs);
}

/**
 * Writes the text into the first field of the form that this person has open, or nothing into any, and sends it. Waits as
 * for a click.
 * @throws with what stands beside the fields when the form is not taken; when there is none.
 */
export async function send(
  slack: LocalSlack,
  user: UserName,
  text: string,
  timeoutMs = 180_000,
): Promise<Answer> {
  const field = slack
    .modals(user)
    .at(-1)
    ?.blocks.find(({ type }) => type === 'input')?.block_id;
  if (text && slack.modals(user).length > 0 && field === undefined)
    throw new Error('The form that is open has no field to write into.');
  const submit = async (): Promise<void> => {
    try {
      await slack.submitView(user, text && field ? { [field]: text } : {});
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      throw new Error([error.message, ...Object.values(error.errors ?? {})].join(' '), { cause: error });
    }
  };
  return await pressing(slack, user, submit, timeoutMs);
}

async function pressing(
  slack: LocalSlack,
  user: UserName,
  act: () => Promise<void>,
  timeoutMs: number,
): Promise<Answer> {
  const before = new Map(shownTo(slack, user).map((message) => [message.ts, slack.renderText(message)]));
  const isNew = (message: Message): boolean => before.get(message.ts) !== slack.renderText(message);
  return answerOf(slack, await effectOf(slack, user, act, isNew, timeoutMs), WELL_PRESSED);
}

/**
 * Does it, and waits for the first that is new and settled. What only this person sees comes first, then a form, then the
 * newest card of #ops, then one of the direct messages, where there is none in #ops.
 */
async function effectOf(
  slack: LocalSlack,
  user: UserName,
  act: () => Promise<void>,
  isNew: (message: Message) => boolean,
  timeoutMs: number,
): Promise<Message | Modal> {
  const forms = new Set(slack.modals(user).map(({ id, hash }) => `${id} ${hash}`));
  await act();
  const look = (): Message | Modal | undefined => {
    const fresh = shownTo(slack, user).filter(isNew);
    const only = fresh.findLast(({ ephemeral }) => ephemeral);
    if (only) return only;
    const form = slack.modals(user).at(-1);
    if (form && !forms.has(`${form.id} ${form.hash}`)) return form;
    const settled = fresh.filter(({ text }) => SETTLED.test(text));
    // The card in #ops is what people talk of: its copies in direct messages may be ahead of it.
    const titles = new Set(slack.messages('ops').map(({ text }) => titleOf(text)));
    return (
      settled.findLast(({ channel }) => channel === slack.channels.ops.id) ??
      settled.findLast(({ text }) => !titles.has(titleOf(text)))
    );
  };
  return await slack.until(
    look,
    timeoutMs,
    () =>
      `Nothing came of it within ${timeoutMs / 1000} s. This is what #ops shows:\n${slack.transcript('ops', { as: user })}`,
  );
}

/** `join fedora-03` of `join fedora-03: done.` */
function titleOf(text: string): string {
  return text.replace(/: [a-z ]+\..*$/s, '');
}

/** Everything in #ops and in this person's conversation with the bot, oldest first. */
function shownTo(slack: LocalSlack, user: UserName): Message[] {
  return [...slack.messages('ops', { as: user }), ...directMessages(slack, user)].toSorted((a, b) =>
    a.ts < b.ts ? -1 : 1,
  );
}

function directMessages(slack: LocalSlack, user: UserName): Message[] {
  try {
    return slack.messages(`@${user}`, { as: user });
  } catch {
    // The bot has not written to them yet.
    return [];
  }
}

function newest(slack: LocalSlack, user: UserName): string {
  return shownTo(slack, user).at(-1)?.ts ?? '0';
}

function answerOf(slack: LocalSlack, effect: Message | Modal, well: string[]): Answer {
  if ('hash' in effect)
    // One that cannot be sent only says why something was not taken.
    return { shown: formText(slack, effect), well: effect.submit !== undefined, ts: effect.id };
  const shown = slack.renderText(effect);
  // Slack itself says it when the bot does not answer.
  const refused = effect.user === SLACKBOT || /^(⛔|❌)/u.test(shown.trim());
  const word = SETTLED.exec(effect.text)?.groups?.['word'] ?? '';
  return { shown, well: effect.ephemeral ? !refused : well.includes(word), ts: effect.ts };
}

/** A form as somebody reads it: title, fields, and the button that sends it. */
function formText(slack: LocalSlack, { title, blocks, submit }: Modal): string {
  const body: Pick<Message, 'blocks' | 'text' | 'files'> = { blocks, text: '', files: [] };
  return [title, slack.renderText(body as Message), submit ? `[${submit}]` : ''].filter(Boolean).join('\n');
}
