import { describe, expect, test } from 'vitest';
import { prunable } from '../../src/hosts/prunable.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const OTHER = `sha256:${'b'.repeat(64)}`;

const image = (id: string, tags: string[] | null, more = {}) => ({
  Id: `sha256:${id}`,
  RepoTags: tags,
  RepoDigests: null,
  Size: 100,
  SharedSize: 40,
  ...more,
});
const container = (id: string, state: string, of = '', more = {}) => ({
  Id: id,
  Names: [`/${id}`],
  ImageID: `sha256:${of}`,
  State: state,
  SizeRw: 7,
  Mounts: null,
  ...more,
});
const volume = (name: string, more = {}) => ({
  Name: name,
  Driver: 'local',
  UsageData: { Size: 5 },
  ...more,
});

const nothing = { images: [], volumes: [] };
/** Names of the images that would go. */
const going = (images: object[], named: string[], containers: object[] = []) =>
  prunable(
    { Images: images, Containers: containers },
    { ...nothing, images: named },
    { volumes: false },
  ).images.flatMap(({ references }) => references);

describe('images', () => {
  test.each<[named: string, of: object]>([
    ['web:1', image('a', ['web:1'])],
    ['web', image('a', ['web:latest'])],
    ['docker.io/library/web:1', image('a', ['web:1'])],
    ['index.docker.io/team/web', image('a', ['team/web:latest'])],
    ['team/web:1', image('a', ['docker.io/team/web:1'])],
    ['reg.lan:5000/web', image('a', ['reg.lan:5000/web:latest'])],
    [`web:1@${DIGEST}`, image('a', ['web:1'])],
    [`web:1@${DIGEST}`, image('a', null, { RepoDigests: [`web@${DIGEST}`] })],
    [`web@${DIGEST}`, image('a', ['web:9'], { RepoDigests: [`reg.lan/web@${DIGEST}`] })],
    ['sha256:a', image('a', null)],
    ['web:1', image('a', ['other:1', 'web:1'])],
  ])('a service names %s', (named, of) => {
    expect(going([of], [named])).toEqual([]);
  });

  test.each<[named: string, of: object, references: string[]]>([
    ['web:1', image('a', ['web:2']), ['web:2']],
    ['web', image('a', ['web:1']), ['web:1']],
    ['reg.lan:5000/web', image('a', ['web:latest']), ['web:latest']],
    [`web:1@${DIGEST}`, image('a', null, { RepoDigests: [`web@${OTHER}`] }), ['sha256:a']],
    ['web:1', image('a', ['<none>:<none>']), ['sha256:a']],
    ['web:1', image('a', ['x:1', 'y:1']), ['x:1', 'y:1']],
  ])('a service names %s, not this one', (named, of, references) => {
    expect(going([of], [named])).toEqual(references);
  });

  test('one that a container uses stays, unless that container goes as well', () => {
    for (const state of ['running', 'paused', 'created', 'restarting', 'removing'])
      expect(going([image('a', ['web:1'])], [], [container('c', state, 'a')])).toEqual([]);
    for (const state of ['exited', 'dead'])
      expect(going([image('a', ['web:1'])], [], [container('c', state, 'a')])).toEqual(['web:1']);
  });
});

describe('the rest', () => {
  const disk = {
    LayersSize: 1000,
    Images: [image('a', ['web:1']), image('b', ['kept:1'])],
    Containers: [
      container('over', 'exited', 'a', { Mounts: [{ Type: 'volume', Name: 'left' }] }),
      container('up', 'running', 'x', { Mounts: [{ Type: 'volume', Name: 'used' }, { Type: 'bind' }] }),
    ],
    Volumes: [
      volume('used'),
      volume('left'),
      volume('named'),
      volume('elsewhere', { Driver: 'rexray' }),
      volume('nfs', { Options: { type: 'nfs', device: ':/export' } }),
      volume('unknown', { UsageData: { Size: -1 } }),
    ],
    BuildCache: [
      { InUse: false, Shared: false, Size: 30 },
      { InUse: true, Shared: false, Size: 11 },
      { InUse: false, Shared: true, Size: 500 },
    ],
  };
  const spared = { images: ['kept:1'], volumes: ['named'] };

  test('stopped containers go, what runs stays; sizes are added up', () => {
    expect(prunable(disk, spared, { volumes: false })).toEqual({
      containers: [{ id: 'over', name: 'over', bytes: 7 }],
      images: [{ id: 'sha256:a', references: ['web:1'], bytes: 60 }],
      volumes: [],
      buildCacheBytes: 30,
      spared: ['kept:1'],
      usedBytes: 1000 + 14 + 25 + 41,
    });
  });

  test('volumes only when they are meant, and only those that are here and nobody needs', () => {
    expect(prunable(disk, spared, { volumes: true }).volumes).toEqual([
      { name: 'left', bytes: 5 },
      { name: 'unknown', bytes: 0 },
    ]);
  });

  test.each([[{}], [{ Images: null, Containers: null, Volumes: null, BuildCache: null }]])(
    'an engine with nothing on it',
    (empty) => {
      expect(prunable(empty, nothing, { volumes: true })).toEqual({
        containers: [],
        images: [],
        volumes: [],
        buildCacheBytes: 0,
        spared: [],
        usedBytes: 0,
      });
    },
  );
});
