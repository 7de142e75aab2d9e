/** Who somebody is, as Slack knows them: kind of account, and which of the policy's user groups they are in. */
import type { WebClient } from '@slack/web-api';
import type { Log } from '../log.ts';
import type { Actor } from '../policy/decide.ts';
import type { Person, Policy } from '../policy/policy.ts';

export interface Directory {
  /** Never throws: of whom Slack tells nothing at the moment the kind is `unknown`. */
  person(actor: Actor): Promise<Person>;
  /** IDs of all people whom these roles name, by themselves or by a user group. */
  peopleIn(roles: readonly string[]): Promise<string[]>;
}

export function openDirectory(client: WebClient, policy: Policy, log: Log): Directory {
  const groupsNamed = [...new Set([...policy.roles, ...policy.deny].flatMap(({ groups }) => groups))];
  const membersOf = async (group: string): Promise<string[]> => {
    let id = group;
    if (group.startsWith('@')) {
      const { usergroups = [] } = await client.usergroups.list({});
      id = usergroups.find(({ handle }) => `@${handle}` === group)?.id ?? '';
    }
    const { users = [] } = await client.usergroups.users.list({ usergroup: id });
    return users;
  };
  return {
    person: async ({ id, name }) => {
      try {
        const [{ user }, groups] = await Promise.all([
          client.users.info({ user: id }),
          Promise.all(
            groupsNamed.map(async (group) => ((await membersOf(group)).includes(id) ? [group] : [])),
          ),
        ]);
        const guest = user?.is_restricted === true || user?.is_ultra_restricted === true;
        const kind =
          user?.is_bot === true
            ? 'bot'
            : user?.is_stranger === true
              ? 'external'
              : guest
                ? 'guest'
                : 'member';
        return { id, name, kind, groups: groups.flat() };
      } catch (error) {
        log.warn({ err: error, person: id }, 'Slack does not say who this is');
        return { id, name, kind: 'unknown', groups: [] };
      }
    },
    peopleIn: async (names) => {
      const roles = policy.roles.filter(({ name }) => names.includes(name));
      const members = await Promise.all(
        roles.flatMap(({ groups }) => groups).map((group) => membersOf(group).catch(() => [])),
      );
      return [...new Set([...roles.flatMap(({ people }) => people), ...members.flat()])];
    },
  };
}
