import { describe, expect, test } from 'vitest';
import { thrownBy } from './plain-answer.ts';
import { read } from './reading.ts';

const BARE = {
  name: 'web',
  image: 'nginx:1',
  replicas: 1,
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
const tcp = (published: number, target: number, mode = 'ingress') => ({
  target,
  published,
  protocol: 'tcp',
  mode,
});

describe('create', () => {
  test.each<[line: string, wanted: object]>([
    ['create web nginx:1', {}],
    ['service create --name web nginx:1', {}],
    ['service create nginx:1 --replicas 3 --name web', { replicas: 3 }],
    ['create web nginx:1 --global', { replicas: null }],
    ['create web nginx:1 --mode global', { replicas: null }],
    [
      'create web nginx:1 -p 8080:80 --publish 53/udp',
      {
        ports: [tcp(8080, 80), { ...tcp(0, 53), protocol: 'udp' }],
      },
    ],
    ['create web nginx:1 -p published=8080,target=80,mode=host', { ports: [tcp(8080, 80, 'host')] }],
    [
      'create web nginx:1 -e A=1 --env "B=x = y" -l zone=a',
      {
        env: ['A=1', 'B=x = y'],
        labels: { zone: 'a' },
      },
    ],
    [
      'create web nginx:1 --mount type=bind,src=/srv,dst=/www,ro --mount src=data,target=/data',
      {
        mounts: [
          { type: 'bind', source: '/srv', target: '/www', readOnly: true },
          { type: 'volume', source: 'data', target: '/data', readOnly: false },
        ],
      },
    ],
    [
      'create web nginx:1 --reserve-cpu 0.5 --reserve-memory 512m --limit-memory 1.5GiB',
      {
        reserve: { cpus: 0.5, memoryBytes: 2 ** 29 },
        limit: { memoryBytes: 1.5 * 2 ** 30 },
      },
    ],
    [
      'create web nginx:1 --replicas-max-per-node 2 --network backend',
      {
        maxPerNode: 2,
        networks: ['backend'],
      },
    ],
    [
      'create web nginx:1 --constraint "node.labels.zone == a" --restart-condition none',
      {
        constraints: ['node.labels.zone == a'],
        restart: 'none',
      },
    ],
    [
      'create web nginx:1 --args "nginx -g x" --update-delay 1m30s',
      {
        args: ['nginx', '-g', 'x'],
        update: { delayMs: 90_000 },
      },
    ],
    ['create web reg.Example.com:5000/team/app:V1', { image: 'reg.Example.com:5000/team/app:V1' }],
  ])('%s', (line, wanted) => {
    const { command, input } = read(line);
    expect(command).toBe('create');
    expect(input).toEqual({ wanted: { ...BARE, ...wanted }, anyway: false, deadlineMs: 120_000 });
  });

  test.each([
    ['create', '"create" needs a name and an image.'],
    ['create web', 'Which image shall "web" run?'],
    ['create web nginx:1 sh', 'There are words too many behind the image "nginx:1".'],
    ['create web Nginx:1', '"Nginx:1" cannot be an image.'],
    ['create web nginx:', '"nginx:" cannot be an image.'],
    [`create ${'w'.repeat(64)} nginx`, 'is too long for the name of a service.'],
    ['create web nginx:1 --global --replicas 2', 'A global service has no number of replicas.'],
    ['create web nginx:1 --replicas 1001', '"1001" is more than the limit of 1000 replicas.'],
    ['create web nginx:1 -p 80-90:80-90', '"80-90:80-90" is not a port to publish.'],
    ['create web nginx:1 -p 0', '"0" is not a port to publish.'],
    ['create web nginx:1 -p published=80', '"published=80" is not a port to publish.'],
    ['create web nginx:1 -p target=80,mode=both', 'is not a port to publish.'],
    ['create web nginx:1 --mount type=bind,src=data,dst=/x', 'is not a mount.'],
    ['create web nginx:1 --mount src=data', 'is not a mount.'],
    ['create web nginx:1 --constraint zone', '"zone" is not a constraint.'],
    ['create web nginx:1 --limit-memory lots', '"lots" is not an amount of memory.'],
    ['create web nginx:1 --limit-cpu 1e3', '"1e3" is not a number of processors.'],
    ['create web nginx:1 --restart-condition always', '"always" is none of none, on-failure, any.'],
    ['create web nginx:1 --update-delay soon', '"soon" is not a span of time.'],
  ])('refuses %s', (line, message) => {
    expect(thrownBy(() => read(line)).message).toContain(message);
  });
});

describe('values of environment variables', () => {
  test.each(['create web nginx:1 -e', 'create web nginx:1 --env', 'update web --env-add'])(
    '%s: the title has only the name, and no complaint repeats them',
    (line) => {
      expect(read(`${line} "PASSWORD=open sesame"`).title).toContain('PASSWORD=…');
      expect(JSON.stringify(read(`${line} "PASSWORD=open sesame"`).title)).not.toContain('sesame');
      for (const wrong of ['"open sesame"', '"open sesame=x"', '=sesame']) {
        const { message, hint } = thrownBy(() => read(`${line} ${wrong}`));
        expect(`${message} ${hint}`).not.toContain('sesame');
      }
    },
  );
});

describe('update', () => {
  test.each<[line: string, change: object]>([
    ['update web --image nginx:2', { image: 'nginx:2' }],
    ['service update --image nginx:2 web', { image: 'nginx:2' }],
    ['service update web --force', { force: true }],
    ['update web --env-add A=1 --env-rm B --env-rm C', { envAdd: ['A=1'], envRm: ['B', 'C'] }],
    [
      'update web --publish-add 8080:80 --publish-rm 8081:81 --publish-rm 82/tcp',
      {
        publishAdd: [tcp(8080, 80)],
        publishRm: [81, 82],
      },
    ],
    [
      'update web --label-add a=b --label-rm com.example/x',
      {
        labelAdd: { a: 'b' },
        labelRm: ['com.example/x'],
      },
    ],
    ['update web --limit-memory 0 --reserve-cpu 1', { limit: { memoryBytes: 0 }, reserve: { cpus: 1 } }],
    [
      'update web --update-parallelism 0 --update-order start-first',
      {
        update: { parallelism: 0, order: 'start-first' },
      },
    ],
  ])('%s', (line, change) => {
    expect(read(line)).toMatchObject({ command: 'update' });
    expect(read(line).input).toEqual({ name: 'web', change, anyway: false, deadlineMs: 600_000 });
  });

  test('asks what shall change', () => {
    expect(thrownBy(() => read('update web')).message).toBe('What shall change about web?');
  });
});

test.each([
  ['service rm a b a', 'rm', { services: ['a', 'b'] }],
  ['service remove a', 'rm', { services: ['a'] }],
  ['service update --rollback web', 'rollback', { name: 'web' }],
  ['service rollback web', 'rollback', { name: 'web' }],
  ['service inspect web', 'service', { name: 'web' }],
  ['service restart web', 'restart', { name: 'web' }],
  ['scale web 3 --anyway', 'scale', { services: [{ name: 'web', replicas: 3 }], anyway: true }],
])('%s', (line, command, input) => {
  expect(read(line)).toMatchObject({ command, input });
});
