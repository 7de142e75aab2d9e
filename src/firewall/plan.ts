/** Which rules to add so that the swarm's packets pass: exactly those, at the place where they count. Pure. */
import { parseZones, richRule, zoneAccepts, zoneFor } from './firewalld.ts';
import { parseIptables } from './iptables.ts';
import { parseNft, type NftTable } from './nftables.ts';
import type { Reading } from './reading.ts';
import { decide, type Packet } from './rules.ts';
import { parseUfw } from './ufw.ts';

type Ruler = 'firewalld' | 'ufw' | 'nftables' | 'iptables' | 'nothing';

export interface Command {
  argv: string[];
  input?: string;
  /** As a person would type it. */
  shows: string;
  /** What it is good for: at once, after a boot, or both. */
  lasts: 'now' | 'boot' | 'both';
}

export interface Plan {
  ruler: Ruler;
  /** A sentence: how that was found. */
  how: string;
  /** In their order. None: all is open as far as this host is concerned. */
  commands: Command[];
  /** What stops packets now, in the words of the tool. */
  stoppedBy: string[];
  /** A sentence: what makes the rules outlast a boot, or what is missing for that. */
  lasting: string;
  outlastsBoot: boolean;
}

const NOTE = 'swarmkeeper';

export function plan(reading: Reading, wanted: readonly Packet[]): Plan {
  if (reading.firewalld === 'running') return withFirewalld(reading, wanted);
  const ufw = parseUfw(reading.ufw);
  if (ufw) return withUfw(ufw, wanted);
  const tables = parseNft(reading.nft);
  if (tables.length > 0) return withNft(tables, reading, wanted);
  return withIptables(reading, wanted);
}

function withFirewalld({ zones, permanentZones, defaultZone }: Reading, wanted: readonly Packet[]): Plan {
  const now = parseZones(zones);
  const later = parseZones(permanentZones);
  const used = new Set<string>();
  const stoppedBy: string[] = [];
  const commands = wanted
    // firewalld leaves alone what goes out, unless somebody writes policies for that.
    .filter(({ direction }) => direction === 'in')
    .flatMap((packet): Command[] => {
      const zone = zoneFor(now, packet.device, packet.others, defaultZone);
      if (!zone) return [];
      used.add(zone.name);
      const rule = richRule(packet);
      const add = (lasts: 'now' | 'boot'): Command => {
        const argv = [
          'firewall-cmd',
          ...(lasts === 'boot' ? ['--permanent'] : []),
          `--zone=${zone.name}`,
          `--add-rich-rule=${rule}`,
        ];
        return { argv, lasts, shows: [...argv.slice(0, -1), `--add-rich-rule='${rule}'`].join(' ') };
      };
      const kept = later.find(({ name }) => name === zone.name);
      const isOpen = zoneAccepts(zone, packet);
      if (!isOpen) stoppedBy.push(`zone ${zone.name} does not let in ${packet.port}/${packet.protocol}`);
      return [...(isOpen ? [] : [add('now')]), ...(kept && zoneAccepts(kept, packet) ? [] : [add('boot')])];
    });
  return {
    ruler: 'firewalld',
    how: `firewalld rules it (\`firewall-cmd --state\` says running), by its zone ${[...used].join(', ') || defaultZone}.`,
    commands,
    stoppedBy,
    lasting: 'firewalld keeps them: each is added to what runs and to what it loads at boot.',
    outlastsBoot: true,
  };
}

function withUfw(chains: NonNullable<ReturnType<typeof parseUfw>>, wanted: readonly Packet[]): Plan {
  const stopped = stops(chains, { in: 'in', out: 'out' }, wanted);
  return {
    ruler: 'ufw',
    how: 'ufw rules it (`ufw status` says active).',
    commands: stopped.map(({ packet, by }) => {
      const { direction, protocol, port, others } = packet;
      // The first rule that fits counts: before a rule that denies it must stand before that.
      const denied = /\b(DENY|REJECT)\b/.test(by);
      const range = direction === 'in' ? ['from', others, 'to', 'any'] : ['to', others];
      const argv = [
        'ufw',
        ...(denied ? ['prepend'] : []),
        'allow',
        ...(direction === 'out' ? ['out'] : []),
        'proto',
        protocol,
        ...range,
        'port',
        String(port),
        'comment',
        NOTE,
      ];
      return { argv, shows: argv.join(' '), lasts: 'both' };
    }),
    stoppedBy: reasons(stopped),
    lasting: 'ufw keeps them: it loads its rules at boot.',
    outlastsBoot: true,
  };
}

interface Stop {
  packet: Packet;
  by: string;
}

function stops(
  chains: Parameters<typeof decide>[0],
  entry: Record<Packet['direction'], string>,
  wanted: readonly Packet[],
): Stop[] {
  return wanted.flatMap((packet) => {
    const decision = decide(chains, entry[packet.direction], packet);
    return decision.accepted ? [] : [{ packet, by: decision.by }];
  });
}

const reasons = (stopped: Stop[]): string[] => [...new Set(stopped.map(({ by }) => by))];

const NFT_FILES = ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf'];

function withNft(tables: NftTable[], { files, units }: Reading, wanted: readonly Packet[]): Plan {
  const path = NFT_FILES.find((name) => files[name] !== undefined);
  const file = path === undefined ? '' : (files[path] ?? '');
  const stoppedBy: string[] = [];
  const lines: string[] = [];
  const commands: Command[] = [];
  for (const { family, name, chains, base } of tables) {
    for (const { chain, hook } of base) {
      const direction = hook === 'input' ? 'in' : 'out';
      const ours = wanted.filter((packet) => packet.direction === direction);
      const stopped = stops(chains, { in: chain, out: chain }, ours);
      stoppedBy.push(...reasons(stopped));
      const rule = ({ protocol, port, others }: Packet): string[] => [
        'insert',
        'rule',
        family,
        name,
        chain,
        'ip',
        direction === 'in' ? 'saddr' : 'daddr',
        others,
        protocol,
        'dport',
        String(port),
        'counter',
        'accept',
        'comment',
        `"${NOTE}"`,
      ];
      for (const { packet } of stopped) {
        const argv = ['nft', ...rule(packet)];
        commands.push({ argv, shows: argv.join(' '), lasts: 'now' });
      }
      // The file that is loaded at boot makes this table: what it lets through already needs no line of ours.
      const kept = parseNft(file).find((one) => one.family === family && one.name === name);
      if (kept) {
        const isOurs = (packet: Packet): boolean => file.includes(rule(packet).join(' '));
        lines.push(
          ...stops(kept.chains, { in: chain, out: chain }, ours)
            .filter(({ packet }) => !isOurs(packet))
            .map(({ packet }) => rule(packet).join(' ')),
        );
      }
    }
  }
  const made =
    path !== undefined &&
    tables.every(({ family, name }) =>
      parseNft(file).some((one) => one.family === family && one.name === name),
    );
  if (path !== undefined && lines.length > 0)
    commands.push({
      argv: ['tee', '-a', path],
      input: `\n# Added for the swarm.\n${lines.join('\n')}\n`,
      shows: `in ${path}: ${lines.join('; ')}`,
      lasts: 'boot',
    });
  const enabled = units.includes('nftables');
  return {
    ruler: 'nftables',
    how: `nftables rules it (\`nft list ruleset\` has ${tables.map(({ family, name }) => `table ${family} ${name}`).join(', ')}).`,
    commands,
    stoppedBy: [...new Set(stoppedBy)],
    outlastsBoot: made && enabled,
    lasting: !made
      ? 'Nothing was found that loads these tables at boot: whatever makes them must be told of the new rules, or they last until the next boot only.'
      : enabled
        ? `They last: ${path} is loaded at boot.`
        : `They are in ${path}, but its service is not enabled: \`systemctl enable nftables\` makes them last.`,
  };
}

const SAVED = ['/etc/iptables/rules.v4', '/etc/sysconfig/iptables'];
const CHAIN = { in: 'INPUT', out: 'OUTPUT' } as const;

function withIptables({ iptables, files, units }: Reading, wanted: readonly Packet[]): Plan {
  const stopped = stops(parseIptables(iptables), CHAIN, wanted);
  const rule = ({ direction, protocol, port, others }: Packet): string[] => [
    '-p',
    protocol,
    direction === 'in' ? '-s' : '-d',
    others,
    '--dport',
    String(port),
    '-m',
    'comment',
    '--comment',
    NOTE,
    '-j',
    'ACCEPT',
  ];
  const commands: Command[] = stopped.map(({ packet }) => {
    const argv = ['iptables', '-w', '-I', CHAIN[packet.direction], '1', ...rule(packet)];
    return { argv, shows: argv.join(' '), lasts: 'now' };
  });
  const path = SAVED.find((name) => files[name]?.includes('*filter'));
  if (path !== undefined) {
    const file = files[path] ?? '';
    const kept = parseIptables(file);
    const lines = wanted
      .filter((packet) => !decide(kept, CHAIN[packet.direction], packet).accepted)
      .map((packet) => ['-I', CHAIN[packet.direction], '1', ...rule(packet)].join(' '));
    if (lines.length > 0)
      commands.push(
        {
          argv: ['cp', '-p', path, `${path}.before-${NOTE}`],
          shows: `cp -p ${path} ${path}.before-${NOTE}`,
          lasts: 'boot',
        },
        {
          argv: ['tee', path],
          input: withLines(file, lines),
          shows: `in ${path}: ${lines.join('; ')}`,
          lasts: 'boot',
        },
      );
  }
  const loads = units.some((unit) => unit === 'netfilter-persistent' || unit === 'iptables');
  const ruled = iptables.trim() !== '';
  const rules = parseIptables(iptables);
  const open = (['INPUT', 'OUTPUT'] as const).every(
    (name) => rules[name]?.policy !== 'drop' && (rules[name]?.rules.length ?? 0) === 0,
  );
  return {
    ruler: ruled && !open ? 'iptables' : 'nothing',
    how: !ruled
      ? 'No firewall was found on it: neither firewalld nor ufw nor nftables nor iptables.'
      : open
        ? 'No firewall of its own rules it: iptables lets everything in and out.'
        : 'iptables rules it (neither firewalld nor ufw is active, and nftables has no rules of its own).',
    commands,
    stoppedBy: reasons(stopped),
    outlastsBoot: path !== undefined && loads,
    lasting:
      path === undefined
        ? 'Nothing loads iptables rules at boot there: install iptables-persistent (Debian, Ubuntu) or iptables-services (Fedora, CentOS), save the rules with it, or they last until the next boot only.'
        : loads
          ? `They last: ${path} is loaded at boot.`
          : `They are in ${path}, but nothing that loads it is enabled: \`systemctl enable ${path.includes('sysconfig') ? 'iptables' : 'netfilter-persistent'}\` makes them last.`,
  };
}

/** The saved file with these lines at the end of its filter table. */
function withLines(file: string, lines: string[]): string {
  const all = file.split('\n');
  const from = all.findIndex((line) => line.trim() === '*filter');
  const commit = all.findIndex((line, at) => at > from && line.trim() === 'COMMIT');
  const at = commit === -1 ? all.length : commit;
  return `${[...all.slice(0, at), ...lines, ...all.slice(at)].join('\n').replace(/\n*$/, '')}\n`;
}
