/** What Slack says no with. */
import { ErrorCode } from '@slack/web-api';

/** Slack's own trouble: the same call may do a moment later. */
export const PASSING = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'ratelimited',
]);

/** Slack's word for why it refused, such as `channel_not_found`; empty when it is no refusal. */
export function platformError(error: unknown): string {
  const { code, data } = error as { code?: string; data?: { error?: unknown } };
  return code === ErrorCode.PlatformError ? String(data?.error) : '';
}
