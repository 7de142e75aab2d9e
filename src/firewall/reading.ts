/** What rules a host's packets: read by the tools themselves, nothing is changed. */
import { UserError } from '../errors.ts';
import type { Host } from '../hosts/hosts.ts';

/** What the tools have printed; a tool that the host lacks has printed nothing. */
export interface Reading {
  isRoot: boolean;
  /** `running` where firewalld is. */
  firewalld: string;
  defaultZone: string;
  zones: string;
  permanentZones: string;
  ufw: string;
  nft: string;
  iptables: string;
  /** Files that rules are loaded from at boot, by path. */
  files: Record<string, string>;
  /** Systemd units that load them, those that are enabled. */
  units: string[];
}

const FILES = [
  '/etc/iptables/rules.v4',
  '/etc/sysconfig/iptables',
  '/etc/nftables.conf',
  '/etc/sysconfig/nftables.conf',
];

const SCRIPT = String.raw`
LC_ALL=C; export LC_ALL
part() { printf '\n== %s\n' "$1"; }
part uid
id -u
part firewalld
firewall-cmd --state 2>&1
if firewall-cmd --state >/dev/null 2>&1; then
  part defaultZone
  firewall-cmd --get-default-zone
  part zones
  firewall-cmd --list-all-zones
  part permanentZones
  firewall-cmd --permanent --list-all-zones
fi
part ufw
ufw status verbose 2>/dev/null
part nft
nft list ruleset 2>/dev/null
part iptables
iptables -w -S 2>/dev/null
part units
for unit in netfilter-persistent iptables nftables; do
  systemctl is-enabled --quiet "$unit" 2>/dev/null && echo "$unit"
done
for file; do
  [ -r "$file" ] && part "file:$file" && cat "$file"
done
true
`;

/** How a command is given with root's rights: with nothing before it, or with sudo. */
export async function rootPrefix(host: Host, signal: AbortSignal): Promise<string[]> {
  if (host.settings.ssh.user === 'root') return [];
  const tried = await host.run(['sudo', '-n', 'true'], { signal });
  if (tried.code === 0) return ['sudo', '-n'];
  const { user } = host.settings.ssh;
  throw new UserError(
    `Only root may read and change the firewall of ${host.name}, and ${user} is not allowed to.`,
    {
      hint: `Let ${user} run commands by sudo without a password there, or log in as root, or open the ports by hand.`,
    },
  );
}

export async function readFirewall(host: Host, prefix: string[], signal: AbortSignal): Promise<Reading> {
  const { stdout } = await host.run([...prefix, 'sh', '-c', SCRIPT, 'sh', ...FILES], { signal });
  return parseReading(stdout);
}

export function parseReading(text: string): Reading {
  const parts = new Map<string, string>();
  for (const piece of text.split(/^== /m).slice(1)) {
    const end = piece.indexOf('\n');
    parts.set(piece.slice(0, end), piece.slice(end + 1).replace(/\n$/, ''));
  }
  const part = (name: string): string => parts.get(name) ?? '';
  return {
    isRoot: part('uid').trim() === '0',
    firewalld: part('firewalld').trim(),
    defaultZone: part('defaultZone').trim(),
    zones: part('zones'),
    permanentZones: part('permanentZones'),
    ufw: part('ufw'),
    nft: part('nft'),
    iptables: part('iptables'),
    files: Object.fromEntries(
      [...parts].flatMap(([name, content]) =>
        name.startsWith('file:') ? [[name.slice(5), content] as const] : [],
      ),
    ),
    units: part('units').split('\n').filter(Boolean),
  };
}
