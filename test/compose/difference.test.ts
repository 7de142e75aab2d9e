import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basisOf, changedSince } from '../../src/compose/basis.ts';
import { convert, type StackSpec } from '../../src/compose/convert.ts';
import { difference, isSame } from '../../src/compose/difference.ts';
import { parseCompose } from '../../src/compose/parse.ts';
import { settle } from '../../src/compose/settle.ts';
import type { StackState } from '../../src/swarm/stack-shapes.ts';
import { RICH } from './rich.ts';

const EMPTY: StackState = { services: [], otherServices: [], networks: [], configs: [], secrets: [] };
const specOf = (text: string): StackSpec => convert('shop', parseCompose(text).file);

/** What a manager has once this was deployed: networks by ID, as it keeps them. */
function deployed(spec: StackSpec): StackState {
  const networks = [...spec.networks.map(({ Name }) => Name), ...spec.external.networks].map((name) => {
    const own = spec.networks.find(({ Name }) => Name === name);
    return {
      id: `id-of-${name}`,
      name,
      scope: 'swarm',
      driver: own?.Driver ?? 'overlay',
      internal: own?.Internal ?? false,
      attachable: own?.Attachable ?? false,
      subnets: (own?.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
      stack: own ? 'shop' : '',
    };
  });
  const configs = spec.configs.map(({ Name, Data }) => ({
    id: `id-of-${Name}`,
    name: Name,
    stack: 'shop',
    data: Data,
  }));
  const state = { ...EMPTY, networks, configs };
  return {
    ...state,
    services: spec.services.map((service) => {
      const sent = JSON.parse(JSON.stringify(settle(service, undefined, state))) as ReturnType<typeof settle>;
      for (const network of sent.TaskTemplate.Networks) network.Target = `id-of-${network.Target}`;
      return { id: `id-of-${service.Name}`, name: service.Name, spec: sent };
    }),
  };
}
const compare = (before: string, after: string, prune = false) =>
  difference('shop', specOf(after), deployed(specOf(before)), prune);
const told = (before: string, after: string): string[] =>
  compare(`services: {web: {image: a, ${before}}}`, `services: {web: {image: a, ${after}}}`).services.flatMap(
    ({ changes }) => changes,
  );

test('what was deployed from a file does not differ from it', () => {
  const found = compare(RICH, RICH);
  expect(found.services.flatMap(({ changes }) => changes)).toEqual([]);
  expect([isSame(found), found.problems, found.warnings]).toEqual([true, [], []]);
});

test('nor does any other file, parsed twice', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
  const service = fc.record(
    {
      image: word,
      command: fc.array(word),
      environment: fc.dictionary(word, fc.oneof(word, fc.integer(), fc.constant('a b=c'))),
      labels: fc.dictionary(word, word),
      ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }).map((port) => `${port}:${port}`)),
      cap_add: fc.uniqueArray(fc.constantFrom('NET_ADMIN', 'cap_sys_time', 'ALL')),
      restart: fc.constantFrom('no', 'always', 'on-failure:3', 'unless-stopped'),
      init: fc.boolean(),
      user: word,
      dns: fc.uniqueArray(fc.ipV4()),
      stop_grace_period: fc.constantFrom('1s', '1m', '500ms'),
      tmpfs: fc.constantFrom('/run', '/run:size=1m'),
      deploy: fc.record(
        {
          replicas: fc.nat(9),
          labels: fc.dictionary(word, word),
          endpoint_mode: fc.constant('vip'),
          update_config: fc.record(
            { parallelism: fc.nat(3), delay: fc.constant('1s') },
            { requiredKeys: [] },
          ),
          restart_policy: fc.record(
            { condition: fc.constantFrom('none', 'any'), delay: fc.constant('3s') },
            { requiredKeys: [] },
          ),
          resources: fc.record({ limits: fc.constant({ cpus: '0.5', memory: '64M' }) }, { requiredKeys: [] }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['image'] },
  );
  fc.assert(
    fc.property(fc.dictionary(word, service, { minKeys: 1, maxKeys: 4 }), (services) => {
      const text = JSON.stringify({ services }).replaceAll('$', '$$$$');
      const found = compare(text, text);
      expect(found.services.flatMap(({ changes }) => changes)).toEqual([]);
      expect(isSame(found)).toBe(true);
    }),
  );
});

describe('a field that differs is told', () => {
  test.each([
    [
      'ports: ["80:80"]',
      'ports: ["81:80", {target: 443, mode: host}]',
      ['ports: 80:80/tcp → *:443/tcp (host), 81:80/tcp'],
    ],
    ['deploy: {replicas: 2}', 'deploy: {replicas: 5}', ['replicas: 2 → 5']],
    [
      'environment: {A: "1", B: "2", C: "3"}',
      'environment: {B: "2", C: hunter2, D: "4"}',
      ['environment: A removed, C changed, D added'],
    ],
    ['command: run hunter1', 'command: run hunter2', ['command changed']],
    ['labels: {a: hunter1}', 'labels: {a: hunter2}', ['container labels: a changed']],
    [
      'deploy: {resources: {limits: {memory: 64M}}}',
      'deploy: {resources: {limits: {cpus: "0.5"}}}',
      ['CPU limit: none → 0.5 CPU', 'memory limit: 64 MiB → none'],
    ],
    [
      'restart: always',
      'deploy: {restart_policy: {condition: none}}',
      ['restart policy: any after 5 s → none after 5 s'],
    ],
    ['healthcheck: {test: hunter1}', 'healthcheck: {disable: true}', ['healthcheck changed']],
    ['volumes: [/a:/b]', 'volumes: ["/a:/b:ro"]', ['mounts: /a at /b → /a at /b read-only']],
    [
      '',
      'deploy: {placement: {constraints: [node.role == manager]}}',
      ['constraints: none → node.role == manager'],
    ],
    ['user: a', '', ['user: a → none']],
    ['init: true', '', ['init: true → as the engine has it']],
  ])('%s, then %s', (before, after, changes) => {
    expect(told(before, after)).toEqual(changes);
    expect(JSON.stringify(told(before, after))).not.toContain('hunter');
  });
});

describe('images', () => {
  const running = (image: string, text: string) => {
    const spec = specOf(text);
    const state = deployed(spec);
    const [service] = state.services;
    const template = service?.spec['TaskTemplate'] as { ContainerSpec: { Image: string } };
    template.ContainerSpec.Image = image;
    return difference('shop', spec, state, false).services[0]?.changes;
  };
  const digest = `@sha256:${'a'.repeat(64)}`;

  test.each([
    [`nginx:1.25${digest}`, 'nginx:1.25', []],
    [`nginx:latest${digest}`, 'nginx', []],
    ['localhost:5000/app:latest', 'localhost:5000/app', []],
    [`nginx:1.24${digest}`, 'nginx:1.25', ['image: nginx:1.24@aaaaaaaaaaaa → nginx:1.25']],
    ['nginx:1.25', `nginx:1.25${digest}`, ['image: nginx:1.25 → nginx:1.25@aaaaaaaaaaaa']],
  ])('%s for %s', (image, wanted, changes) => {
    expect(running(image, `services: {web: {image: "${wanted}"}}`)).toEqual(changes);
  });
});

describe('what cannot be deployed, and what would surprise', () => {
  const one = 'services: {web: {image: a}}';

  test('a name that others have', () => {
    const taken = { ...EMPTY, otherServices: ['shop_web'] };
    expect(difference('shop', specOf(one), taken, false).problems).toEqual([
      'A service called shop_web runs already and does not belong to the stack shop.',
    ]);
    const network = { ...deployed(specOf(one)), services: [] };
    for (const entry of network.networks) entry.stack = 'other';
    expect(difference('shop', specOf(one), network, false).problems[0]).toContain(
      'A network called shop_default is there already',
    );
  });

  test('a name that no service can have', () => {
    const text = `services: {${'a'.repeat(60)}: {image: a}}`;
    expect(difference('shop', specOf(text), EMPTY, false).problems[0]).toContain(
      'cannot be the name of a service',
    );
  });

  test('a network that never changes is left as it is, and that is said', () => {
    const found = compare(
      'services: {web: {image: a, networks: [front]}}\nnetworks: {front: }',
      'services: {web: {image: a, networks: [front]}}\nnetworks: {front: {attachable: true, driver: macvlan}}',
    );
    expect(found.networks).toEqual([
      {
        name: 'shop_front',
        action: 'keep',
        note: expect.stringContaining('differs in its driver, being attachable') as string,
      },
    ]);
  });

  test('services that the file does not have', () => {
    const two = 'services: {web: {image: a}, old: {image: b}}';
    const actions = (prune: boolean) =>
      compare(two, one, prune).services.map(({ name, action }) => `${name} ${action}`);
    expect(actions(false)).toEqual(['shop_web keep', 'shop_old left']);
    expect(actions(true)).toEqual(['shop_web keep', 'shop_old remove']);
  });
});

describe('what has changed since a plan', () => {
  const before = 'services: {web: {image: a}, api: {image: b, environment: {A: "1"}}}';
  const after = 'services: {web: {image: a2}, api: {image: b, environment: {A: "1"}}}';
  const since = (now: string, prune = false) =>
    changedSince(
      basisOf(after, deployed(specOf(before))),
      after,
      specOf(after),
      deployed(specOf(now)),
      prune,
    );

  test.each([
    ['nothing', before, []],
    ['what the deploy itself has done', after, []],
    ['an image', before.replace('image: b', 'image: c'), ['shop_api was changed: its image from b to c.']],
    ['something else', before.replace('"1"', '"2"'), ['shop_api was changed.']],
    ['a service that is gone', 'services: {web: {image: a}}', ['shop_api was removed.']],
    [
      'one that came',
      before.replace('services: {', 'services: {new: {image: x}, '),
      ['shop_new was created.'],
    ],
  ])('%s', (_title, now, told) => {
    expect(since(now)).toEqual(told);
  });

  test('is kept so that nobody can try passwords on it without the file', () => {
    const [one, other] = ['x', 'y'].map(
      (text) => basisOf(text, deployed(specOf(before)))['shop_api']?.digest,
    );
    expect(one).not.toEqual(other);
  });
});
