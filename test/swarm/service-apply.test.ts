import { describe, expect, test } from 'vitest';
import { CHAT_SCALE_LABEL } from '../../src/swarm/chat-scale.ts';
import { applyChange, specOf } from '../../src/swarm/service-apply.ts';
import type { FieldChange, NewService, ServiceChange } from '../../src/swarm/service-changes.ts';
import { changedMeanwhile, differences, fieldsOf, tagged } from '../../src/swarm/service-fields.ts';
import { specJson } from '../../src/swarm/service-spec.ts';
import type { RawSpec } from '../../src/swarm/service-spec.ts';

const NAMES = new Map([['net1', 'backend']]);
const fields = (spec: RawSpec) => fieldsOf(specJson.parse(spec), NAMES);

const SPEC: RawSpec & { UnknownToUs: object } = {
  Name: 'websky',
  Labels: { team: 'web' },
  UnknownToUs: { Deep: [1] },
  TaskTemplate: {
    ContainerSpec: {
      Image: `my-apache2:latest@sha256:${'0'.repeat(64)}`,
      Env: ['PASSWORD=old', 'MODE=a'],
      Args: ['-f'],
    },
    Placement: { Constraints: ['node.role == worker'] },
    Networks: [{ Target: 'net1' }],
    Resources: { Limits: { MemoryBytes: 64 * 1024 ** 2 } },
  },
  Mode: { Replicated: { Replicas: 3 } },
  EndpointSpec: {
    Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' }],
  },
};

const told = (changes: FieldChange[]) =>
  changes.map(({ field, from, to, secret }) => `${field}: ${secret ? '(secret) ' : ''}${from} -> ${to}`);

const apply = (change: ServiceChange, spec = SPEC) => applyChange(spec, change, 1);
const effect = (change: ServiceChange) => told(differences(fields(SPEC), fields(apply(change))));
const port = (published: number, target: number, mode: 'ingress' | 'host' = 'ingress') => ({
  target,
  published,
  protocol: 'tcp' as const,
  mode,
});

describe('an update', () => {
  test.each<[title: string, change: ServiceChange, effect: string[]]>([
    ['image', { image: 'my-apache2:2' }, ['image: my-apache2:latest -> my-apache2:2']],
    ['the same image without its tag and digest', { image: 'my-apache2' }, []],
    ['replicas', { replicas: 6 }, ['replicas: 3 -> 6']],
    ['the same number of replicas', { replicas: 3 }, []],
    [
      'environment: added, replaced and taken away, never its values',
      { envAdd: ['PASSWORD=new', 'LEVEL=1'], envRm: ['MODE'] },
      ['env PASSWORD: (secret)  -> ', 'env LEVEL: (secret) null -> ', 'env MODE: (secret)  -> null'],
    ],
    ['the same value again', { envAdd: ['MODE=a'] }, []],
    ['a name that is not there', { envRm: ['NOTHING'] }, []],
    [
      'labels',
      { labelAdd: { zone: 'a', team: 'ops' }, labelRm: ['nothing'] },
      ['label team: web -> ops', 'label zone: null -> a'],
    ],
    [
      'constraints, however they are spaced',
      { constraintAdd: ['node.labels.zone==a', 'node.role==worker'], constraintRm: ['node.role==worker'] },
      ['constraint node.labels.zone==a: null -> set'],
    ],
    [
      'a constraint taken away',
      { constraintRm: ['node.role==worker'] },
      ['constraint node.role==worker: set -> null'],
    ],
    [
      'ports: one more, one less',
      { publishAdd: [port(8443, 443)], publishRm: [80] },
      ['port 8443:443/tcp: null -> on every node', 'port 8080:80/tcp: on every node -> null'],
    ],
    [
      'the same port in host mode replaces the one through the mesh',
      { publishAdd: [port(8080, 80, 'host')] },
      ['port 8080:80/tcp: on every node -> on each host'],
    ],
    ['the same port again', { publishAdd: [port(8080, 80)] }, []],
    [
      'amounts; those not named stay',
      { limit: { cpus: 0.5 }, reserve: { memoryBytes: 32 * 1024 ** 2 } },
      ['reserved memory: null -> 32 MiB', 'most processors: null -> 0.5'],
    ],
    ['a limit taken away', { limit: { memoryBytes: 0 } }, ['most memory: 64 MiB -> null']],
    ['most per node', { maxPerNode: 2 }, ['most per node: null -> 2']],
    [
      'how updates go',
      {
        update: {
          parallelism: 2,
          delayMs: 10_000,
          failureAction: 'rollback',
          order: 'start-first',
          monitorMs: 1000,
        },
      },
      [
        'update parallelism: null -> 2',
        'update delay: null -> 10 s',
        'update monitor: null -> 1 s',
        'on failure of an update: null -> rollback',
        'update order: null -> start-first',
      ],
    ],
    // Beside what is named the engine would take zero for "all at once" and "no monitor".
    ['only the delay between tasks', { update: { delayMs: 1000 } }, ['update delay: null -> 1 s']],
    ['args', { args: ['-f', '-p', '80'] }, ['args: (secret)  -> ']],
    ['by force', { force: true }, ['forced updates: null -> 1']],
  ])('%s', (_title, change, expected) => {
    expect(effect(change)).toEqual(expected);
  });

  test('what is not named goes back as it came, and the spec that was read stays as it was', () => {
    const before = structuredClone(SPEC);
    const next = apply({ image: 'my-apache2:2' });
    expect(next).toEqual({
      ...SPEC,
      TaskTemplate: {
        ...SPEC.TaskTemplate,
        ContainerSpec: { ...SPEC.TaskTemplate.ContainerSpec, Image: 'my-apache2:2' },
      },
    });
    expect(SPEC).toEqual(before);
    // A digest stays with an image that is not changed.
    expect(apply({ image: 'my-apache2:latest' })).toEqual(SPEC);
  });

  test('replicas that are set from chat are kept in a label that nobody needs to see', () => {
    expect(apply({ replicas: 6 }).Labels).toEqual({ team: 'web', [CHAT_SCALE_LABEL]: '6' });
    expect(apply({ replicas: 3 })).toEqual(SPEC);
  });

  test('applied again after a crash it changes nothing more, also by force', () => {
    const change: ServiceChange = {
      image: 'x:2',
      envAdd: ['A=1'],
      publishAdd: [port(1, 1)],
      constraintAdd: ['node.id==x'],
      force: true,
    };
    const once = apply(change);
    expect(applyChange(once, change, 1)).toEqual(once);
    expect(applyChange(once, change, 2).TaskTemplate.ForceUpdate).toBe(2);
  });
});

describe('what somebody else changed meanwhile', () => {
  const meanwhile = (theirs: ServiceChange, ours: ServiceChange) => {
    const now = apply(theirs);
    return told(changedMeanwhile(fields(SPEC), fields(now), fields(applyChange(now, ours, 1))));
  };

  test.each<[title: string, theirs: ServiceChange, ours: ServiceChange, told: string[]]>([
    ['the same field', { image: 'x:9' }, { image: 'x:2' }, ['image: my-apache2:latest -> x:9']],
    ['another field', { replicas: 9 }, { image: 'x:2' }, []],
    ['the same to the same', { image: 'x:2' }, { image: 'x:2' }, []],
    [
      'the same variable, without its values',
      { envAdd: ['MODE=b'] },
      { envAdd: ['MODE=c'] },
      ['env MODE: (secret)  -> '],
    ],
    ['another variable', { envAdd: ['PASSWORD=b'] }, { envAdd: ['MODE=c'] }, []],
    ['nothing', {}, { image: 'x:2', replicas: 5 }, []],
  ])('%s', (_title, theirs, ours, expected) => {
    expect(meanwhile(theirs, ours)).toEqual(expected);
  });

  test('marks of another process are not compared: only what came and went', () => {
    const theirs = { ...fields(apply({ envAdd: ['MODE=b', 'NEW=1'] })), by: 'another process' };
    expect(told(differences(fields(SPEC), theirs))).toEqual(['env NEW: (secret) null -> ']);
  });
});

test('no value of the environment, no word of a command is in the fields', () => {
  const text = JSON.stringify(
    fields(apply({ envAdd: ['PASSWORD=open sesame'], args: ['--password', 'sesame'] })),
  );
  expect(text).toContain('env PASSWORD');
  expect(text).not.toMatch(/sesame|old/);
});

const NEW: NewService = {
  name: 'websky',
  image: 'my-apache2',
  replicas: 3,
  env: ['PASSWORD=x'],
  labels: { team: 'web' },
  constraints: ['node.role == worker'],
  ports: [port(8080, 80, 'host')],
  mounts: [{ type: 'bind', source: '/srv', target: '/www', readOnly: true }],
  networks: ['backend'],
  reserve: { cpus: 0.5 },
  limit: { memoryBytes: 2 ** 26 },
  maxPerNode: 2,
  restart: 'on-failure',
  args: ['-f'],
};

describe('a new service', () => {
  test('as the engine takes it', () => {
    expect(specOf(NEW)).toEqual({
      Name: 'websky',
      Labels: { team: 'web' },
      TaskTemplate: {
        ContainerSpec: {
          Image: 'my-apache2:latest',
          Env: ['PASSWORD=x'],
          Args: ['-f'],
          Mounts: [{ Type: 'bind', Source: '/srv', Target: '/www', ReadOnly: true }],
        },
        Resources: { Limits: { MemoryBytes: 2 ** 26 }, Reservations: { NanoCPUs: 5e8 } },
        RestartPolicy: { Condition: 'on-failure' },
        Placement: { Constraints: ['node.role==worker'], MaxReplicas: 2 },
        Networks: [{ Target: 'backend' }],
      },
      Mode: { Replicated: { Replicas: 3 } },
      EndpointSpec: {
        Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' }],
      },
    });
  });

  test('what is left out is left to the engine', () => {
    const bare: NewService = {
      name: 'agent',
      image: 'a:1',
      replicas: null,
      env: [],
      labels: {},
      constraints: [],
      ports: [],
      mounts: [],
      networks: [],
      reserve: {},
      limit: {},
      maxPerNode: 0,
    };
    expect(specOf(bare)).toEqual({
      Name: 'agent',
      Labels: {},
      TaskTemplate: { ContainerSpec: { Image: 'a:1' } },
      Mode: { Global: {} },
    });
  });

  test('compared with the one that is there, by what the engine has made of it', () => {
    const there = specOf(NEW);
    const template = there.TaskTemplate;
    const filledIn = {
      ...there,
      TaskTemplate: {
        ...template,
        ContainerSpec: { ...template.ContainerSpec, Isolation: 'default', StopGracePeriod: 1e10 },
        RestartPolicy: { Condition: 'on-failure', Delay: 5e9, MaxAttempts: 0 },
        Networks: [{ Target: 'net1' }],
        ForceUpdate: 0,
        Runtime: 'container',
      },
      UpdateConfig: {
        Parallelism: 1,
        FailureAction: 'pause',
        Monitor: 5e9,
        MaxFailureRatio: 0,
        Order: 'stop-first',
      },
    };
    expect(differences(fields(filledIn), fields(there))).toEqual([]);
    expect(
      told(differences(fields(filledIn), fields(specOf({ ...NEW, replicas: 4, env: ['PASSWORD=y'] })))),
    ).toEqual(['replicas: 3 -> 4', 'env PASSWORD: (secret)  -> ']);
  });
});

test.each([
  ['my-apache2', 'my-apache2:latest'],
  ['my-apache2:2', 'my-apache2:2'],
  ['registry:5000/app', 'registry:5000/app:latest'],
  ['registry:5000/app:1', 'registry:5000/app:1'],
  ['app@sha256:abc', 'app@sha256:abc'],
])('an image without a tag is its latest: %s', (given, expected) => {
  expect(tagged(given)).toBe(expected);
});
