/**
 * Who somebody is, as Slack knows them: kind of account, and which of the policy's user groups they are in.
 *
 * Commands and buttons name only an ID. What Slack says is remembered for ten minutes, and asked anew at once when an
 * event says that it has changed. While Slack does not answer, what it said within the last hour counts; after that, and
 * of whom it has never said anything, a person is `unknown`, to whom the policy grants nothing.
 */
import type { WebClient } from '@slack/web-api';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Actor } from '../policy/decide.ts';
import type { Person, Policy } from '../policy/policy.ts';
import { askGroups, type Group, type Groups } from './groups.ts';
import { isNobody, Known } from './known.ts';
import { platformError } from './slack-errors.ts';
import { standingOf, type OwnTeam, type SlackUser, type Standing } from './standing.ts';

/** What Slack said so lately is not asked again. */
const AGE_MS = 10 * 60_000;
/** The same where it decides about an approval. */
const FRESH_MS = 30_000;
/** A command or a press has 2 s in all. */
const PATIENCE_MS = 1200;
/** `users.info` is called about 100 times a minute at most (Tier 4); more people than anybody names in a policy. */
const MOST_WARMED = 50;
/** A workspace may have 100,000 people; those who used the bot least lately are forgotten first. */
const MOST_PEOPLE = 5000;

/** What an event of Slack says about the directory; every copy of the bot must hear of it, and Slack tells one. */
export type News = { person: string; standing: Standing } | { groups: string[] };

export interface Directory {
  /**
   * Never throws: of whom Slack tells nothing at the moment the kind is `unknown`, as it is for a deactivated account.
   * `fresh`: as Slack says now (at most 30 s ago); where it does not answer in time, as remembered.
   */
  person(actor: Actor, how?: { fresh?: boolean }): Promise<Person>;
  /** IDs of all people whom these roles name, by themselves or by a user group. Without groups that Slack does not tell. */
  peopleIn(roles: readonly string[]): Promise<string[]>;
  /** The user groups that these roles name, for mentions. Without those that Slack does not tell. */
  groupsIn(roles: readonly string[]): Promise<Group[]>;
  /** `ops-team`, of a group as the policy writes it (ID or @handle). */
  handleOf(group: string): Promise<string | undefined>;
  /** What an event of Slack is worth knowing of. Undefined: nothing here depends on it. */
  newsOf(event: DirectoryEvent): Promise<News | undefined>;
  /** Takes news, its own or of another copy: what they make untrue is forgotten and asked anew. */
  hear(news: News): void;
  /** Asks about the people and groups that the policy names, before anybody waits for it. Never throws. */
  warm(): Promise<void>;
}

export type DirectoryEvent =
  | { type: 'user_change'; user: SlackUser }
  | { type: 'subteam_created' | 'subteam_updated'; subteam: { id: string; handle: string } }
  | { type: 'subteam_members_changed'; subteam_id: string };

export interface DirectoryOptions {
  /** A client that nothing else uses: waiting for Slack here must not stop cards. */
  client: WebClient;
  policy: Policy;
  log: Log;
  /** Milliseconds; for tests. */
  now?: () => number;
  /** Milliseconds that somebody waits for Slack; for tests. */
  patience?: number;
}

export function openDirectory({
  client,
  policy,
  log,
  now = () => performance.now(),
  patience = PATIENCE_MS,
}: DirectoryOptions): Directory {
  const audiences = [...policy.roles, ...policy.deny];
  const named = [...new Set(audiences.flatMap(({ groups }) => groups))];
  const people = new Map<string, Known<Standing>>();

  const ownTeam = new Known<OwnTeam>({
    ask: async () => {
      const { team_id: id = '' } = await client.auth.test();
      if (id === '') throw new Error('auth.test names no workspace');
      return { id };
    },
    now,
    failed: (error) => log.warn({ err: error }, 'Slack does not say in which workspace the app is'),
  });
  const groups = new Known<Groups>({
    ask: (signal) => askGroups(client, named, log, signal),
    now,
    failed: (error) => log.warn({ err: error }, reasonOf(error, 'usergroups:read')),
  });

  /** Of an app that is not moved to another workspace, as tokens never are. */
  const own = async (most: number): Promise<OwnTeam | undefined> =>
    ownTeam.remembered ?? (await ownTeam.get(AGE_MS, most));

  const askPerson = async (id: string): Promise<Standing> => {
    const [{ user = { id } }, team] = await Promise.all([client.users.info({ user: id }), own(10_000)]);
    if (!team) throw new Error('Slack does not say in which workspace the app is');
    return standingOf(user, team);
  };
  const knownPerson = (id: string): Known<Standing> => {
    const known =
      people.get(id) ??
      new Known<Standing>({
        ask: () => askPerson(id),
        now,
        failed: (error) => log.warn({ err: error, person: id }, reasonOf(error, 'users:read')),
      });
    // Behind all others: a Map keeps the order of insertion.
    people.delete(id);
    people.set(id, known);
    const [oldest = ''] = people.keys();
    if (people.size > MOST_PEOPLE) people.delete(oldest);
    return known;
  };

  const groupsNow = async (age: number, most = patience): Promise<Groups | undefined> =>
    named.length === 0 ? new Map() : await groups.get(age, most);
  const groupsOf = (roles: readonly string[]): string[] =>
    policy.roles.filter(({ name }) => roles.includes(name)).flatMap((role) => role.groups);

  return {
    person: async ({ id, name }, { fresh = false } = {}) => {
      const age = fresh ? FRESH_MS : AGE_MS;
      const [standing, membership] = await Promise.all([knownPerson(id).get(age, patience), groupsNow(age)]);
      // Without the groups a prohibition for one of them could not be seen to hold.
      if (!standing || !membership) return { id, name, kind: 'unknown', groups: [] };
      const { kind, ids } = standing;
      const theirs = named.filter((group) => ids.some((one) => membership.get(group)?.members.has(one)));
      return { id, name, kind, groups: theirs };
    },
    peopleIn: async (roles) => {
      const membership = await groupsNow(AGE_MS);
      const members = groupsOf(roles).flatMap((group) => [...(membership?.get(group)?.members ?? [])]);
      const alone = policy.roles.filter(({ name }) => roles.includes(name)).flatMap((role) => role.people);
      return [...new Set([...alone, ...members])];
    },
    groupsIn: async (roles) => {
      const membership = await groupsNow(AGE_MS);
      const found = groupsOf(roles).flatMap((group) => membership?.get(group) ?? []);
      return [...new Map(found.map((group) => [group.id, group])).values()];
    },
    handleOf: async (group) => (await groupsNow(AGE_MS))?.get(group)?.handle,
    newsOf: async (event) => {
      if (event.type === 'user_change') {
        const { user } = event;
        const team = await own(patience);
        return user.id && team ? { person: user.id, standing: standingOf(user, team) } : undefined;
      }
      const words =
        event.type === 'subteam_members_changed'
          ? [event.subteam_id]
          : [event.subteam.id, `@${event.subteam.handle}`];
      return named.length === 0 ? undefined : { groups: words };
    },
    hear: (news) => {
      if ('person' in news) {
        const known = people.get(news.person);
        // Most changes are of a status or a picture. Events come late and twice: they are never what is remembered.
        if (!known || isSame(known.remembered, news.standing)) return;
        known.forget();
        void known.get(AGE_MS, patience);
        return;
      }
      const ours = new Set([...named, ...[...(groups.remembered?.values() ?? [])].map(({ id }) => id)]);
      // With nothing remembered nobody can tell which IDs are behind the policy's handles.
      if (groups.remembered && !news.groups.some((word) => ours.has(word))) return;
      groups.forget();
      void groups.get(AGE_MS, patience);
    },
    warm: async () => {
      const ids = [...new Set(audiences.flatMap((audience) => audience.people))].slice(0, MOST_WARMED);
      await Promise.all([own(10_000), groupsNow(AGE_MS, 10_000)]);
      for (const id of ids) {
        await knownPerson(id).get(AGE_MS, 10_000);
        // One after another, slower than Slack allows: commands ask about people as well.
        await sleep(200, undefined, { ref: false });
      }
    },
  };
}

function isSame(one: Standing | undefined, other: Standing): boolean {
  return one?.kind === other.kind && one.ids.join() === other.ids.join();
}

function reasonOf(error: unknown, scope: string): string {
  if (isNobody(error)) return 'Slack knows nobody of this ID';
  return platformError(error) === 'missing_scope'
    ? `The app lacks the scope ${scope}: add it in Slack and install the app again. Until then everybody is refused.`
    : 'Slack does not say who somebody is';
}
