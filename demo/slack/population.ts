import { apiUser, apiUsergroup } from './api/directory.ts';
import type { InstalledApp } from './app.ts';
import { EVENT_SCOPES, TEAM } from './app.ts';
import type { Delivery } from './delivery.ts';
import { eventPayload } from './events.ts';
import { newId, newTs } from './ids.ts';
import type { Fields } from './json.ts';
import type { Person, Usergroup, Workspace } from './workspace.ts';

/** What an administrator may make of somebody; undefined takes it away again. */
export interface PersonChange {
  name?: string;
  real_name?: string;
  guest?: 'single-channel' | 'multi-channel' | undefined;
  /** Of another workspace, in shared channels only: its ID. */
  team?: string | undefined;
  deleted?: boolean;
}

export interface GroupChange {
  handle?: string;
  name?: string;
  /** Names or IDs. */
  users?: string[];
  disabled?: boolean;
}

/** People and user groups as administrators change them, and the events about it for an app that subscribes to them. */
export class Population {
  readonly #workspace: Workspace;
  readonly #app: InstalledApp;
  readonly #delivery: Delivery;

  constructor(workspace: Workspace, app: InstalledApp, delivery: Delivery) {
    this.#workspace = workspace;
    this.#app = app;
    this.#delivery = delivery;
  }

  /** Somebody new in these channels. Throws when the name is taken or a channel is not there. */
  addPerson({
    id = newId('U'),
    channels = [],
    ...person
  }: PersonChange & { name: string; id?: string; channels?: string[] }): Person {
    const { people } = this.#workspace;
    if ([...people.values()].some(({ name }) => name === person.name))
      throw new Error(`There is a user ${person.name} already.`);
    const added: Person = {
      id,
      real_name: person.name,
      color: '#5b5f66',
      is_bot: false,
      updated: seconds(),
      ...known(person),
      name: person.name,
    };
    people.set(added.id, added);
    for (const channel of channels) this.#workspace.channel(channel).members.add(added.id);
    return added;
  }

  /** Changes somebody by name or ID; resolves when the app has acknowledged the event. Throws when there is no such person. */
  async changePerson(idOrName: string, change: PersonChange): Promise<Person> {
    const before = this.#workspace.person(idOrName);
    const { guest: _guest, team: _team, ...rest } = before;
    const kept = {
      ...('guest' in change ? {} : known({ guest: before.guest })),
      ...('team' in change ? {} : known({ team: before.team })),
    };
    const person: Person = { ...rest, ...kept, ...known(change), updated: seconds() };
    this.#workspace.people.set(person.id, person);
    // Who is deactivated leaves all user groups.
    if (person.deleted) {
      for (const group of this.#workspace.usergroups.values()) {
        const users = group.users.filter((id) => id !== person.id);
        if (users.length < group.users.length) await this.changeGroup(group.handle, { users });
      }
    }
    // https://docs.slack.dev/reference/events/user_change
    await this.#tell({
      type: 'user_change',
      user: apiUser(person, this.#workspace, this.#app),
      cache_ts: seconds(),
      event_ts: newTs(),
    });
    return person;
  }

  /** A new user group of people by name or ID; resolves when the app has acknowledged the event. */
  async addGroup({
    handle,
    users = [],
    name = handle,
  }: GroupChange & { handle: string }): Promise<Usergroup> {
    const ids = users.map((user) => this.#workspace.person(user).id);
    const group: Usergroup = { id: newId('S'), handle, name, users: ids, updated: seconds() };
    this.#workspace.usergroups.set(group.id, group);
    await this.#tell({ type: 'subteam_created', subteam: apiUsergroup(group, true), event_ts: newTs() });
    return group;
  }

  /** Changes a group by handle or ID; resolves when the app has acknowledged the events. Throws when there is none. */
  async changeGroup(idOrHandle: string, change: GroupChange): Promise<Usergroup> {
    const { usergroups } = this.#workspace;
    const before =
      usergroups.get(idOrHandle) ?? [...usergroups.values()].find(({ handle }) => handle === idOrHandle);
    if (!before) throw new Error(`There is no user group ${idOrHandle} in this workspace.`);
    const { disabled: wasDisabled, ...rest } = before;
    const { users: wanted, disabled = wasDisabled !== undefined, ...names } = change;
    const users = wanted?.map((user) => this.#workspace.person(user).id) ?? before.users;
    const now = seconds();
    const group: Usergroup = {
      ...rest,
      ...known(names),
      users,
      updated: now,
      ...(disabled ? { disabled: wasDisabled ?? now } : {}),
    };
    usergroups.set(group.id, group);
    // https://docs.slack.dev/reference/events/subteam_updated, for changed members as well
    await this.#tell({ type: 'subteam_updated', subteam: apiUsergroup(group, true), event_ts: newTs() });
    const added = users.filter((id) => !before.users.includes(id));
    const removed = before.users.filter((id) => !users.includes(id));
    if (added.length > 0 || removed.length > 0) {
      // https://docs.slack.dev/reference/events/subteam_members_changed
      await this.#tell({
        type: 'subteam_members_changed',
        subteam_id: group.id,
        team_id: TEAM.id,
        date_previous_update: before.updated ?? 0,
        date_update: now,
        // Slack writes the counts as text, whatever its types say.
        added_users: added,
        added_users_count: String(added.length),
        removed_users: removed,
        removed_users_count: String(removed.length),
        event_ts: newTs(),
      });
    }
    return group;
  }

  async #tell(event: Fields & { type: string }): Promise<void> {
    const { events, scopes } = this.#app;
    const scope = EVENT_SCOPES[event.type];
    if (!events.includes(event.type) || (scope !== undefined && !scopes.includes(scope))) return;
    await this.#delivery.deliver(eventPayload(this.#app, event));
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Without what is undefined: absent and undefined are two things in these types. */
function known<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
