import { describe, expect, test } from 'vitest';
import type { EngineInfo } from '../../src/hosts/hosts.ts';
import { parseInfo } from '../../src/hosts/engine-info.ts';
import type { Exchange, Passage } from '../../src/probes/exchange.ts';
import { verdictOf, worstFirst } from '../../src/probes/finding.ts';
import { parseHostFacts, type HostFacts } from '../../src/probes/host-facts.ts';
import { entryOf, judgeEngine, judgeUnasked } from '../../src/probes/judge-engine.ts';
import {
  imagesInShort,
  judgeClock,
  judgeDisk,
  judgeImages,
  judgeKernel,
  judgeListeners,
  judgeRanges,
  readClock,
} from '../../src/probes/judge-host.ts';
import { judgeAddress, judgePorts, judgeWidth } from '../../src/probes/judge-ports.ts';
import { contains, networkOf, overlaps } from '../../src/probes/ranges.ts';
import type { Node } from '../../src/swarm/swarm.ts';

const node = (change: Partial<Node> = {}): Node => ({
  id: 'n1',
  hostname: 'manager',
  state: 'ready',
  message: '',
  availability: 'active',
  role: 'worker',
  address: '192.168.2.100',
  version: '20.10.24',
  labels: {},
  cpus: 2,
  memoryBytes: 1,
  createdAt: '',
  ...change,
});
const info = (change: Record<string, unknown> = {}, swarm: Record<string, unknown> = {}): EngineInfo =>
  parseInfo({
    ID: 'engine-1',
    Name: 'fedora-03',
    ServerVersion: '20.10.24',
    ...change,
    Swarm: { LocalNodeState: 'inactive', ...swarm },
  });

describe('the engine', () => {
  const judged = (engine: EngineInfo, nodes = [node()], others: { host: string; engineId: string }[] = []) =>
    worstFirst(judgeEngine({ host: 'fedora-03', info: engine, nodes, others }));

  test.each<[string, EngineInfo, Node[], string, RegExp]>([
    ['the same version', info(), [node()], 'pass', /20\.10\.24, as everywhere/],
    [
      'another version',
      info({ ServerVersion: '24.0.7' }),
      [node()],
      'warn',
      /is 24\.0\.7, the swarm's is 20\.10\.24/,
    ],
    ['a mixed swarm', info(), [node(), node({ id: 'n2', version: '24.0.7' })], 'warn', /the swarm is mixed/],
    [
      'one that is down does not count',
      info(),
      [node(), node({ id: 'n2', state: 'down', version: '1.13' })],
      'pass',
      /as everywhere/,
    ],
    ['live-restore', info({ LiveRestoreEnabled: true }), [node()], 'fail', /live-restore/],
    [
      'nftables',
      info({ FirewallBackend: { Driver: 'nftables' } }),
      [node()],
      'fail',
      /nftables firewall backend/,
    ],
    [
      'iptables by choice',
      info({ FirewallBackend: { Driver: 'iptables+firewalld' } }),
      [node()],
      'pass',
      /20\.10/,
    ],
    [
      'another swarm',
      info({}, { LocalNodeState: 'active', NodeID: 'x' }),
      [node()],
      'fail',
      /part of another swarm\./,
    ],
    ['this swarm', info({}, { LocalNodeState: 'active', NodeID: 'n1' }), [node()], 'pass', /20\.10/],
    [
      'this swarm, but Down there',
      info({}, { LocalNodeState: 'active', NodeID: 'n1' }),
      [node({ state: 'down', message: 'heartbeat failure' })],
      'warn',
      /call it down \(heartbeat failure\)/,
    ],
    ['a key', info({}, { LocalNodeState: 'locked' }), [node()], 'fail', /locked/],
    [
      'a failed join',
      info({}, { LocalNodeState: 'error', Error: 'x509' }),
      [node()],
      'warn',
      /has failed: x509/,
    ],
    ['a pending join', info({}, { LocalNodeState: 'pending' }), [node()], 'warn', /still under way/],
    [
      'a namesake',
      info(),
      [node(), node({ id: 'n2', hostname: 'fedora-03' })],
      'warn',
      /Another node is called fedora-03/,
    ],
  ])('%s', (_what, engine, nodes, verdict, says) => {
    const [worst] = judged(engine, nodes);
    expect(worst?.verdict).toBe(verdict);
    expect(
      judged(engine, nodes)
        .map((one) => one.says)
        .join('\n'),
    ).toMatch(says);
    expect(judged(engine, nodes).every((one) => (one.verdict === 'pass') === (one.advice === ''))).toBe(true);
  });

  test('a clone is told by the ID of its engine', () => {
    const [worst] = judged(
      info(),
      [node()],
      [
        { host: 'fedora-03', engineId: 'engine-1' },
        { host: 'fedora-04', engineId: 'engine-1' },
      ],
    );
    expect(worst).toMatchObject({ verdict: 'fail', probe: 'Identity' });
    expect(worst?.says).toContain('fedora-04');
    expect(verdictOf(judged(info(), [node()], [{ host: 'fedora-04', engineId: '' }]))).toBe('pass');
  });

  test('only what may leave is offered to leave', () => {
    const lines = (engine: EngineInfo) =>
      judged(engine).flatMap(({ remedies }) => remedies.map(({ line }) => line));
    expect(lines(info({}, { LocalNodeState: 'active', NodeID: 'x' }))).toEqual(['join fedora-03 --again']);
    expect(lines(info({}, { LocalNodeState: 'active', NodeID: 'x', ControlAvailable: true }))).toEqual([]);
  });
});

describe('packets', () => {
  const passage = (change: Partial<Passage>): Passage => ({
    from: 'fedora-03',
    to: 'manager',
    port: '7946/udp',
    outcome: 'blocked',
    reason: 'it does not arrive',
    ...change,
  });
  const judged = (passages: Passage[]) =>
    judgePorts('fedora-03', { passages }, (name) => name !== 'stranger');

  test.each<[string, Partial<Passage>, string[]]>([
    ['stopped by itself', { stopped: 'at the sender' }, ['ports fedora-03']],
    ['stopped by the manager', { stopped: 'at the receiver' }, ['ports manager --for fedora-03']],
    ['stopped in between', { stopped: 'in between' }, []],
    ['stopped somewhere', {}, ['ports manager --for fedora-03']],
    [
      'stopped on the way back',
      { from: 'manager', to: 'fedora-03', stopped: 'at the receiver' },
      ['ports fedora-03'],
    ],
    ['stopped by who is in no inventory', { to: 'stranger', stopped: 'at the receiver' }, []],
  ])('%s', (_what, change, lines) => {
    const [finding, ...more] = judged([
      passage(change),
      passage({ port: '7946/tcp', outcome: 'passes', reason: '' }),
    ]);
    expect(more).toEqual([]);
    expect(finding?.verdict).toBe('fail');
    expect(finding?.says).toMatch(/^7946\/udp from \S+ to \S+ does not pass/);
    expect(finding?.remedies.map(({ line }) => line)).toEqual(lines);
  });

  test('what could not be tested is said, and not called open', () => {
    const untested = passage({
      outcome: 'untested',
      reason: 'only root may look for arriving datagrams on manager',
    });
    const found = judged([passage({ outcome: 'passes', port: '2377/tcp', reason: '' }), untested]);
    expect(found.map(({ verdict }) => verdict)).toEqual(['warn', 'pass']);
    expect(found[0]?.says).toBe(
      'Not tested: 7946/udp from fedora-03 to manager, because only root may look for arriving datagrams on manager.',
    );
    expect(found[1]?.says).toBe('What could be tested passes: 2377/tcp, manager.');
  });

  test('a narrow path is a warning with the number to set', () => {
    const widths = [
      { from: 'fedora-03', to: 'manager', mtu: 1500, carries: 1400 },
      { from: 'manager', to: 'fedora-03', mtu: 1500, carries: 1500 },
    ];
    expect(judgeWidth({ widths })).toMatchObject([
      { verdict: 'warn', advice: expect.stringContaining('mtu 1400') as string },
    ]);
    expect(judgeWidth({ widths: widths.slice(1) })).toMatchObject([{ verdict: 'pass' }]);
    expect(judgeWidth({ widths: [{ from: 'a', to: 'b', mtu: 1500 }] })).toEqual([]);
  });

  const paths = (source: string, seenAs = source): Pick<Exchange, 'paths'> => ({
    paths: [{ peer: 'manager', source, seenAs }],
  });
  const having = (...cidrs: string[]): Pick<HostFacts, 'addresses'> => ({
    addresses: [
      ...cidrs.map((cidr) => ({ device: 'eth0', cidr })),
      { device: 'docker0', cidr: '172.17.0.1/16' },
    ],
  });
  test('the address that leads to the managers is the one to advertise', () => {
    expect(judgeAddress(having('10.0.0.3/24'), paths('10.0.0.3'))).toMatchObject({
      several: false,
      finding: { verdict: 'pass' },
    });
    expect(judgeAddress(having('10.0.0.3/24', '192.168.2.3/24'), paths('192.168.2.3'))).toMatchObject({
      several: true,
      source: '192.168.2.3',
      finding: { verdict: 'pass' },
    });
    expect(judgeAddress(having('10.0.0.3/24'), paths('10.0.0.3', '203.0.113.9')).finding).toMatchObject({
      verdict: 'warn',
      says: expect.stringContaining('203.0.113.9') as string,
    });
    const two = { paths: [...paths('10.0.0.3').paths, { peer: 'second', source: '192.168.2.3' }] };
    expect(judgeAddress(having('10.0.0.3/24', '192.168.2.3/24'), two).finding).toMatchObject({
      verdict: 'warn',
    });
    expect(judgeAddress(having('10.0.0.3/24'), { paths: [] })).toEqual({
      finding: undefined,
      several: false,
    });
  });
});

describe('the host', () => {
  test.each([
    [0, 0, 'pass', /agrees with that of manager to/],
    [29_000, 0, 'pass', /agrees/],
    [-40_000, 100, 'warn', /40\.0 s behind that of manager/],
    [40_000, 20_000, 'pass', /agrees/],
    [3 * 3_600_000, 500, 'fail', /3 h ahead of/],
    [-3_700_000, 500, 'fail', /62 min behind/],
  ] as const)('a clock %i ms off, read within %i ms: %s', (offset, error, verdict, says) => {
    const finding = judgeClock({ offset, error }, { offset: 0, error: 0 }, 'manager');
    expect(finding.verdict).toBe(verdict);
    expect(finding.says).toMatch(says);
  });

  test('a clock is read against the time that the answer took', () => {
    expect(
      readClock(
        '2026-01-01T00:00:10Z',
        Date.parse('2026-01-01T00:00:00Z'),
        Date.parse('2026-01-01T00:00:02Z'),
      ),
    ).toEqual({ offset: 9000, error: 1000 });
    expect(readClock('', 0, 1)).toBeUndefined();
  });

  const RECORDED = [
    '== features',
    'overlay yes',
    'bridge yes',
    'vxlan yes',
    'ip_vs no',
    'br_netfilter yes',
    '== addresses',
    '2: eth0@if5    inet 10.213.1.4/24 scope global eth0\\       valid_lft forever preferred_lft forever',
    '3: docker0    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0\\       valid_lft forever preferred_lft forever',
    '== routes',
    'default via 10.213.1.1 dev eth0',
    '10.213.1.0/24 dev eth0 proto kernel scope link src 10.213.1.4',
    '172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown',
    '192.0.2.7 via 10.213.1.1 dev eth0',
    '== disk',
    'Filesystem     1024-blocks     Used Available Capacity Mounted on',
    '/dev/vda1        264216744 171226464  81976384      68% /var/lib/docker',
    '== listeners',
    'tcp   LISTEN 0      128          0.0.0.0:2377      0.0.0.0:*    users:(("nginx",pid=812,fd=6))',
    'udp   UNCONN 0      0            0.0.0.0:4789      0.0.0.0:*',
    'tcp   LISTEN 0      16           0.0.0.0:7946      0.0.0.0:*    users:(("perl",pid=900,fd=3))',
  ].join('\n');
  const facts = parseHostFacts(RECORDED);

  test('its own facts are read', () => {
    expect(facts).toEqual({
      features: { overlay: true, bridge: true, vxlan: true, ip_vs: false, br_netfilter: true },
      addresses: [
        { device: 'eth0', cidr: '10.213.1.4/24' },
        { device: 'docker0', cidr: '172.17.0.1/16' },
      ],
      routes: [
        { to: '10.213.1.0/24', device: 'eth0' },
        { to: '172.17.0.0/16', device: 'docker0' },
        { to: '192.0.2.7/32', device: 'eth0' },
      ],
      disk: { totalBytes: 264_216_744 * 1024, freeBytes: 81_976_384 * 1024 },
      listeners: [
        { port: 2377, protocol: 'tcp', program: 'nginx' },
        { port: 4789, protocol: 'udp', program: '' },
        { port: 7946, protocol: 'tcp', program: 'perl' },
      ],
    });
    expect(parseHostFacts('')).toMatchObject({
      addresses: [],
      routes: [],
      listeners: [],
      features: { vxlan: undefined },
    });
  });

  test('what is missing is said with what does not work without it', () => {
    const kernel = (change: Partial<HostFacts['features']>) =>
      judgeKernel({ ...facts, features: { ...facts.features, ...change } }, 'overlay2');
    expect(kernel({})).toMatchObject([
      { verdict: 'warn', says: expect.stringContaining('routing mesh') as string },
    ]);
    expect(verdictOf(kernel({ vxlan: false }))).toBe('fail');
    expect(kernel({ ip_vs: true })).toMatchObject([{ verdict: 'pass' }]);
    expect(kernel({ ip_vs: true, overlay: false })).toMatchObject([{ verdict: 'fail' }]);
    expect(judgeKernel(parseHostFacts(''), 'overlay2')).toEqual([]);
    expect(judgeListeners(facts).map(({ verdict, probe }) => [verdict, probe])).toEqual([
      ['fail', 'Ports in use'],
      ['warn', 'Ports in use'],
    ]);
    expect(judgeImages(['a:1', 'b:1'], 3)).toMatchObject([{ verdict: 'warn' }]);
    expect(judgeImages([], 1)).toMatchObject([{ verdict: 'pass' }]);
  });

  test.each([
    [100, 0.1, 'fail'],
    [100, 1, 'warn'],
    [1000, 40, 'warn'],
    [100, 40, 'pass'],
  ])('a disk of %i GiB with %d free: %s', (total, free, verdict) => {
    const disk = { totalBytes: total * 1024 ** 3, freeBytes: free * 1024 ** 3 };
    expect(judgeDisk({ ...facts, disk }, '/var/lib/docker', 'fedora-03')).toMatchObject([{ verdict }]);
  });

  test('a network of the swarm that its routes reach already', () => {
    const ingress = (subnet: string) => [{ name: 'ingress', subnets: [subnet], ingress: true }];
    expect(judgeRanges(facts, ingress('10.0.0.0/24'))).toMatchObject([{ verdict: 'pass' }]);
    expect(judgeRanges(facts, ingress('10.213.0.0/16'))).toMatchObject([
      { verdict: 'warn', says: expect.stringContaining('10.213.1.0/24 (eth0)') as string },
    ]);
  });

  test('ranges', () => {
    expect(overlaps('10.0.0.0/8', '10.3.0.0/16')).toBe(true);
    expect(overlaps('10.0.0.0/24', '10.0.1.0/24')).toBe(false);
    expect(contains('10.0.0.0/24', '10.0.0.255')).toBe(true);
    expect(contains('10.0.0.0/24', '10.0.0.0/23')).toBe(false);
    expect(overlaps('nonsense', '0.0.0.0/0')).toBe(false);
    expect(networkOf('192.168.2.103/20')).toBe('192.168.0.0/20');
  });
});

describe('a host that cannot be asked', () => {
  const down = node({ id: 'old', hostname: 'fedora-03', state: 'down', address: '192.168.2.3' });
  const host = { name: 'Fedora-03', address: '192.168.2.3' };

  test.each<[string, Node[], string | undefined]>([
    ['is none of the swarm', [node()], undefined],
    ['is known by its hostname', [node(), down], 'old'],
    ['is known by its address', [node(), node({ id: 'n3', hostname: 'web', address: '192.168.2.3' })], 'n3'],
    [
      'has a name before an address',
      [node({ id: 'n3', hostname: 'web', address: '192.168.2.3' }), down],
      'old',
    ],
    ['is the one of two entries that is not down', [down, { ...down, id: 'new', state: 'unknown' }], 'new'],
  ])('%s', (_title, nodes, id) => {
    expect(entryOf(host, nodes)?.id).toBe(id);
  });

  test('is what the managers say of it, and asks why', () => {
    expect(judgeUnasked({ ...down, message: 'heartbeat failure' })).toMatchObject({
      says: 'The managers have it in this swarm as a worker, and call it down (heartbeat failure).',
      remedies: [{ line: 'why fedora-03' }],
    });
    expect(judgeUnasked(node({ hostname: '' })).remedies).toEqual([{ label: 'Why?', line: 'why n1' }]);
  });
});

test.each([
  [0, 0, 'services use none'],
  [0, 1, 'every one that services use is here'],
  [1, 1, 'the one that services use is not here'],
  [2, 5, '2 of 5 are not here'],
])('images: %d of %d lacking', (missing, all, says) => {
  expect(imagesInShort(missing, all)).toBe(says);
});
