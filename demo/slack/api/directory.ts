import { TEAM } from '../app.ts';
import type { Fields } from '../json.ts';
import type { Person, Usergroup } from '../workspace.ts';
import type { ApiMethod } from './method.ts';
import { ApiError } from './error.ts';
import { page } from './method.ts';

function apiUser(person: Person): Fields {
  const { id, name, real_name, color, is_bot } = person;
  return {
    id,
    team_id: TEAM.id,
    name,
    deleted: false,
    color: color.replace('#', ''),
    real_name,
    tz: 'Etc/UTC',
    tz_offset: 0,
    profile: {
      real_name,
      display_name: name,
      real_name_normalized: real_name,
      display_name_normalized: name,
      team: TEAM.id,
    },
    is_admin: false,
    is_owner: false,
    is_bot,
    is_app_user: false,
    updated: 1_700_000_000,
  };
}

function apiUsergroup(group: Usergroup, withUsers: boolean): Fields {
  const { id, name, handle, users } = group;
  return {
    id,
    team_id: TEAM.id,
    is_usergroup: true,
    name,
    handle,
    description: '',
    is_external: false,
    date_delete: 0,
    user_count: users.length,
    ...(withUsers ? { users } : {}),
  };
}

export const directoryMethods: Record<string, ApiMethod> = {
  'users.info': {
    token: 'bot',
    tier: 4,
    scopes: () => ['users:read'],
    run(args, { workspace }): Fields {
      const person = workspace.people.get(args.required('user'));
      if (!person) throw new ApiError('user_not_found');
      return { user: apiUser(person) };
    },
  },
  'users.list': {
    token: 'bot',
    tier: 2,
    scopes: () => ['users:read'],
    run(args, { workspace }): Fields {
      const { items, metadata } = page([...workspace.people.values()], args);
      return {
        members: items.map(apiUser),
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
      usergroups: [...workspace.usergroups.values()].map((group) =>
        apiUsergroup(group, args.flag('include_users')),
      ),
    }),
  },
  'usergroups.users.list': {
    token: 'bot',
    tier: 2,
    scopes: () => ['usergroups:read'],
    run(args, { workspace }): Fields {
      const group = workspace.usergroups.get(args.required('usergroup'));
      if (!group) throw new ApiError('no_such_subteam');
      return { users: group.users };
    },
  },
};
