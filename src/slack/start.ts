import { ErrorCode } from '@slack/web-api';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

/** Slack's word on a token that will never do. */
const HOPELESS = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'missing_scope',
  'not_allowed_token_type',
]);

/**
 * Connects to Slack, again and again while Slack cannot be reached.
 * @throws when Slack refuses the token: trying again would not help.
 */
export async function startUntilUp(start: () => Promise<void>, log: Log, signal: AbortSignal): Promise<void> {
  for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, 15_000)) {
    try {
      await start();
      log.info('ready');
      return;
    } catch (error) {
      const { code, data } = error as { code?: string; data?: { error?: string } };
      if (code === ErrorCode.PlatformError && HOPELESS.has(data?.error ?? '')) {
        throw new Error(
          `Slack refuses the token (${data?.error}). Check SLACK_BOT_TOKEN and SLACK_APP_TOKEN, and that the app is installed.`,
          { cause: error },
        );
      }
      log.warn({ error: messageOf(error) }, `Slack cannot be reached, trying again in ${wait} ms`);
      await sleep(wait, undefined, { signal }).catch((cause: unknown) => {
        if (!isAbort(cause)) throw cause;
      });
    }
  }
}
