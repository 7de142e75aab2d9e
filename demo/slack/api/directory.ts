import { TEAM } from '../app.ts';
import type { InstalledApp } from '../app.ts';
import type { Fields } from '../json.ts';
import type { Person, Usergroup, Workspace } from '../workspace.ts';
import type { ApiMethod } from './method.ts';
import { ApiError } from './error.ts';
import { page } from './method.ts';

/** What existed before anything changed. */
const FOUNDED = 1_700_000_000;
/** More members than these are left out of a group's own list: https://docs.slack.dev/reference/events/subteam_updated */
const LISTED_MEMBERS = 500;

/**
 * A person as Slack describes them to an app: https://docs.slack.dev/reference/objects/user-object. Of people of other
 * workspaces less is told, and only strangers are marked: https://docs.slack.dev/apis/slack-connect#members
 */
export function apiUser(person: Person, workspace: Workspace, app: InstalledApp): Fields {
  const { id, name, real_name, color, is_bot, guest, team = TEAM.id, deleted = false, updated } = person;
  const profile = {
    real_name,
    display_name: name,
    real_name_normalized: real_name,
    display_name_normalized: name,
    team,
  };
  if (person.team !== undefined) {
    const stranger = workspace.isStranger(person, app.botUserId);
    return { id, team_id: team, name, deleted, real_name, profile, is_bot, is_stranger: stranger };
  }
  return {
    id,
    team_id: team,
    name,
    deleted,
    color: color.replace('#', ''),
    real_name,
    tz: 'Etc/UTC',
    tz_offset: 0,
    profile,
    // A deactivated account has lost its roles along with everything else.
    ...(deleted
      ? {}
      : {
          is_admin: false,
          is_owner: false,
          is_primary_owner: false,
          is_restricted: guest !== undefined,
          is_ultra_restricted: guest === 'single-channel',
        }),
    is_bot,
    is_app_user: false,
    updated: updated ?? FOUNDED,
  };
}

export function apiUsergroup(group: Usergroup, withUsers: boolean): Fields {
  const { id, name, handle, users, disabled = 0, updated = FOUNDED } = group;
  return {
    id,
    team_id: TEAM.id,
    is_usergroup: true,
    is_subteam: true,
    name,
    handle,
    description: '',
    is_external: false,
    date_create: FOUNDED,
    date_update: updated,
    date_delete: disabled,
    user_count: users.length,
    ...(withUsers ? { users: users.slice(0, LISTED_MEMBERS) } : {}),
  };
}

export const directoryMethods: Record<string, ApiMethod> = {
  'users.info': {
    token: 'bot',
    tier: 4,
    scopes: () => ['users:read'],
    run(args, { workspace, app }): Fields {
      const person = workspace.people.get(args.required('user'));
      if (!person) throw new ApiError('user_not_found');
      return { user: apiUser(person, workspace, app) };
    },
  },
  'users.list': {
    token: 'bot',
    tier: 2,
    scopes: () => ['users:read'],
    run(args, { workspace, app }): Fields {
      // People of other workspaces are not in the list: https://docs.slack.dev/apis/slack-connect#support_strategies
      const own = [...workspace.people.values()].filter(({ team }) => team === undefined);
      const { items, metadata } = page(own, args);
      return {
        members: items.map((person) => apiUser(person, workspace, app)),
        cache_ts: Math.floor(Date.now() / 1000),
        response_metadata: metadata,
      };
    },
  },
  'usergroups.list': {
    token: 'bot',
    tier: 2,
    scopes: () => ['usergroups:read'],
    run: (args, { workspace }) => ({
      usergroups: [...workspace.usergroups.values()]
        .filter(({ disabled }) => disabled === undefined || args.flag('include_disabled'))
        .map((group) => apiUsergroup(group, args.flag('include_users'))),
    }),
  },
  'usergroups.users.list': {
    token: 'bot',
    tier: 2,
    scopes: () => ['usergroups:read'],
    run(args, { workspace }): Fields {
      const group = workspace.usergroups.get(args.required('usergroup'));
      const hidden = group?.disabled !== undefined && !args.flag('include_disabled');
      if (!group || hidden) throw new ApiError('no_such_subteam');
      return { users: group.users };
    },
  },
};
