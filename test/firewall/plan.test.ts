/**
 * Plans from what the four tools print. The files in recorded/ are the tools' own words (Debian 12: nft 1.0.6, ufw 0.36.2,
 * firewall-offline-cmd 1.3.3), the -after ones once the planned commands had been carried out; the texts in here vary them.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { plan } from '../../src/firewall/plan.ts';
import { parseReading, type Reading } from '../../src/firewall/reading.ts';
import { neighbours, wantedPackets } from '../../src/firewall/wanted.ts';

const NET = '192.168.2.0/24';
const wanted = (isManager = false) => wantedPackets([NET], { device: 'eth0', isManager });
const blank: Reading = {
  isRoot: true,
  firewalld: '',
  defaultZone: '',
  zones: '',
  permanentZones: '',
  ufw: '',
  nft: '',
  iptables: '',
  files: {},
  units: [],
};
const shows = (reading: Partial<Reading>, isManager = false) =>
  plan({ ...blank, ...reading }, wanted(isManager)).commands.map((command) => command.shows);

const ACCEPTING = [
  '-P INPUT ACCEPT',
  '-P FORWARD DROP',
  '-P OUTPUT ACCEPT',
  '-N DOCKER',
  '-A FORWARD -j DOCKER',
];

describe('iptables', () => {
  test('an open host needs nothing, and says that nothing rules it', () => {
    const made = plan({ ...blank, iptables: ACCEPTING.join('\n') }, wanted(true));
    expect(made).toMatchObject({ ruler: 'nothing', commands: [], stoppedBy: [] });
    expect(made.how).toMatch(/^No firewall of its own rules it/);
  });

  // A classic set of rules, as many a guide has them.
  const CLASSIC = [
    '-P INPUT DROP',
    '-P FORWARD DROP',
    '-P OUTPUT ACCEPT',
    '-A INPUT -i lo -j ACCEPT',
    '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A INPUT -p icmp -j ACCEPT',
    '-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "who may log in" -j ACCEPT',
    '-A INPUT -m limit --limit 5/min -j LOG --log-prefix "dropped: "',
  ];
  const opened = ({ port, protocol }: { port: number; protocol: string }) =>
    `iptables -w -I INPUT 1 -p ${protocol} -s ${NET} --dport ${port} -m comment --comment swarmkeeper -j ACCEPT`;
  const WORKER = [
    { port: 7946, protocol: 'tcp' },
    { port: 7946, protocol: 'udp' },
    { port: 4789, protocol: 'udp' },
  ];

  test('a policy of DROP: the exact rules, for the exact range, at the top', () => {
    const made = plan({ ...blank, iptables: CLASSIC.join('\n') }, wanted());
    expect(made.commands.map((command) => command.shows)).toEqual(WORKER.map(opened));
    expect(made.commands.every(({ argv }) => argv[2] === '-I' || argv[2] === '-w')).toBe(true);
    expect(made).toMatchObject({ ruler: 'iptables', outlastsBoot: false });
    expect(made.stoppedBy).toEqual(['the policy of INPUT, which is to drop']);
    expect(made.lasting).toContain('iptables-persistent');
  });

  test('a manager also lets 2377 in', () => {
    expect(shows({ iptables: CLASSIC.join('\n') }, true)).toEqual(
      [{ port: 2377, protocol: 'tcp' }, ...WORKER].map(opened),
    );
  });

  test.each<[string, string[], number]>([
    [
      'its own rules, as iptables prints them',
      WORKER.map(
        ({ port, protocol }) =>
          `-A INPUT -s ${NET} -p ${protocol} -m ${protocol} --dport ${port} -m comment --comment swarmkeeper -j ACCEPT`,
      ),
      0,
    ],
    [
      'wider rules of somebody else',
      [
        '-A INPUT -p tcp -m multiport --dports 22,2377,7946 -j ACCEPT',
        '-A INPUT -p udp -m multiport --dports 4000:5000,7946 -j ACCEPT',
      ],
      0,
    ],
    ['a whole network that is trusted', ['-A INPUT -s 192.168.0.0/16 -j ACCEPT'], 0],
    ['a trusted interface', ['-A INPUT -i eth+ -j ACCEPT'], 0],
    ['another interface', ['-A INPUT -i wg0 -j ACCEPT'], 3],
    ['only one node of the range', ['-A INPUT -s 192.168.2.100/32 -j ACCEPT'], 3],
    ['all but that network', [`-A INPUT ! -s ${NET} -j ACCEPT`], 3],
    ['a rule that only sometimes fits', ['-A INPUT -m limit --limit 10/sec -j ACCEPT'], 3],
    [
      'a chain that accepts',
      [
        '-N SWARM',
        '-A SWARM -p tcp -m tcp --dport 7946 -j ACCEPT',
        '-A SWARM -p udp -j ACCEPT',
        `-A INPUT -s ${NET} -j SWARM`,
      ],
      0,
    ],
    ['a chain that returns', ['-N SWARM', '-A SWARM -j RETURN', '-A INPUT -j SWARM'], 3],
    ['a chain that goes round in a circle', ['-N A', '-A A -j A', '-A INPUT -j A'], 3],
    ['a rule for a set of addresses', ['-A INPUT -m set --match-set nodes src -j ACCEPT'], 3],
  ])('beside %s: %j', (_what, rules, missing) => {
    expect(shows({ iptables: [...CLASSIC, ...rules].join('\n') })).toHaveLength(missing);
  });

  test('a DROP before an ACCEPT counts, and is named; REJECT as well', () => {
    const made = plan(
      {
        ...blank,
        iptables: [
          ...ACCEPTING,
          '-A INPUT -p udp -m udp --dport 7946 -j DROP',
          '-A INPUT -p udp -m udp --dport 7946 -j ACCEPT',
          '-A INPUT -p tcp -m tcp --dport 7946 -j REJECT --reject-with icmp-port-unreachable',
        ].join('\n'),
      },
      wanted(),
    );
    expect(made.commands.map((command) => command.shows)).toEqual(WORKER.slice(0, 2).map(opened));
    expect(made.stoppedBy).toEqual([
      '-A INPUT -p tcp -m tcp --dport 7946 -j REJECT --reject-with icmp-port-unreachable',
      '-A INPUT -p udp -m udp --dport 7946 -j DROP',
    ]);
  });

  test('what goes out is opened only where rules stop it', () => {
    expect(
      shows({ iptables: [...ACCEPTING, '-A OUTPUT -p tcp -m tcp --dport 2377 -j DROP'].join('\n') }),
    ).toEqual([
      `iptables -w -I OUTPUT 1 -p tcp -d ${NET} --dport 2377 -m comment --comment swarmkeeper -j ACCEPT`,
    ]);
  });

  test('a saved file gets the same rules once, before its COMMIT, and nothing else of it changes', () => {
    const path = '/etc/iptables/rules.v4';
    const file = [
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      'COMMIT',
      '*filter',
      ':INPUT DROP [1:2]',
      ':FORWARD ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      '-A INPUT -p tcp --dport 22 -j ACCEPT',
      'COMMIT',
      '',
    ].join('\n');
    const reading = {
      ...blank,
      iptables: CLASSIC.join('\n'),
      files: { [path]: file },
      units: ['netfilter-persistent'],
    };
    const made = plan(reading, wanted());
    const [backup, write] = made.commands.slice(3);
    expect(backup?.argv).toEqual(['cp', '-p', path, `${path}.before-swarmkeeper`]);
    expect(write?.argv).toEqual(['tee', path]);
    const written = write?.input ?? '';
    const added = written.split('\n').filter((line) => line.includes('swarmkeeper'));
    expect(added).toEqual(WORKER.map((one) => opened(one).replace('iptables -w ', '')));
    expect(
      written
        .split('\n')
        .filter((line) => !added.includes(line))
        .join('\n'),
    ).toBe(file);
    expect(written.endsWith(`${added.join('\n')}\nCOMMIT\n`)).toBe(true);
    expect(made.outlastsBoot).toBe(true);
    // The second time all of it is there.
    const again = plan(
      {
        ...reading,
        files: { [path]: written },
        iptables: [...CLASSIC, ...added.map((line) => line.replace('-I INPUT 1', '-A INPUT'))].join('\n'),
      },
      wanted(),
    );
    expect(again.commands).toEqual([]);
  });
});

describe('firewalld', () => {
  const zone = (lines: string[] = []) =>
    [
      'FedoraServer (default, active)',
      '  target: default',
      '  ingress-priority: 0',
      '  icmp-block-inversion: no',
      '  interfaces: eth0',
      '  sources: ',
      '  services: cockpit dhcpv6-client ssh',
      '  ports: ',
      '  protocols: ',
      '  forward: yes',
      '  masquerade: no',
      '  rich rules: ',
      ...lines,
      '',
      'docker (active)',
      '  target: ACCEPT',
      '  interfaces: docker0',
      '',
      'trusted',
      '  target: ACCEPT',
      '  interfaces: ',
      '  sources: ',
    ].join('\n');
  const firewalld = (now: string, later = now) => ({
    firewalld: 'running',
    defaultZone: 'FedoraServer',
    zones: now,
    permanentZones: later,
  });
  const rule = (port: number, protocol: string) =>
    `rule family="ipv4" source address="${NET}" port port="${port}" protocol="${protocol}" accept`;

  test('each rule for now and for good, in the zone of the interface', () => {
    const made = plan({ ...blank, ...firewalld(zone()) }, wanted());
    expect(made.ruler).toBe('firewalld');
    expect(made.how).toContain('zone FedoraServer');
    expect(made.commands.map(({ argv }) => argv)).toEqual(
      [
        [7946, 'tcp'],
        [7946, 'udp'],
        [4789, 'udp'],
      ].flatMap(([port, protocol]) => [
        ['firewall-cmd', '--zone=FedoraServer', `--add-rich-rule=${rule(Number(port), String(protocol))}`],
        [
          'firewall-cmd',
          '--permanent',
          '--zone=FedoraServer',
          `--add-rich-rule=${rule(Number(port), String(protocol))}`,
        ],
      ]),
    );
  });

  test('what runs but is not kept is kept, and the other way round', () => {
    const all = [rule(7946, 'tcp'), rule(7946, 'udp'), rule(4789, 'udp')].map((one) => `\t${one}`);
    expect(shows(firewalld(zone(all), zone()))).toHaveLength(3);
    expect(shows(firewalld(zone(all), zone())).every((one) => one.includes('--permanent'))).toBe(true);
    expect(shows(firewalld(zone(), zone(all))).some((one) => one.includes('--permanent'))).toBe(false);
    expect(shows(firewalld(zone(all)))).toEqual([]);
  });

  test.each([
    ['ports', '  ports: ', '  ports: 2377/tcp 7900-8000/tcp 7946/udp 4789/udp', 0],
    ['the service that firewalld brings along', 'dhcpv6-client ssh', 'dhcpv6-client docker-swarm ssh', 0],
    ['a zone that accepts everything', '  target: default', '  target: ACCEPT', 0],
    ['only TCP', '  ports: ', '  ports: 7946/tcp', 4],
    [
      'a rich rule that rejects',
      '  rich rules: ',
      `  rich rules: \n\t${rule(7946, 'tcp').replace('accept', 'reject')}`,
      6,
    ],
    [
      'a rich rule for one node',
      '  rich rules: ',
      `  rich rules: \n\t${rule(7946, 'tcp').replace(NET, '192.168.2.100')}`,
      6,
    ],
  ])('beside %s', (_what, from, to, missing) => {
    expect(shows(firewalld(zone().replace(from, to)))).toHaveLength(missing);
  });

  test('a zone bound to the other side decides before that of the interface', () => {
    const bound = zone().replace(
      /(trusted\n {2}target: ACCEPT\n {2}interfaces: \n {2}sources: )/,
      `$1${NET}`,
    );
    expect(shows(firewalld(bound))).toEqual([]);
  });
});

describe('ufw', () => {
  const ufw = (rows: string[], incoming = 'deny', outgoing = 'allow') =>
    [
      'Status: active',
      'Logging: on (low)',
      `Default: ${incoming} (incoming), ${outgoing} (outgoing), disabled (routed)`,
      'New profiles: skip',
      '',
      'To                         Action      From',
      '--                         ------      ----',
      ...rows,
      '',
    ].join('\n');
  const SSH = '22/tcp                     ALLOW IN    Anywhere                  ';

  test('the rules, by ufw itself', () => {
    const made = plan(
      { ...blank, ufw: ufw([SSH, '22/tcp (v6)                ALLOW IN    Anywhere (v6)']) },
      wanted(),
    );
    expect(made).toMatchObject({ ruler: 'ufw', outlastsBoot: true });
    expect(made.commands.map((command) => command.shows)).toEqual([
      `ufw allow proto tcp from ${NET} to any port 7946 comment swarmkeeper`,
      `ufw allow proto udp from ${NET} to any port 7946 comment swarmkeeper`,
      `ufw allow proto udp from ${NET} to any port 4789 comment swarmkeeper`,
    ]);
  });

  test.each<[string, string[], number]>([
    [
      'its own rules',
      [
        `7946/tcp                   ALLOW IN    ${NET}            # swarmkeeper`,
        `7946/udp                   ALLOW IN    ${NET}            # swarmkeeper`,
        `4789/udp                   ALLOW IN    ${NET}            # swarmkeeper`,
      ],
      0,
    ],
    ['a port for both protocols', ['7946                       ALLOW IN    Anywhere'], 1],
    ['several ports', ['2377,7946/tcp              ALLOW IN    192.168.0.0/16'], 2],
    ['a whole network', [`Anywhere                   ALLOW IN    ${NET}`], 0],
    ['the same at another interface', [`Anywhere on wg0            ALLOW IN    ${NET}`], 3],
    ['the name of an application', ['Nginx Full                 ALLOW IN    Anywhere'], 3],
    ['a rule for IPv6', ['7946/udp (v6)              ALLOW IN    Anywhere (v6)'], 3],
  ])('beside %s', (_what, rows, missing) => {
    expect(shows({ ufw: ufw([SSH, ...rows]) })).toHaveLength(missing);
  });

  test('a rule that denies must stand behind ours', () => {
    expect(shows({ ufw: ufw(['7946/udp                   DENY IN     Anywhere'], 'allow') })).toEqual([
      `ufw prepend allow proto udp from ${NET} to any port 7946 comment swarmkeeper`,
    ]);
  });

  test('what goes out, where that is denied', () => {
    expect(shows({ ufw: ufw([], 'allow', 'deny') })).toEqual(
      [
        ['tcp', 2377],
        ['tcp', 7946],
        ['udp', 7946],
        ['udp', 4789],
      ].map(
        ([protocol, port]) => `ufw allow out proto ${protocol} to ${NET} port ${port} comment swarmkeeper`,
      ),
    );
  });

  test('an inactive ufw rules nothing', () => {
    expect(
      plan({ ...blank, ufw: 'Status: inactive\n', iptables: ACCEPTING.join('\n') }, wanted()).ruler,
    ).toBe('nothing');
  });
});

describe('nftables', () => {
  const ruleset = (rules: string[], policy = 'drop') => `table inet filter {
	set nodes {
		type ipv4_addr
		elements = { 192.168.2.100 }
	}

	chain input {
		type filter hook input priority filter; policy ${policy};
		iif "lo" accept
		ct state invalid drop
		ct state { established, related } accept
		ip6 saddr fe80::/10 accept
		tcp dport { 22, 80, 443 } counter packets 12 bytes 720 accept
${rules.map((rule) => `\t\t${rule}`).join('\n')}
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
	}

	chain output {
		type filter hook output priority filter; policy accept;
	}
}
`;
  const MADE_BY_IPTABLES = `# Warning: table ip filter is managed by iptables-nft, do not touch!
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
	}
}
`;
  const insert = (port: number, protocol: string) =>
    `nft insert rule inet filter input ip saddr ${NET} ${protocol} dport ${port} counter accept comment "swarmkeeper"`;
  const ALL = [insert(7946, 'tcp'), insert(7946, 'udp'), insert(4789, 'udp')];

  test('the rules, in the chain that stops the packets', () => {
    const made = plan({ ...blank, nft: MADE_BY_IPTABLES + ruleset([]) }, wanted());
    expect(made.ruler).toBe('nftables');
    expect(made.commands.map((command) => command.shows)).toEqual(ALL);
    expect(made).toMatchObject({ outlastsBoot: false, stoppedBy: ['the policy of input, which is to drop'] });
  });

  test.each<[string, string[], number]>([
    [
      'its own rules',
      ALL.map((one) => one.replace(/^.*?(ip saddr)/, '$1').replace('counter', 'counter packets 3 bytes 180')),
      0,
    ],
    [
      'one rule for several',
      [`ip saddr 192.168.0.0/16 tcp dport { 2377, 7946 } accept`, `udp dport { 4789, 7946 } accept`],
      0,
    ],
    ['a range of ports', ['tcp dport 7000-8000 accept'], 2],
    ['a set with a name', ['ip saddr @nodes accept'], 3],
    ['an interface', ['iifname { "eth0", "eth1" } accept'], 0],
    ['all interfaces but this one', ['iifname != "eth0" accept'], 3],
    ['a protocol', ['meta l4proto { tcp, udp } accept'], 0],
    ['a verdict map', ['ct state vmap { established : accept, related : accept, invalid : drop }'], 3],
    ['a rule that rejects all the rest', ['reject with icmp type port-unreachable'], 3],
  ])('beside %s: %j', (_what, rules, missing) => {
    expect(shows({ nft: ruleset(rules) })).toHaveLength(missing);
  });

  test('tables of Docker, firewalld and iptables are not its own', () => {
    expect(plan({ ...blank, nft: MADE_BY_IPTABLES, iptables: ACCEPTING.join('\n') }, wanted()).ruler).toBe(
      'nothing',
    );
    const unmarked = MADE_BY_IPTABLES.split('\n').slice(1).join('\n');
    expect(plan({ ...blank, nft: unmarked, iptables: ACCEPTING.join('\n') }, wanted()).ruler).toBe('nothing');
  });

  test('the file that makes the table gets the same lines, once', () => {
    const path = '/etc/nftables.conf';
    const file = `#!/usr/sbin/nft -f\n\nflush ruleset\n\n${ruleset([])}`;
    const made = plan({ ...blank, nft: ruleset([]), files: { [path]: file }, units: ['nftables'] }, wanted());
    const last = made.commands.at(-1);
    expect(last?.argv).toEqual(['tee', '-a', path]);
    for (const line of ALL) expect(last?.input).toContain(`\n${line.replace('nft ', '')}\n`);
    expect(made.outlastsBoot).toBe(true);
    const again = plan({ ...blank, nft: ruleset([]), files: { [path]: file + last?.input } }, wanted());
    expect(again.commands.map((command) => command.shows)).toEqual(ALL);
    expect(again.lasting).toContain('systemctl enable nftables');
  });
});

describe('as recorded', () => {
  const recorded = (name: string) => readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), 'utf8');

  test.each([
    ['nft', 4, 'reject with icmp port-unreachable'],
    ['ufw', 4, '7946/udp                   DENY IN     Anywhere'],
  ] as const)('%s: four rules are missing, and none once they were added', (tool, missing, stopper) => {
    const made = plan({ ...blank, [tool]: recorded(tool) }, wanted(true));
    expect(made.commands).toHaveLength(missing);
    expect(made.stoppedBy).toContain(stopper);
    expect(shows({ [tool]: recorded(`${tool}-after`) }, true)).toEqual([]);
  });

  test('firewalld: one port is in a range, one has a rich rule', () => {
    const zones = recorded('firewalld');
    const reading = { firewalld: 'running', defaultZone: 'public', zones, permanentZones: zones };
    expect(shows(reading, true)).toHaveLength(4);
    expect(shows(reading, true).join('\n')).not.toMatch(/port="7946"/);
    // Another zone is bound to that range: it decides.
    const inside = wantedPackets(['10.9.0.0/16'], { device: 'eth0', isManager: false });
    const { commands } = plan({ ...blank, ...reading }, inside);
    expect(commands.every(({ argv }) => argv.includes('--zone=internal'))).toBe(true);
    expect(commands).toHaveLength(6);
  });
});

describe('whom to open for', () => {
  const own = { cidr: '192.168.2.103/24' };
  test.each<[string, { cidr: string } | undefined, string[], string[]]>([
    ['its own private network', own, ['192.168.2.100', '192.168.2.101'], ['192.168.2.0/24']],
    ['and who is beyond it', own, ['192.168.2.100', '10.9.0.4'], ['192.168.2.0/24', '10.9.0.4/32']],
    [
      'a public network: each node by itself',
      { cidr: '203.0.113.7/24' },
      ['203.0.113.8'],
      ['203.0.113.8/32'],
    ],
    ['a very wide one too', { cidr: '10.1.2.3/8' }, ['10.1.2.4'], ['10.1.2.4/32']],
    ['no node in its own network', own, ['10.9.0.4'], ['10.9.0.4/32']],
    ['an address that is not known', undefined, ['10.9.0.4', '0.0.0.0', 'fd00::1', ''], ['10.9.0.4/32']],
  ])('%s', (_what, cidr, others, ranges) => {
    expect(neighbours(cidr, others).ranges).toEqual(ranges);
  });
});

test('a reading is taken apart by its titles', () => {
  const text =
    '\n== uid\n0\n\n== firewalld\nsh: 1: firewall-cmd: not found\n\n== ufw\n\n== iptables\n-P INPUT ACCEPT\n\n== units\nnftables\n\n== file:/etc/nftables.conf\nflush ruleset\n';
  expect(parseReading(text)).toMatchObject({
    isRoot: true,
    firewalld: 'sh: 1: firewall-cmd: not found',
    ufw: '',
    units: ['nftables'],
    files: { '/etc/nftables.conf': 'flush ruleset' },
  });
});
