import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { substitute } from '../../src/compose/interpolate.ts';
import { parseCompose } from '../../src/compose/parse.ts';
import { UserError } from '../../src/errors.ts';
import { RICH } from './rich.ts';

const web = (service: string, more = ''): string => `services: {web: {image: nginx, ${service}}}\n${more}`;
const parsed = (service: string, more = '') => {
  const { services } = parseCompose(web(service, more)).file;
  const found = services['web'];
  if (!found) throw new Error('no web');
  return found;
};
const refusal = (text: string): string => {
  try {
    parseCompose(text);
  } catch (error) {
    if (error instanceof UserError) return `${error.message} ${error.hint}`;
    throw error;
  }
  throw new Error('it was taken');
};

describe('what a compose file says in short', () => {
  test.each<[string, string, unknown]>([
    ['ports: ["80"]', 'ports', [{ target: 80, published: 0, protocol: 'tcp', mode: 'ingress' }]],
    ['ports: ["8080:80/udp"]', 'ports', [{ target: 80, published: 8080, protocol: 'udp', mode: 'ingress' }]],
    [
      'ports: ["3000-3001:4000-4001"]',
      'ports',
      [
        { target: 4000, published: 3000, protocol: 'tcp', mode: 'ingress' },
        { target: 4001, published: 3001, protocol: 'tcp', mode: 'ingress' },
      ],
    ],
    [
      'ports: [{target: 80, published: "${PORT:-8080}", mode: host}]',
      'ports',
      [{ target: 80, published: 8080, protocol: 'tcp', mode: 'host' }],
    ],
    ['command: "sh -c \'a b\' # not this"', 'command', ['sh', '-c', 'a b']],
    ['command: "say \\\\\\"hi\\\\\\" \'$$HOME\'"', 'command', ['say', '"hi"', '$HOME']],
    ['command: []', 'command', []],
    ['environment: [A=1, "B=x=y", C=]', 'environment', { A: '1', B: 'x=y', C: '' }],
    [
      'environment: {A: 1, B: true, C: 1.50, D: "${X-}"}',
      'environment',
      { A: '1', B: 'true', C: '1.5', D: '' },
    ],
    [
      'environment: {PIN: 0123, ID: 12345678901234567890}',
      'environment',
      { PIN: '0123', ID: '12345678901234567890' },
    ],
    [
      'healthcheck: {test: curl -f x, interval: 1m30s}',
      'healthcheck',
      { disable: false, test: ['CMD-SHELL', 'curl -f x'], interval: 90e9, retries: 0 },
    ],
    ['extra_hosts: {db: 10.0.0.1}', 'extra_hosts', [{ name: 'db', address: '10.0.0.1' }]],
    ['extra_hosts: ["db:::1"]', 'extra_hosts', [{ name: 'db', address: '::1' }]],
    [
      'tmpfs: "/run:size=64m,mode=1777"',
      'tmpfs',
      [expect.objectContaining({ type: 'tmpfs', target: '/run', sizeBytes: 67_108_864, mode: 0o1777 })],
    ],
    ['stop_grace_period: 1.5s', 'stop_grace_period', 1.5e9],
    [
      'ulimits: {nofile: 10, nproc: {soft: 1, hard: 2}}',
      'ulimits',
      { nofile: { soft: 10, hard: 10 }, nproc: { soft: 1, hard: 2 } },
    ],
    ['read_only: "${RO:-yes}"', 'read_only', true],
    [
      'volumes: ["/a:/b:ro,rshared"]',
      'volumes',
      [
        expect.objectContaining({
          type: 'bind',
          source: '/a',
          target: '/b',
          readOnly: true,
          propagation: 'rshared',
        }),
      ],
    ],
  ])('%s', (service, key, value) => {
    expect(parsed(service)[key as 'image']).toEqual(value);
  });

  test('a mode that begins with 0 is octal, as docker takes it', () => {
    const { configs } = parsed('configs: [{source: a, mode: 0440}]', 'configs: {a: {content: x}}');
    expect(configs).toEqual([{ source: 'a', target: '', uid: '0', gid: '0', mode: 0o440 }]);
  });

  test('merge keys and anchors', () => {
    const { services } = parseCompose(
      'x-base: &base {image: nginx, environment: &env {A: "1"}}\nservices: {a: {<<: *base, environment: {<<: *env, B: "2"}}, b: *base}',
    ).file;
    expect(services['a']).toMatchObject({ image: 'nginx', environment: { A: '1', B: '2' } });
    expect(services['b']).toMatchObject({ image: 'nginx', environment: { A: '1' } });
  });

  test('all of it together', () => {
    expect(parseCompose(RICH).ignored).toEqual([]);
  });
});

describe('what it cannot have is refused, by its place', () => {
  test.each([
    [
      'a: b: c',
      'is not valid YAML: a line holds two keys, or its indentation does not fit at line 1, column 4.',
    ],
    ['- a', 'is not a compose file'],
    ['services: {}', 'it has no services'],
    [
      web('prots: [80]'),
      'services.web has a key "prots" that the compose specification does not know (did you mean ports?)',
    ],
    ['services: {web: {build: .}}', 'services.web.image is missing'],
    [web('deploy: {replicas: many}'), 'services.web.deploy.replicas must be an integer'],
    [web('deploy: {replicas: -1}'), 'services.web.deploy.replicas'],
    [
      web('ports: ["127.0.0.1:80:80"]'),
      'services.web.ports, entry 1 does not fit: it names an address of the host',
    ],
    [web('ports: ["80:80-90"]'), 'both of its ranges must have the same length'],
    [web('ports: ["99999:80"]'), 'a port is a number from 1 to 65535'],
    [web('volumes: [./html:/srv]'), 'a path from a node must begin with /'],
    [web('volumes: ["data:/srv"]'), 'services.web uses the volume data, which the file does not declare'],
    [web('networks: [front]'), 'services.web uses the network front, which the file does not declare'],
    [
      web('configs: [constructor]'),
      'services.web uses the config constructor, which the file does not declare',
    ],
    [web('environment: [TOKEN]'), 'TOKEN of web'],
    [web('environment: ["my secret"]'), 'an entry of web'],
    [web('privileged: true'), 'services.web.privileged: Swarm has no such setting'],
    [web('network_mode: host'), 'services.web.network_mode: name the network under networks'],
    [
      web('env_file: .env'),
      'services.web.env_file: a file on somebody’s own machine cannot be had from chat',
    ],
    [web('mem_limit: 1g'), 'services.web.mem_limit: set it under deploy.resources'],
    [web('links: ["db:database"]'), 'services.web.links: give the other service that name as an alias'],
    [web('profiles: [debug]'), 'services.web.profiles'],
    [web('image: "a:$TAG"').replace('image: nginx, ', ''), 'needs a variable that has no value here: TAG.'],
    [web('command: "${A?missing} $B ${C:?}"'), 'A, B, C'],
    [web('command: "cost: 5$"'), 'A dollar sign begins no variable at services.web.command'],
    [web('deploy: {mode: global, replicas: 2}'), 'is global and has a number of replicas'],
    [web('stop_grace_period: soon'), 'services.web.stop_grace_period must be a span of time'],
    [web('', 'configs: {a: {file: ./a.conf}}'), 'configs.a.file'],
    [
      web('', 'secrets: {a: {file: ./a.key}}'),
      'create it with "docker secret create" and declare it external',
    ],
    [web('', 'secrets: {a: {content: hush}}'), 'a secret must not go through chat'],
    [web('', 'include: [other.yml]'), 'include: a file on somebody’s own machine'],
    [
      `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: [*d, *d, *d]`,
      'uses its YAML aliases far too often',
    ],
    ['services:\n  web:\n    <<: all of it', 'merges ("<<") something that is no mapping'],
    ['x'.repeat(1024 * 1024 + 1), 'is larger than 1 MiB'],
  ])('%#', (text, says) => {
    expect(refusal(text)).toContain(says);
  });

  test('without the values that stand there', () => {
    for (const text of [
      web('environment: {PASSWORD: [hunter2]}'),
      web('environment: {PASSWORD: "hunter2 $"}'),
      web('environment: {PASSWORD: "hunter2 ${"}'),
      web('environment: {PASSWORD: hunter2}, ports: [x]'),
      'services: {web: {environment: {PASSWORD: hunter2',
      'services:\n  web:\n   environment: hunter2: x',
      web('command: "hunter2 \'"'),
    ])
      expect(refusal(text)).not.toContain('hunter2');
  });
});

test('what a stack leaves out is named', () => {
  const { ignored } = parseCompose(
    'services: {web: {image: a, build: ., container_name: x, depends_on: {db: {condition: service_healthy}}, links: [db]}, db: {image: b, privileged: false, expose: [1]}}',
  );
  expect(ignored.map(({ path, verdict }) => `${path} ${verdict}`)).toEqual([
    'services.web.build ignored',
    'services.web.container_name ignored',
    'services.web.depends_on ignored',
    'services.web.links ignored',
    'services.db.expose ignored',
  ]);
});

describe('variables', () => {
  test.each([
    ['$$A', '$A', []],
    ['${A:-x}', 'x', []],
    ['${A-}', '', []],
    ['${A:-${B:-c}d}', 'cd', []],
    ['${A:-${B}}', '', ['B']],
    ['${A:+x}y', 'y', []],
    ['a${A}b$C', 'ab', ['A', 'C']],
    ['${A:-a$$b}', 'a$b', []],
    ['100%', '100%', []],
  ])('%s', (template, text, names) => {
    expect(substitute(template)).toEqual({ text, names, ok: true });
  });

  test.each(['$', 'a$ b', '${', '${}', '${1}', '${A', '$1', '${A!x}'])('%s begins none', (template) => {
    expect(substitute(template).ok).toBe(false);
  });

  test('a text with its dollar signs doubled stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', '-', ' ') }), (text) => {
        expect(substitute(text.replaceAll('$', '$$$$'))).toEqual({ text, names: [], ok: true });
      }),
    );
  });
});

test('any text is taken or refused with a sentence', () => {
  const piece = fc.constantFrom(
    'services:',
    ' web:',
    '  image: a',
    '  ports: [80]',
    '&a ',
    '*a',
    '- ',
    '{',
    '}',
    '"',
    '$',
    '${A:-b}',
    '\n',
    '\t',
    '<<: ',
    '? ',
    '!!js ',
    '__proto__: 1',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece).map((all) => all.join('')),
        fc.string(),
      ),
      (text) => {
        expect(['a stack', 'a refusal']).toContain(outcomeOf(text));
      },
    ),
  );
});

function outcomeOf(text: string): unknown {
  try {
    return parseCompose(text).file.services ? 'a stack' : 'nothing';
  } catch (error) {
    return error instanceof UserError ? 'a refusal' : error;
  }
}
