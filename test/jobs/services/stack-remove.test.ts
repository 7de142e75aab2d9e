import { expect, test } from 'vitest';
import type { JobContext } from '../../../src/jobs/define.ts';
import { stackRemove } from '../../../src/jobs/stack-remove.ts';
import type { StackState } from '../../../src/swarm/stack-shapes.ts';

/** A stack of one service with these mounts, as the engine has them. */
function contextWith(Mounts: object[] | undefined): JobContext {
  const spec = { TaskTemplate: { ContainerSpec: Mounts === undefined ? {} : { Mounts } } };
  const state: StackState = {
    services: [{ id: 's1', name: 'shop_web', spec }],
    otherServices: [],
    networks: [],
    configs: [],
    secrets: [],
  };
  const context = {
    signal: new AbortController().signal,
    recall: (_key: string, find: () => unknown) => find(),
    step: (_title: string, work: (step: object) => unknown) =>
      work({ say: () => {}, fail: () => {}, act: (_what: string, change: () => unknown) => change() }),
    swarm: {
      stackState: () => Promise.resolve(state),
      stackTasks: () => Promise.resolve({ live: 0, lost: 0 }),
      removeStackPart: () => Promise.resolve('removed'),
    },
  };
  return context as unknown as JobContext;
}

const data = { Type: 'volume', Source: 'shop_data', Target: '/data' };

test.each<[string, object[] | undefined, string[]]>([
  ['no mounts', undefined, []],
  ['a volume, mounted twice', [data, { ...data, Target: '/more' }], ['shop_data']],
  ['a directory, and a volume without a name', [{ Type: 'bind', Source: '/etc' }, { Type: 'volume' }], []],
])('volumes that are kept: %s', async (_title, mounts, volumes) => {
  const removed = await stackRemove.run({ stack: 'shop', deadlineMs: 1000 }, contextWith(mounts));
  expect(removed).toMatchObject({ removed: [{ name: 'shop_web' }], left: [], volumes });
});
