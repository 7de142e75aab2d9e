import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import type { Engine } from '../../src/hosts/engine.ts';
import { CHAT_SCALE_LABEL, chatScale } from '../../src/swarm/chat-scale.ts';
import { removeNode } from '../../src/swarm/change-node.ts';
import { scaleService } from '../../src/swarm/change-service.ts';

const signal = new AbortController().signal;
const outOfSequence = new Error(
  '(HTTP code 500) server error - rpc error: code = Unknown desc = update out of sequence',
);

/** An engine with one service that somebody else changes before each of the first `races` updates. */
function contested(races: number) {
  const spec = {
    Name: 'websky',
    Labels: { keep: 'me' },
    UnknownToUs: { Deep: [1, { Fine: true }] },
    Mode: { Replicated: { Replicas: 2, NewField: 1 } },
  };
  let index = 10;
  let lost = 0;
  const updates: { version: number; body: unknown }[] = [];
  const inspect = () => Promise.resolve({ ID: 's1', Version: { Index: index }, Spec: structuredClone(spec) });
  const update = ({ _query, _body }: { _query: { version: number }; _body: object }) => {
    if (lost < races) {
      lost++;
      index++;
    }
    if (_query.version !== index) return Promise.reject(outOfSequence);
    updates.push({ version: _query.version, body: _body });
    return Promise.resolve({});
  };
  return { engine: { getService: () => ({ inspect, update }) } as unknown as Engine, updates, spec };
}

test('the whole spec goes back with only the replicas changed', async () => {
  const { engine, updates, spec } = contested(0);
  await expect(scaleService(engine, 'websky', 5, signal)).resolves.toEqual({ from: 2, to: 5 });
  expect(updates).toEqual([
    { version: 10, body: { ...spec, Mode: { Replicated: { Replicas: 5, NewField: 1 } } } },
  ]);
});

test('nothing is sent when the number is right already', async () => {
  const { engine, updates } = contested(0);
  await expect(scaleService(engine, 'websky', 2, signal)).resolves.toEqual({ from: 2, to: 2 });
  expect(updates).toEqual([]);
});

test('a number that was set from chat is kept with the service', async () => {
  const { engine, updates, spec } = contested(0);
  await scaleService(engine, 'websky', 5, signal, { fromChat: true });
  expect(updates).toEqual([
    {
      version: 10,
      body: {
        ...spec,
        Labels: { keep: 'me', [CHAT_SCALE_LABEL]: '5' },
        Mode: { Replicated: { Replicas: 5, NewField: 1 } },
      },
    },
  ]);
  expect(chatScale({ [CHAT_SCALE_LABEL]: '5' }, 5)).toBe(5);
  // Scaled since by other means, or never from chat.
  expect(chatScale({ [CHAT_SCALE_LABEL]: '5' }, 2)).toBeUndefined();
  expect(chatScale({}, 5)).toBeUndefined();
});

test('after a lost race the same intent is applied to what is there now', async () => {
  const { engine, updates } = contested(3);
  await expect(scaleService(engine, 'websky', 5, signal)).resolves.toEqual({ from: 2, to: 5 });
  expect(updates.map(({ version }) => version)).toEqual([13]);
});

test('a race that is always lost is given up, and said', async () => {
  const thrown: unknown = await scaleService(contested(100).engine, 'websky', 5, signal).catch(
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(UserError);
  expect((thrown as UserError).message).toContain('was changed by somebody else');
});

test.each([
  [
    "rpc error: code = FailedPrecondition desc = node x is not down and can't be removed",
    'it is not down yet',
    '17 s',
  ],
  [
    'rpc error: code = FailedPrecondition desc = node x is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal',
    'it is a manager',
    'Demote',
  ],
])('removing a node: %s', async (text, why, hint) => {
  const remove = () => Promise.reject(Object.assign(new Error(text), { statusCode: 400 }));
  const engine = { getNode: () => ({ remove }) } as unknown as Engine;
  await expect(removeNode(engine, 'x', signal)).rejects.toMatchObject({
    message: expect.stringContaining(why) as string,
    hint: expect.stringContaining(hint) as string,
  });
});
