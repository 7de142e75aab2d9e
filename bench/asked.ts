import type { LocalSlack } from '../demo/slack/server.ts';

/** How a card's text begins once its job is over, see src/slack/card.ts. */
const ENDED = /: (?<how>done|not everything worked|failed|refused|cancelled|expired)\./;
const PATIENCE_MS = 120_000;

/**
 * Types a command as alice in #ops and waits until its card says done.
 * @throws with what she sees when it ends in any other way, and when the signal fires.
 */
export async function ask(slack: LocalSlack, line: string, signal: AbortSignal): Promise<void> {
  const since = slack.messages('ops').at(-1)?.ts ?? '0';
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const look = (): void => {
    const answer = slack
      .messages('ops', { as: 'alice', since })
      .find(({ ephemeral, text }) => ephemeral || ENDED.test(text));
    if (!answer) return;
    if (!answer.ephemeral && ENDED.exec(answer.text)?.groups?.['how'] === 'done') resolve(undefined);
    else reject(new Error(`${line} did not end well. The channel shows:\n${slack.renderText(answer)}`));
  };
  const either = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const giveUp = (): void => reject(either.reason as Error);
  either.addEventListener('abort', giveUp, { once: true });
  const unlisten = slack.onChange(look);
  try {
    await Promise.all([slack.command('alice', 'ops', line), promise]);
  } finally {
    unlisten();
    either.removeEventListener('abort', giveUp);
  }
}
