import type { App } from '@slack/bolt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LocalSlack } from '../../demo/slack/server.ts';
import { startLocalSlack } from '../../demo/slack/server.ts';
import { connectBySocket, refusedWith, webClient } from './connect.ts';

let slack: LocalSlack;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  slack = await startLocalSlack();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await slack.close();
});

const EVENTS = ['user_change', 'subteam_created', 'subteam_updated', 'subteam_members_changed'] as const;

/** Every event of people and groups that the app is told of, in order. */
async function listen(): Promise<Record<string, unknown>[]> {
  const told: Record<string, unknown>[] = [];
  const connected = await connectBySocket(slack, (app: App) => {
    for (const type of EVENTS) {
      app.event(type, async ({ event }) => {
        told.push({ ...event });
        return Promise.resolve();
      });
    }
  });
  stops.push(connected.stop);
  return told;
}

test('users.info tells guests, deactivated people and people of other workspaces apart as Slack does', async () => {
  const web = webClient(slack);
  const many = slack.addPerson({ name: 'dora', guest: 'multi-channel' });
  const one = slack.addPerson({ name: 'emil', guest: 'single-channel' });
  const gone = slack.addPerson({ name: 'fred', deleted: true });
  const shared = slack.addPerson({ name: 'rex', team: 'T0OTHER001', channels: ['ops'] });
  const stranger = slack.addPerson({ name: 'tom', team: 'T0OTHER001', channels: ['random'] });
  const look = async (user: string) => {
    const { team_id, deleted, is_restricted, is_ultra_restricted, is_stranger } =
      (await web.users.info({ user })).user ?? {};
    return { team_id, deleted, is_restricted, is_ultra_restricted, is_stranger };
  };
  const here = { team_id: slack.team.id, deleted: false, is_stranger: undefined };
  expect(await look(slack.users.alice.id)).toEqual({
    ...here,
    is_restricted: false,
    is_ultra_restricted: false,
  });
  expect(await look(many.id)).toEqual({ ...here, is_restricted: true, is_ultra_restricted: false });
  expect(await look(one.id)).toEqual({ ...here, is_restricted: true, is_ultra_restricted: true });
  expect(await look(gone.id)).toMatchObject({ deleted: true, is_restricted: undefined });
  // The bot is in #ops and not in #random: only the second is a stranger to it.
  expect(await look(shared.id)).toMatchObject({ team_id: 'T0OTHER001', is_stranger: false });
  expect(await look(stranger.id)).toMatchObject({ team_id: 'T0OTHER001', is_stranger: true });
  const { members } = await web.users.list({});
  expect(members?.map(({ name }) => name)).toEqual(expect.arrayContaining(['dora', 'fred']));
  expect(members?.some(({ name }) => name === 'rex' || name === 'tom')).toBe(false);
});

test('a changed person is told of by user_change, with the whole person', async () => {
  const told = await listen();
  await slack.changePerson('alice', { guest: 'multi-channel', real_name: 'Alice M.' });
  await expect.poll(() => told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    type: 'user_change',
    user: { id: slack.users.alice.id, team_id: slack.team.id, real_name: 'Alice M.', is_restricted: true },
    cache_ts: expect.any(Number) as number,
    event_ts: expect.stringMatching(/^\d+\.\d{6}$/) as string,
  });
  await slack.changePerson('alice', { guest: undefined });
  await expect.poll(() => told).toHaveLength(2);
  expect(told[1]).toMatchObject({ user: { is_restricted: false, real_name: 'Alice M.' } });
});

test('changed members are told of by both events; another handle by one', async () => {
  const told = await listen();
  const { alice, bob, carol } = slack.users;
  await slack.changeGroup('ops-team', { users: ['bob', 'carol'] });
  await slack.changeGroup('ops-team', { handle: 'operations' });
  await expect.poll(() => told).toHaveLength(3);
  // The bodies of these events run side by side in Bolt.
  const members = told.find(({ type }) => type === 'subteam_members_changed');
  expect(members).toMatchObject({
    subteam_id: 'S000OPS001',
    team_id: slack.team.id,
    added_users: [carol.id],
    added_users_count: '1',
    removed_users: [alice.id],
    removed_users_count: '1',
  });
  const updated = told.filter(({ type }) => type === 'subteam_updated');
  expect(updated.map(({ subteam }) => subteam)).toMatchObject([
    { id: 'S000OPS001', handle: 'ops-team', users: [bob.id, carol.id], user_count: 2, is_usergroup: true },
    { handle: 'operations', date_delete: 0 },
  ]);
  expect(slack.usergroups['operations']?.users).toEqual([bob.id, carol.id]);
});

test('a new group is told of; a disabled one is in no list any more', async () => {
  const told = await listen();
  const web = webClient(slack);
  const { id } = await slack.addGroup({ handle: 'dba', users: ['alice'] });
  await slack.changeGroup('dba', { disabled: true });
  await expect.poll(() => told.map(({ type }) => type)).toEqual(['subteam_created', 'subteam_updated']);
  expect(told[1]).toMatchObject({ subteam: { id, date_delete: expect.any(Number) as number } });
  const handles = async (include_disabled: boolean) =>
    (await web.usergroups.list({ include_disabled })).usergroups?.map(({ handle }) => handle);
  expect(await handles(false)).not.toContain('dba');
  expect(await handles(true)).toContain('dba');
  expect(await refusedWith(web.usergroups.users.list({ usergroup: id }))).toBe('no_such_subteam');
  expect((await web.usergroups.users.list({ usergroup: id, include_disabled: true })).users).toEqual([
    slack.users.alice.id,
  ]);
});

test('who is deactivated leaves the groups, and can do nothing any more', async () => {
  await slack.close();
  slack = await startLocalSlack({ events: [] });
  await slack.changePerson('alice', { deleted: true });
  expect(slack.usergroups['ops-team']?.users).toEqual([slack.users.bob.id]);
  await expect(slack.command('alice', 'ops', '/swarm help')).rejects.toThrow('deactivated');
  await expect(slack.press('alice', 'Approve')).rejects.toThrow('deactivated');
});

test('an app is not told of what it has no scope for, or has not subscribed to', async () => {
  await slack.close();
  slack = await startLocalSlack({
    scopes: ['users:read', 'chat:write'],
    events: ['user_change', 'subteam_updated'],
  });
  const told = await listen();
  await slack.changeGroup('ops-team', { users: [] });
  await slack.changePerson('bob', { guest: 'single-channel' });
  await expect.poll(() => told.map(({ type }) => type)).toEqual(['user_change']);
});

test('a group tells at most 500 of its members, and how many there are', async () => {
  await slack.close();
  slack = await startLocalSlack({ events: [] });
  const web = webClient(slack);
  const names = Array.from({ length: 501 }, (_, at) => slack.addPerson({ name: `p${at}` }).name);
  const { id } = await slack.addGroup({ handle: 'crowd', users: names });
  const { usergroups } = await web.usergroups.list({ include_users: true });
  const crowd = usergroups?.find((group) => group.id === id);
  expect([crowd?.users?.length, crowd?.user_count]).toEqual([500, 501]);
  expect((await web.usergroups.users.list({ usergroup: id })).users).toHaveLength(501);
});

test('guests give commands in their channels; people of other workspaces none, but they press buttons', async () => {
  const commands: string[] = [];
  const presses: unknown[] = [];
  const connected = await connectBySocket(slack, (app) => {
    app.command('/swarm', async ({ command, ack, client }) => {
      commands.push(command.user_name);
      await ack();
      const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } } as const;
      const blocks = [{ type: 'actions' as const, elements: [button] }];
      await client.chat.postMessage({ channel: command.channel_id, text: 'Go?', blocks });
    });
    app.action('go', async ({ body, ack }) => {
      presses.push({ user: body.user, team: body.team?.id });
      await ack();
    });
  });
  stops.push(connected.stop);
  slack.addPerson({ name: 'dora', guest: 'single-channel', channels: ['ops'] });
  const rex = slack.addPerson({ name: 'rex', team: 'T0OTHER001', channels: ['ops'] });
  await slack.command('dora', 'ops', '/swarm help');
  await expect(slack.command('dora', 'random', '/swarm help')).rejects.toThrow('You are not in #random.');
  await slack.command('rex', 'ops', '/swarm help');
  expect(commands).toEqual(['dora']);
  expect(slack.messages('ops', { as: 'rex' }).at(-1)?.text).toContain('is not a valid command');
  await expect.poll(() => slack.messages('ops').some(({ text }) => text === 'Go?')).toBe(true);
  await slack.press('rex', 'Go', { channel: 'ops' });
  expect(presses).toEqual([
    {
      user: { id: rex.id, username: 'rex', name: 'rex', team_id: 'T0OTHER001' },
      team: slack.team.id,
    },
  ]);
});
