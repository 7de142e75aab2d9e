/** Links to messages, as Slack's own "Copy link" gives them. */
import type { WebClient } from '@slack/web-api';
import type { Log } from '../log.ts';
import type { Place } from './messages.ts';

/** A message without its link does until then. */
const AGAIN_MS = 60_000;

/** Gives the address of a message; an empty text while Slack does not tell that of the workspace. Never rejects. */
export function linker(client: WebClient, log: Log): (place: Place) => Promise<string> {
  let asked: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    try {
      return (await client.auth.test()).url ?? '';
    } catch (error) {
      log.warn({ err: error }, 'Slack does not tell the address of the workspace');
      setTimeout(() => (asked = undefined), AGAIN_MS).unref();
      return '';
    }
  };
  return async ({ channel, ts }) => {
    asked ??= ask();
    const workspace = await asked;
    return workspace && ts ? `${workspace}archives/${channel}/p${ts.replace('.', '')}` : '';
  };
}
