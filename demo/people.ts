/** What people do in the local Slack's #ops, and how the bot's answer to it is awaited and read. */
import type { LocalSlack } from './slack/server.ts';
import type { UserName } from './lines.ts';

/** How a request ended, by the first words of its card's text. */
const ENDED = /: (?<word>done|not everything worked|failed|refused|cancelled|expired)\./;

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
  const refused = /^(⛔|❌)/u.test(slack.renderText(message).trim());
  const ended = ENDED.exec(message.text)?.groups?.['word'];
  return {
    shown: slack.renderText(message),
    well: message.ephemeral ? !refused : ended === 'done',
    ts: message.ts,
  };
}
