import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { startLocalSlack, type LocalSlack, type LocalSlackOptions } from '../../demo/slack/server.ts';
import { mayApprove } from '../../src/policy/decide.ts';
import type { Person, Policy, Role } from '../../src/policy/policy.ts';
import { openDirectory, type Directory } from '../../src/slack/directory.ts';
import { onDirectoryEvents, shareNews } from '../../src/slack/directory-events.ts';
import { clientOptions } from '../../src/slack/receivers.ts';
import { connectBySocket, quiet } from '../slack-server/connect.ts';
import { ownRedis } from '../queue/redis.ts';

const MINUTE = 60_000;
const [ALICE, BOB, CAROL] = ['U0000ALICE', 'U000000BOB', 'U0000CAROL'];

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

function role(name: string, more: Partial<Role> = {}): Role {
  return { name, people: [], groups: [], everyone: false, allow: [], channels: [], targets: [], ...more };
}

function policyOf(...roles: Role[]): Policy {
  return { roles, deny: [], approvals: {}, breakGlass: [] };
}

/** Operators are a group by its handle, on-call by its ID. */
const policy = policyOf(
  role('operators', { groups: ['@ops-team'], people: [BOB] }),
  role('oncall', { groups: ['S00ONCALL1'] }),
);

/** Time that passes when a test says so; Slack's answers take real time. */
class Clock {
  ms = 0;
  now = (): number => this.ms;
}

async function open(
  options: LocalSlackOptions & { policy?: Policy; patience?: number | undefined } = {},
): Promise<{ slack: LocalSlack; clock: Clock; directory: Directory }> {
  const { policy: given = policy, patience = LONG, ...rest } = options;
  // Nothing listens in most tests: events are what some of them are about.
  const slack = await startLocalSlack({ events: [], ...rest });
  stops.push(() => slack.close());
  const clock = new Clock();
  return { slack, clock, directory: directoryOf(slack, clock, given, patience) };
}

/** A busy machine answers late; as long as the bot waits, only what is about that. */
const LONG = 10_000;

function directoryOf(slack: LocalSlack, clock: Clock, given = policy, patience?: number): Directory {
  const client = new WebClient(slack.botToken, { ...clientOptions(slack.apiUrl), logger: quiet });
  const log = pino({ level: 'silent' });
  return openDirectory({ client, policy: given, log, now: clock.now, ...(patience ? { patience } : {}) });
}

const actor = (id: string) => ({ id, name: 'whoever', team: 'T0LOCAL001' });
const kindOf = async (directory: Directory, id: string): Promise<string> =>
  (await directory.person(actor(id))).kind;

/** Asks until it is so: what an event changes takes a call of Slack's to be known. */
async function expectSoon(look: () => Promise<unknown>, expected: unknown): Promise<void> {
  await expect.poll(look, { timeout: 10_000, interval: 20 }).toEqual(expected);
}

describe('who somebody is', () => {
  test('a member with their groups, as the policy writes them', async () => {
    const { directory } = await open();
    const alice = { id: ALICE, name: 'whoever', kind: 'member', groups: ['@ops-team'] };
    expect(await directory.person(actor(ALICE))).toEqual(alice);
    expect((await directory.person(actor(CAROL))).groups).toEqual(['S00ONCALL1']);
  });

  test('guests of either sort, the bot, Slackbot, a deactivated account, nobody', async () => {
    const { slack, directory } = await open();
    const many = slack.addPerson({ name: 'dora', guest: 'multi-channel', channels: ['ops'] });
    const one = slack.addPerson({ name: 'emil', guest: 'single-channel', channels: ['ops'] });
    const gone = slack.addPerson({ name: 'fred', deleted: true });
    const kinds = await Promise.all(
      [many.id, one.id, slack.app.botUserId, 'USLACKBOT', gone.id, 'U0NOBODY01'].map((id) =>
        kindOf(directory, id),
      ),
    );
    expect(kinds).toEqual(['guest', 'guest', 'bot', 'bot', 'unknown', 'unknown']);
  });

  test('somebody of another workspace is no member, with a channel in common or without', async () => {
    const { slack, directory } = await open();
    const shared = slack.addPerson({ name: 'rex', team: 'T0OTHER001', channels: ['ops'] });
    const stranger = slack.addPerson({ name: 'tom', team: 'T0OTHER001' });
    const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl });
    // Slack marks only those with whom no channel is shared.
    expect((await client.users.info({ user: shared.id })).user?.is_stranger).toBe(false);
    expect((await client.users.info({ user: stranger.id })).user?.is_stranger).toBe(true);
    expect(await kindOf(directory, shared.id)).toBe('external');
    expect(await kindOf(directory, stranger.id)).toBe('external');
  });

  test('somebody whom Slack did not know a moment ago is known as soon as it does', async () => {
    const { slack, directory } = await open();
    const id = 'U00000NEW1';
    expect(await kindOf(directory, id)).toBe('unknown');
    slack.addPerson({ name: 'nora', id });
    expect(await kindOf(directory, id)).toBe('member');
  });

  test('people of roles, groups for mentions, handles', async () => {
    const { directory } = await open();
    expect((await directory.peopleIn(['operators'])).toSorted()).toEqual([BOB, ALICE].toSorted());
    expect(await directory.peopleIn(['oncall', 'operators'])).toHaveLength(3);
    expect(await directory.peopleIn(['nobody'])).toEqual([]);
    expect((await directory.groupsIn(['operators', 'oncall'])).map(({ id }) => id)).toEqual([
      'S000OPS001',
      'S00ONCALL1',
    ]);
    expect(await directory.handleOf('S00ONCALL1')).toBe('oncall');
    expect(await directory.handleOf('@ops-team')).toBe('ops-team');
    expect(await directory.handleOf('@nothing')).toBeUndefined();
  });

  test('a policy without groups asks for none', async () => {
    const { slack, directory } = await open({ policy: policyOf(role('operators', { people: [ALICE] })) });
    expect(await directory.person(actor(ALICE))).toMatchObject({ kind: 'member', groups: [] });
    expect(Object.keys(slack.counts).filter((method) => method.startsWith('usergroups'))).toEqual([]);
  });

  test('a group that Slack does not have, or that is disabled, gives nobody anything', async () => {
    const given = policyOf(role('operators', { groups: ['@no-such', 'S0NOTHING1', '@ops-team'] }));
    const { slack, directory } = await open({ policy: given });
    await slack.changeGroup('ops-team', { disabled: true });
    expect(await directory.person(actor(ALICE))).toMatchObject({ kind: 'member', groups: [] });
    expect(await directory.peopleIn(['operators'])).toEqual([]);
  });

  test('a group by its ID stays the same under another handle; by its handle it is gone', async () => {
    const given = policyOf(role('operators', { groups: ['@ops-team', 'S000OPS001'] }));
    const { slack, directory, clock } = await open({ policy: given });
    expect((await directory.person(actor(ALICE))).groups).toEqual(['@ops-team', 'S000OPS001']);
    await slack.changeGroup('ops-team', { handle: 'operations' });
    clock.ms += 11 * MINUTE;
    expect((await directory.person(actor(ALICE))).groups).toEqual(['S000OPS001']);
    expect(await directory.handleOf('S000OPS001')).toBe('operations');
  });

  test('of a group of more than the list tells, all members are asked for', async () => {
    const { slack, directory } = await open();
    const crowd = Array.from({ length: 600 }, (_, at) => slack.addPerson({ name: `p${at}` }).name);
    await slack.changeGroup('ops-team', { users: crowd });
    expect(await directory.peopleIn(['operators'])).toHaveLength(601);
    expect(slack.counts['usergroups.users.list']).toBe(1);
  });
});

describe('what is remembered', () => {
  test('fifty commands at once make one call of each', async () => {
    const { slack, directory } = await open();
    await Promise.all(Array.from({ length: 50 }, () => directory.person(actor(ALICE))));
    expect(slack.counts).toEqual({ 'auth.test': 1, 'users.info': 1, 'usergroups.list': 1 });
  });

  test('for ten minutes; what decides about an approval for half a minute', async () => {
    const { slack, directory, clock } = await open();
    const asked = () => [slack.counts['users.info'], slack.counts['usergroups.list']];
    await directory.person(actor(ALICE));
    clock.ms += 9 * MINUTE;
    await directory.person(actor(ALICE));
    expect(asked()).toEqual([1, 1]);
    await directory.person(actor(ALICE), { fresh: true });
    expect(asked()).toEqual([2, 2]);
    clock.ms += 20_000;
    await directory.person(actor(ALICE), { fresh: true });
    expect(asked()).toEqual([2, 2]);
    clock.ms += 10 * MINUTE;
    await directory.person(actor(ALICE));
    expect(asked()).toEqual([3, 3]);
    expect(slack.counts['auth.test']).toBe(1);
  });

  test('thirty groups are one call, far from what Slack allows', async () => {
    const slack = await startLocalSlack({ events: [] });
    stops.push(() => slack.close());
    for (let at = 0; at < 30; at += 1) await slack.addGroup({ handle: `team-${at}`, users: ['alice'] });
    const given = policyOf(
      role('operators', { groups: Array.from({ length: 30 }, (_, at) => `@team-${at}`) }),
    );
    const directory = directoryOf(slack, new Clock(), given, LONG);
    await Promise.all([directory.warm(), directory.person(actor(ALICE)), directory.person(actor(BOB))]);
    expect((await directory.person(actor(ALICE))).groups).toHaveLength(30);
    expect((await directory.person(actor(BOB))).groups).toEqual([]);
    expect(slack.counts['usergroups.list']).toBe(1);
    expect(slack.calls.filter(({ status }) => status === 429)).toEqual([]);
  });

  test('thirty groups that no list has are asked for one after another, as fast as Slack allows', async () => {
    const named = Array.from({ length: 30 }, (_, at) => `S0HIDDEN${at}`);
    const given = policyOf(role('operators', { groups: named, people: [ALICE] }));
    // Twenty calls a minute would be too long for a test.
    const { slack, directory } = await open({ policy: given, tierScale: 20 });
    slack.faults.rateLimit('usergroups.users.list', { retryAfterS: 1, times: 1 });
    await expectSoon(() => kindOf(directory, ALICE), 'member');
    // None was asked for again because of the refusal of one.
    expect(slack.counts['usergroups.users.list']).toBe(31);
    expect(slack.counts['usergroups.list']).toBe(1);
  });

  test('is asked for before anybody waits: the people and groups that the policy names', async () => {
    const { slack, directory } = await open();
    await directory.warm();
    expect(slack.counts).toEqual({ 'auth.test': 1, 'users.info': 1, 'usergroups.list': 1 });
    expect(await directory.person(actor(BOB))).toMatchObject({ kind: 'member', groups: ['@ops-team'] });
    expect(slack.counts['users.info']).toBe(1);
  });
});

describe('while Slack does not answer', () => {
  test('what it said within the last hour counts, and nothing older', async () => {
    const { slack, directory, clock } = await open();
    const alice = await directory.person(actor(ALICE));
    await slack.faults.down();
    clock.ms += 59 * MINUTE;
    expect(await directory.person(actor(ALICE))).toEqual(alice);
    expect(await directory.person(actor(ALICE), { fresh: true })).toEqual(alice);
    clock.ms += 2 * MINUTE;
    expect(await directory.person(actor(ALICE))).toEqual({ ...alice, kind: 'unknown', groups: [] });
    await slack.faults.up();
    clock.ms += 10_000;
    expect(await directory.person(actor(ALICE))).toEqual(alice);
  });

  test('somebody who was never asked about is unknown', async () => {
    const { slack, directory } = await open();
    await slack.faults.down();
    expect(await directory.person(actor(ALICE))).toMatchObject({ kind: 'unknown', groups: [] });
    expect(await directory.peopleIn(['operators'])).toEqual([BOB]);
    expect(await directory.groupsIn(['operators'])).toEqual([]);
    await directory.warm();
  });

  test('nobody waits longer than Slack would; the answer counts when it comes', async () => {
    const { slack, clock } = await open();
    // As long as the bot itself waits.
    const directory = directoryOf(slack, clock);
    slack.faults.slow('users.info', 3500);
    const started = performance.now();
    expect(await kindOf(directory, ALICE)).toBe('unknown');
    // On a busy machine as well: it did not wait for the answer.
    expect(performance.now() - started).toBeLessThan(3000);
    await expectSoon(() => kindOf(directory, ALICE), 'member');
    expect(slack.counts['users.info']).toBe(1);
  });

  test('without the groups nobody is anybody: a prohibition for one of them could not be seen', async () => {
    const { slack, directory, clock } = await open();
    slack.faults.failHttp('usergroups.list', { times: 1 });
    expect(await kindOf(directory, ALICE)).toBe('unknown');
    clock.ms += 10_000;
    expect(await kindOf(directory, ALICE)).toBe('member');
  });

  test('Slack is left alone for as long as it says, and other calls go on', async () => {
    const { slack, directory, clock } = await open();
    slack.faults.rateLimit('usergroups.list', { retryAfterS: 40 });
    expect(await kindOf(directory, ALICE)).toBe('unknown');
    clock.ms += 39_000;
    expect(await kindOf(directory, ALICE)).toBe('unknown');
    expect(slack.counts['usergroups.list']).toBe(1);
    expect(slack.counts['users.info']).toBe(1);
    clock.ms += 2000;
    expect(await kindOf(directory, ALICE)).toBe('member');
  });

  test('after a failure the next ones do not wait for another', async () => {
    const { slack, directory, clock } = await open();
    await directory.person(actor(ALICE));
    clock.ms += 11 * MINUTE;
    slack.faults.failHttp('users.info', { times: 100 });
    for (let times = 0; times < 20; times += 1) expect(await kindOf(directory, ALICE)).toBe('member');
    expect(slack.counts['users.info']).toBe(2);
  });

  test('an app that lacks a scope knows nobody', async () => {
    const { directory } = await open({ scopes: ['commands', 'users:read'] });
    expect(await kindOf(directory, ALICE)).toBe('unknown');
  });
});

describe('events', () => {
  /** Two copies of the bot, of which Slack tells one. */
  async function two(): Promise<{
    slack: LocalSlack;
    clock: Clock;
    told: Directory;
    other: Directory;
  }> {
    const {
      slack,
      clock,
      directory: told,
    } = await open({
      events: ['user_change', 'subteam_created', 'subteam_updated', 'subteam_members_changed'],
    });
    const other = directoryOf(slack, clock, policy, LONG);
    const { redis, stop } = await ownRedis();
    stops.push(stop);
    const log = pino({ level: 'silent' });
    const news = shareNews(told, redis, log);
    const heard = shareNews(other, redis, log);
    const subscribed = redis.duplicate();
    stops.push(async () => subscribed.disconnect());
    await subscribed.subscribe('{swarmkeeper}:directory-news');
    subscribed.on('message', (_channel, message) => {
      news.heard(message);
      heard.heard(message);
    });
    const { stop: disconnect } = await connectBySocket(slack, (app) =>
      onDirectoryEvents(app, told, news.tell),
    );
    stops.push(disconnect);
    for (const directory of [told, other]) {
      for (const id of [ALICE, BOB]) expect(await kindOf(directory, id)).toBe('member');
    }
    return { slack, clock, told, other };
  }

  test('somebody who becomes a guest, or is deactivated, is one at once in every copy', async () => {
    const { slack, told, other } = await two();
    await slack.changePerson('alice', { guest: 'multi-channel' });
    await expectSoon(() => kindOf(told, ALICE), 'guest');
    await expectSoon(() => kindOf(other, ALICE), 'guest');
    await slack.changePerson('alice', { guest: undefined, deleted: true });
    await expectSoon(() => kindOf(told, ALICE), 'unknown');
    await expectSoon(() => kindOf(other, ALICE), 'unknown');
  });

  test('a new picture or name costs no call', async () => {
    const { slack, told } = await two();
    const before = slack.counts['users.info'] ?? 0;
    await slack.changePerson('alice', { real_name: 'Alice M.' });
    // Behind it: whatever the first event began would be there by now.
    await slack.changePerson('bob', { guest: 'single-channel' });
    await expectSoon(() => kindOf(told, BOB), 'guest');
    expect(await kindOf(told, ALICE)).toBe('member');
    // Bob's, in both copies.
    await expect.poll(() => slack.counts['users.info'], { timeout: 5000 }).toBe(before + 2);
  });

  test('who is added to a group or removed from it, and a group that is renamed or disabled', async () => {
    const { slack, told, other } = await two();
    const groups = async (directory: Directory, id: string) => (await directory.person(actor(id))).groups;
    await slack.changeGroup('ops-team', { users: ['bob', 'carol'] });
    for (const directory of [told, other]) {
      await expectSoon(() => groups(directory, ALICE), []);
      await expectSoon(() => groups(directory, CAROL), ['@ops-team', 'S00ONCALL1']);
    }
    await slack.changeGroup('ops-team', { handle: 'operations' });
    await expectSoon(() => groups(told, BOB), []);
    await slack.addGroup({ handle: 'ops-team', users: ['alice'] });
    await expectSoon(() => groups(told, ALICE), ['@ops-team']);
    await slack.changeGroup('oncall', { disabled: true });
    await expectSoon(() => groups(told, CAROL), []);
  });

  test('a group that the policy does not name costs no call', async () => {
    const { slack, told } = await two();
    const before = slack.counts['usergroups.list'] ?? 0;
    await slack.addGroup({ handle: 'football', users: ['alice'] });
    await slack.changeGroup('football', { users: ['bob'] });
    await slack.changePerson('bob', { guest: 'single-channel' });
    await expectSoon(() => kindOf(told, BOB), 'guest');
    expect(slack.counts['usergroups.list']).toBe(before);
  });

  test('what an event says has changed does not count again because Slack falls silent', async () => {
    const { slack, told } = await two();
    slack.faults.failHttp('usergroups.list', { times: 100 });
    await slack.changeGroup('ops-team', { users: ['bob'] });
    await expectSoon(() => kindOf(told, ALICE), 'unknown');
    slack.faults.clear();
  });

  test('an answer that was on its way when the event came is not what is remembered', async () => {
    const { slack, told, clock } = await two();
    clock.ms += 11 * MINUTE;
    // Slack looks at once and answers late: alice as she was before the change.
    slack.faults.slow('users.info', 400);
    const asked = told.person(actor(ALICE));
    await slack.nextCall('users.info');
    await slack.changePerson('alice', { guest: 'multi-channel' });
    expect(['guest', 'unknown']).toContain((await asked).kind);
    await expectSoon(() => kindOf(told, ALICE), 'guest');
  });

  test('nonsense over Redis does nothing', () => {
    const heard: unknown[] = [];
    const { heard: hear } = shareNews(
      { hear: (news) => heard.push(news) },
      {} as never,
      pino({ level: 'silent' }),
    );
    for (const message of ['', '{', '{"from":1}', '{"from":"x","news":{"person":1}}', 'null']) hear(message);
    expect(heard).toEqual([]);
  });
});

describe('between asking and approving', () => {
  const asks = { command: { name: 'join', risk: 'change' }, targets: [], requester: CAROL } as const;
  const given: Policy = {
    ...policy,
    approvals: {
      join: { approvers: ['operators'], quorum: 1, expiresMs: MINUTE, reason: 'optional' },
    },
  };
  const says = (person: Person): string => mayApprove(given, { ...asks, person }).kind;

  test('somebody who is no longer in the group may not approve, without any event', async () => {
    const { slack, directory, clock } = await open({ policy: given });
    const press = async () => says(await directory.person(actor(ALICE), { fresh: true }));
    expect(await press()).toBe('yes');
    await slack.changeGroup('ops-team', { users: ['bob'] });
    clock.ms += 31_000;
    expect(await press()).toBe('no');
  });

  test('somebody who has become a guest of another workspace, or was deactivated, may not either', async () => {
    const { slack, directory, clock } = await open({ policy: given });
    const kind = async () => (await directory.person(actor(ALICE), { fresh: true })).kind;
    expect(await kind()).toBe('member');
    await slack.changePerson('alice', { team: 'T0OTHER001' });
    clock.ms += 31_000;
    expect(await kind()).toBe('external');
    await slack.changePerson('alice', { team: undefined, deleted: true });
    clock.ms += 31_000;
    expect(await kind()).toBe('unknown');
    expect(says(await directory.person(actor(ALICE), { fresh: true }))).toBe('no');
  });
});
