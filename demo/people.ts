/** What people do in the local Slack's #ops, and how the bot's answer to it is awaited and read. */
import type { LocalSlack } from './slack/server.ts';

type Message = Awaited<ReturnType<LocalSlack['waitFor']>>;
import type { UserName } from './lines.ts';

/** How a request ended, by the first words of its card's text. */
const ENDED =
  /: (?<word>done|not everything worked|failed|refused|cancelled|expired|denied|withdrawn|waits for an approval)\./;

export interface Answer {
  /** As the channel shows it. */
  shown: string;
  /** It ended as asked. */
  well: boolean;
  ts: string;
}

/**
 * Types a command in #ops and waits for its end: the final state of its card, or an answer that only the person sees.
 * @throws with what the channel shows when neither comes within `timeoutMs`.
 */
export async function command(
  slack: LocalSlack,
  user: UserName,
  text: string,
  timeoutMs = 180_000,
): Promise<Answer> {
  const since = slack.messages('ops').at(-1)?.ts ?? '0';
  await slack.command(user, 'ops', text);
  const message = await slack.waitFor(({ ephemeral, text: words }) => ephemeral || ENDED.test(words), {
    channel: 'ops',
    as: user,
    since,
    timeoutMs,
  });
  return answerOf(slack, message);
}

/** The newest message of a request whose words say that it has ended, or waits for people. */
function answerOf(slack: LocalSlack, message: Message): Answer {
  const refused = /^(⛔|❌)/u.test(slack.renderText(message).trim());
  const ended = ENDED.exec(message.text)?.groups?.['word'];
  return {
    shown: slack.renderText(message),
    well: message.ephemeral ? !refused : ended === 'done' || ended === 'waits for an approval',
    ts: message.ts,
  };
}

/**
 * Presses the newest button with this label, and waits for what it leads to: the end of the card that it stands on, a new
 * card, or an answer that only the person sees.
 * @throws with what the channel shows when nothing comes within `timeoutMs`.
 */
export async function click(
  slack: LocalSlack,
  user: UserName,
  label: string,
  timeoutMs = 180_000,
): Promise<Answer> {
  const before = slack.messages('ops').at(-1)?.ts ?? '0';
  const texts = new Map(slack.messages('ops').map(({ ts, text }) => [ts, text]));
  await slack.press(user, label);
  const message = await slack.waitFor(
    ({ ts, ephemeral, text }) => (ephemeral && ts > before) || (ENDED.test(text) && texts.get(ts) !== text),
    { channel: 'ops', as: user, timeoutMs },
  );
  return answerOf(slack, message);
}
