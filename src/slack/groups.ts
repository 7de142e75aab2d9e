/** The policy's user groups, as Slack has them: who is in each. */
import type { WebClient } from '@slack/web-api';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { retryAfterMs } from './known.ts';
import { platformError } from './slack-errors.ts';

export interface Group {
  /** `S0614TZR7`, for a mention. */
  id: string;
  /** `ops-team`; empty of a group that Slack lists nowhere. */
  handle: string;
  /** IDs of people. */
  members: Set<string>;
}

/** By what the policy writes: `S0614TZR7` or `@ops-team`. A group that Slack does not have is not in it. */
export type Groups = Map<string, Group>;

/**
 * One call for all groups: `usergroups.list` gives handles and members together, and Slack allows about 20 such calls a
 * minute (Tier 2). `usergroups.users.list` only for a group that the list gives in part, or does not have.
 * Disabled groups are in neither answer. @throws what Slack throws.
 */
export async function askGroups(
  client: WebClient,
  named: readonly string[],
  log: Log,
  signal: AbortSignal,
): Promise<Groups> {
  const groups: Groups = new Map();
  const listed = await listGroups(client, log);
  for (const written of named) {
    const found = listed.find(({ id, handle }) => written === id || written === `@${handle}`);
    const id = found?.id ?? (written.startsWith('@') ? undefined : written);
    const members =
      found?.users && found.users.length >= (found.user_count ?? 0)
        ? found.users
        : id && (await askMembers(client, id, signal));
    if (id && members) groups.set(written, { id, handle: found?.handle ?? '', members: new Set(members) });
    else log.warn({ group: written }, 'Slack has no such user group: it gives nobody any right');
  }
  return groups;
}

async function listGroups(client: WebClient, log: Log) {
  try {
    const { usergroups = [] } = await client.usergroups.list({ include_users: true, include_count: true });
    return usergroups;
  } catch (error) {
    if (platformError(error) !== 'plan_upgrade_required') throw error;
    log.warn('This workspace has no user groups (its plan lacks them): the policy must name people.');
    return [];
  }
}

/** Undefined: there is no such group. Waits as long as Slack wants to be left alone. */
async function askMembers(
  client: WebClient,
  usergroup: string,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const { users = [] } = await client.usergroups.users.list({ usergroup });
      return users;
    } catch (error) {
      if (/^(no_such_subteam|plan_upgrade_required)$/.test(platformError(error))) return undefined;
      const wait = retryAfterMs(error);
      if (wait === undefined) throw error;
      await sleep(wait, undefined, { signal, ref: false });
    }
  }
}
