import { expect, it } from 'vitest';
import type { Engine } from '../../src/hosts/engine.ts';
import { Secret } from '../../src/secret.ts';
import type { Ask } from '../../src/swarm/ask.ts';
import { basesOf, type ServiceBasis } from '../../src/swarm/bases.ts';

const PASSWORD = 'PASSWORD=hunter2';

const MARK = expect.stringMatching(/^[0-9a-f]{12}$/) as unknown;

interface Given {
  service: Record<string, unknown>;
  worker: string;
}

/** A manager that answers with one service, `web`, and these tokens. */
function bases({ service = {}, worker = 'SWMTKN-1-ca-worker' }: Partial<Given> = {}, key = 'of all workers') {
  const engine = {
    getService: () => ({ inspect: () => Promise.resolve(service) }),
    listNetworks: () => Promise.resolve([]),
    swarmInspect: () =>
      Promise.resolve({ ID: 'swarm', JoinTokens: { Worker: worker, Manager: 'SWMTKN-1-ca-manager' } }),
  } as unknown as Engine;
  const ask: Ask = async (_what, _signal, question) => await question(engine, new AbortController().signal);
  return basesOf(ask, new Secret(key));
}

const web = (change: object = {}, spec: object = {}) => ({
  ID: 'web-id',
  Version: { Index: 7 },
  CreatedAt: '2024-01-01T00:00:00Z',
  UpdatedAt: '2024-01-01T00:00:00Z',
  Spec: {
    Name: 'web',
    Labels: { team: 'a', 'com.docker.stack.namespace': 'shop' },
    TaskTemplate: {
      ContainerSpec: { Image: 'web:1@sha256:0123', Env: [PASSWORD], Args: ['--token', 'hunter3'] },
      ForceUpdate: 0,
    },
    Mode: { Replicated: { Replicas: 2 } },
    EndpointSpec: { Mode: 'vip', Ports: [{ TargetPort: 80, PublishedPort: 8080 }] },
    ...spec,
  },
  ...change,
});

const container = (change: object) => ({
  TaskTemplate: {
    ContainerSpec: {
      Image: 'web:1@sha256:0123',
      Env: [PASSWORD],
      Args: ['--token', 'hunter3'],
      ...change,
    },
    ForceUpdate: 0,
  },
});

async function basis(service: Given['service'], key?: string): Promise<ServiceBasis> {
  const [found] = await bases({ service }, key).serviceBases(['web']);
  if (!found) throw new Error('no basis');
  return found;
}

it('tells what people have set, and marks what may be secret', async () => {
  expect(await basis(web())).toEqual({
    id: 'web-id',
    name: 'web',
    createdAt: '2024-01-01T00:00:00Z',
    stack: 'shop',
    fields: {
      image: 'web:1',
      replicas: '2',
      'label team': 'a',
      'label com.docker.stack.namespace': 'shop',
      'port 8080:80/tcp': 'on every node',
    },
    env: { names: ['PASSWORD'], mark: MARK },
    mark: MARK,
  });
  expect(JSON.stringify(await basis(web()))).not.toContain('hunter');
});

it('is the same while the swarm itself writes to the service, and whatever engine tells of it', async () => {
  const first = await basis(web());
  const busy = web({
    Version: { Index: 99 },
    UpdatedAt: '2024-02-02T00:00:00Z',
    UpdateStatus: { State: 'updating', StartedAt: '2024-02-02T00:00:00Z' },
    PreviousSpec: web().Spec,
    Endpoint: { VirtualIPs: [{ NetworkID: 'n', Addr: '10.0.0.2/24' }] },
    ServiceStatus: { RunningTasks: 1, DesiredTasks: 2 },
  });
  expect(await basis(busy)).toEqual(first);
  const reversed = { ...web(), Spec: Object.fromEntries(Object.entries(web().Spec).toReversed()) };
  expect(
    await basis({ ...reversed, Spec: { ...reversed.Spec, RollbackConfig: {}, Networks: null } }),
  ).toEqual({
    ...first,
    fields: expect.objectContaining(first.fields) as unknown,
  });
});

it('is another one with anything that somebody sets', async () => {
  const first = await basis(web());
  const differs = async (spec: object) => {
    const { fields, env, mark } = await basis(web({}, spec));
    return {
      fields: JSON.stringify(fields) !== JSON.stringify(first.fields),
      env: env.mark !== first.env.mark,
      rest: mark !== first.mark,
    };
  };
  expect(await differs({})).toEqual({ fields: false, env: false, rest: false });
  expect(await differs({ Mode: { Replicated: { Replicas: 3 } } })).toEqual({
    fields: true,
    env: false,
    rest: false,
  });
  expect(await differs(container({ Image: 'web:2@sha256:0123' }))).toEqual({
    fields: true,
    env: false,
    rest: false,
  });
  expect(await differs(container({ Image: 'web:1@sha256:9999' }))).toEqual({
    fields: false,
    env: false,
    rest: true,
  });
  expect(await differs(container({ Env: ['PASSWORD=hunter4'] }))).toEqual({
    fields: false,
    env: true,
    rest: false,
  });
  expect(await differs(container({ Args: ['--token', 'hunter5'] }))).toEqual({
    fields: false,
    env: false,
    rest: true,
  });
  expect(await differs(container({ Privileges: { NoNewPrivileges: true } }))).toMatchObject({ rest: true });
  expect(await differs({ TaskTemplate: { ...web().Spec.TaskTemplate, ForceUpdate: 1 } })).toEqual({
    fields: true,
    env: false,
    rest: false,
  });
});

it('marks are compared between workers that share the key, and say nothing to anybody else', async () => {
  const [one, same, other] = [await basis(web()), await basis(web()), await basis(web(), 'of somebody else')];
  expect(same).toEqual(one);
  expect(other.mark).not.toBe(one.mark);
  expect(other.env.mark).not.toBe(one.env.mark);
  const worker = await bases().tokenMark('worker');
  expect(worker).toMatch(/^[0-9a-f]{12}$/);
  expect(await bases().tokenMark('worker')).toBe(worker);
  expect(await bases().tokenMark('manager')).not.toBe(worker);
  expect(await bases({ worker: 'SWMTKN-1-ca-rotated' }).tokenMark('worker')).not.toBe(worker);
  expect(await bases({}, 'of somebody else').tokenMark('worker')).not.toBe(worker);
});
