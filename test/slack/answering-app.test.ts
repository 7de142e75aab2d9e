import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEOPLE, POLICIES } from '../fuzz/cast.ts';
import { stand } from '../fuzz/standing.ts';
import { startFuzzSystem, unfit, unfitForm, type FuzzSystem, type Trace } from '../fuzz/system.ts';

let system: FuzzSystem;
beforeAll(async () => {
  system = await startFuzzSystem();
  system.setPolicy(POLICIES.team);
  await stand(system.store, system.queue);
});
afterAll(() => system.stop());

const send = async (body: Record<string, unknown>): Promise<Trace> =>
  await system.send({ what: 'by hand', sound: true, body });

const press = async (name: string, action_id: string, value: string): Promise<Trace> => {
  const user = PEOPLE.find((one) => one.name === name);
  const response_url = 'https://slack.example/respond';
  return await send({
    type: 'block_actions',
    user,
    team: { id: 'T1' },
    channel: { id: 'C0OPS' },
    trigger_id: `1.${action_id}.${name}`,
    response_url,
    actions: [{ type: 'button', action_id, value }],
  });
};

describe('what no listener takes', () => {
  test('a button of an older version: the person reads so', async () => {
    const { acks, answers } = await press('alice', 'vanished', 'x');
    expect(acks).toEqual([undefined]);
    expect(answers).toEqual([
      expect.objectContaining({
        response_type: 'ephemeral',
        text: expect.stringContaining('does not know this button') as string,
      }),
    ]);
    expect(answers.flatMap(unfit)).toEqual([]);
  });

  test('a form: it does not close as if it had been taken', async () => {
    const user = { id: 'U0ALICE', name: 'alice' };
    for (const [callback_id, private_metadata] of [
      ['vanished', '{}'],
      ['form', 'no JSON'],
      ['form', '{"text":1}'],
    ]) {
      const view = { id: 'V1', hash: '1', callback_id, private_metadata, state: { values: {} } };
      const { acks } = await send({ type: 'view_submission', user, team: { id: 'T1' }, view });
      expect(acks).toEqual([
        { response_action: 'update', view: expect.objectContaining({ type: 'modal' }) as object },
      ]);
      expect(acks.flatMap((ack) => unfitForm((ack as { view: Record<string, unknown> }).view))).toEqual([]);
    }
  });

  test('a menu that wants its options has none', async () => {
    const { acks } = await send({
      type: 'block_suggestion',
      user: { id: 'U0ALICE' },
      team: { id: 'T1' },
      action_id: 'vanished',
      block_id: 'b',
      value: 'x',
    });
    expect(acks).toEqual([{ options: [] }]);
  });

  test.each([
    ['a closed form', { type: 'view_closed', view: { id: 'V1', callback_id: 'form' } }],
    ['a shortcut', { type: 'shortcut', callback_id: 'vanished' }],
  ])('%s is acknowledged', async (_what, body) => {
    expect(
      (await send({ user: { id: 'U0ALICE', name: 'alice' }, team: { id: 'T1' }, ...body })).acks,
    ).toHaveLength(1);
  });
});

test.each([
  [
    'a command without words',
    { command: '/swarm', trigger_id: '1', user_id: 'U0ALICE', team_id: 'T1', channel_id: 'C1' },
  ],
  [
    'a person without an ID',
    { type: 'block_actions', user: { name: 'alice' }, actions: [{ action_id: 'cancel', value: 'runs2222' }] },
  ],
  [
    'a person who is a list',
    { type: 'block_actions', user: ['U0ALICE'], actions: [{ action_id: 'cancel', value: 'runs2222' }] },
  ],
  ['a press of no button', { type: 'block_actions', user: { id: 'U0ALICE' }, actions: [] }],
])('%s is nothing of Slack, and reaches no listener', async (_what, body) => {
  const { acks, answers, audit, errors } = await send(body);
  expect(acks).toEqual([undefined]);
  expect([...answers, ...audit]).toEqual([]);
  expect(errors.join('\n')).toContain('nothing of Slack');
});

describe('turning a page', () => {
  test('is for whoever might ask for the list', async () => {
    const { acks, answers } = await press('alice', 'page:next', 'done2222 2');
    expect([acks, answers]).toEqual([[undefined], []]);
    expect((await system.store.read('done2222'))?.request.page).toBe(2);
  });

  test('is not for a guest, who reads why', async () => {
    const { answers } = await press('erin', 'page:next', 'done2222 3');
    expect(answers).toEqual([
      expect.objectContaining({ text: expect.stringContaining('"nodes"') as string }),
    ]);
    expect((await system.store.read('done2222'))?.request.page).toBe(2);
  });

  test('changes nothing of a request that shows no list', async () => {
    const { answers } = await press('alice', 'page:next', 'asks2222 2');
    expect(answers).toEqual([
      expect.objectContaining({ text: expect.stringContaining('no longer kept') as string }),
    ]);
    expect((await system.store.read('asks2222'))?.request.page).toBeUndefined();
  });
});
