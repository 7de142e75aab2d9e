/** Guests, people of other workspaces and people of whom Slack tells nothing, with a bot as it runs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BY_ALL, startApprovalBench, type ApprovalBench } from './approval-bench.ts';

/** The policy names this guest and this person of another workspace, and nobody else of their kind. */
const [NAMED_GUEST, NAMED_OTHER] = ['U00NAMED01', 'U00NAMED02'];

let bench: ApprovalBench;
let slack: ApprovalBench['slack'];

beforeAll(async () => {
  bench = await startApprovalBench({
    roles: {
      operators: { groups: ['@ops-team'], allow: ['read', 'change', 'destroy'] },
      oncall: { groups: ['S00ONCALL1'], allow: ['read', 'change', 'destroy'] },
      partners: { people: [NAMED_GUEST, NAMED_OTHER], allow: ['read', 'rotate'] },
    },
    approvals: { rotate: { ...BY_ALL, approvers: ['operators', 'oncall', 'partners'] } },
  });
  ({ slack } = bench);
  const shared = { channels: ['ops'] };
  slack.addPerson({ ...shared, name: 'dora', guest: 'single-channel' });
  slack.addPerson({ ...shared, name: 'emil', guest: 'multi-channel', id: NAMED_GUEST });
  slack.addPerson({ ...shared, name: 'rex', team: 'T0OTHER001' });
  slack.addPerson({ ...shared, name: 'tom', team: 'T0OTHER001', id: NAMED_OTHER });
}, 60_000);
afterAll(() => bench?.stop());

/** What only this person reads of it. */
async function told(person: string, act: () => Promise<unknown>): Promise<string> {
  const known = new Set(slack.messages('ops', { as: person }).map(({ ts }) => ts));
  await act();
  const message = await slack.waitFor(({ ephemeral, ts }) => ephemeral && !known.has(ts), {
    channel: 'ops',
    as: person,
    timeoutMs: 10_000,
  });
  return slack.renderText(message);
}

/** The card of a new request, when it waits for an approval. */
async function ask(person = 'alice'): Promise<string> {
  const since = slack.messages('ops').at(-1)?.ts ?? '0';
  await slack.command(person, 'ops', '/swarm rotate worker');
  const card = await slack.waitFor(({ text }) => text.includes('waits for an approval'), {
    channel: 'ops',
    since,
    timeoutMs: 20_000,
  });
  return card.ts;
}

async function expectEnd(ts: string, word: string): Promise<void> {
  await slack.waitFor((one) => one.ts === ts && one.text.includes(`: ${word}`), {
    channel: 'ops',
    timeoutMs: 20_000,
  });
}

const approve = (person: string, ts: string) => slack.press(person, 'Approve', { channel: 'ops', ts });

describe('a guest', { timeout: 60_000 }, () => {
  test('may nothing, not even read', async () => {
    for (const line of ['/swarm services', '/swarm rotate worker'])
      expect(await told('dora', () => slack.command('dora', 'ops', line))).toMatch(/^⛔ /u);
    const ts = await ask();
    expect(await told('dora', () => approve('dora', ts))).toMatch(/^⛔ /u);
    await slack.press('alice', 'Withdraw', { channel: 'ops', ts });
    await expectEnd(ts, 'withdrawn');
  });

  test('whom the policy names may what it says', async () => {
    const ts = await ask('emil');
    await approve('bob', ts);
    await expectEnd(ts, 'done');
    const other = await ask();
    await approve('emil', other);
    await expectEnd(other, 'done');
  });
});

describe('somebody of another workspace', { timeout: 60_000 }, () => {
  test('presses buttons without any effect', async () => {
    const ran = bench.ran.length;
    const ts = await ask();
    for (const button of ['Approve', 'Deny', 'Withdraw'])
      expect(await told('rex', () => slack.press('rex', button, { channel: 'ops', ts }))).toMatch(/^⛔ /u);
    expect(slack.modals('rex')).toEqual([]);
    await approve('bob', ts);
    await expectEnd(ts, 'done');
    expect(bench.ran.length).toBe(ran + 1);
  });

  test('whom the policy names may approve', async () => {
    const ts = await ask();
    await approve('tom', ts);
    await expectEnd(ts, 'done');
  });
});

describe('between asking and approving', { timeout: 60_000 }, () => {
  test('who is taken out of the group at this moment approves nothing; who is put in does', async () => {
    const ts = await ask();
    await slack.changeGroup('ops-team', { users: ['alice'] });
    expect(await told('bob', () => approve('bob', ts))).toMatch(/^⛔ /u);
    await slack.changeGroup('ops-team', { users: ['alice', 'bob'] });
    await approve('bob', ts);
    await expectEnd(ts, 'done');
  });

  test('who asked and is no operator any more is not approved', async () => {
    const ts = await ask();
    await slack.changeGroup('ops-team', { users: ['bob'] });
    expect(await told('bob', () => approve('bob', ts))).toContain('alice may not do this at the moment');
    await slack.changeGroup('ops-team', { users: ['alice', 'bob'] });
    await slack.press('alice', 'Withdraw', { channel: 'ops', ts });
    await expectEnd(ts, 'withdrawn');
  });
});

test('of whom Slack tells nothing is told that it does not', { timeout: 60_000 }, async () => {
  slack.addPerson({ name: 'gina', channels: ['ops'] });
  slack.faults.failHttp('users.info', { times: 100 });
  const said = await told('gina', () => slack.command('gina', 'ops', '/swarm services'));
  expect(said).toContain('Slack does not tell at this moment who you are');
  // Others are remembered.
  expect(await told('bob', () => slack.command('bob', 'ops', '/swarm jobs'))).not.toMatch(/^⛔ /u);
  slack.faults.clear();
});
