/** What a host says of itself where the engine's API does not: kernel, routes, disk, who has the swarm's ports. Pure but for one command. */
import type { Host } from '../hosts/hosts.ts';

export interface HostFacts {
  /** Kernel features that it has or can load; undefined where nobody can tell. */
  features: Record<Feature, boolean | undefined>;
  /** Its own addresses with the network each is in. */
  addresses: { device: string; cidr: string }[];
  /** Destinations of its routes, the default one left out. */
  routes: { to: string; device: string }[];
  /** Of the file system that the engine keeps its data on. */
  disk?: { totalBytes: number; freeBytes: number };
  /** Who listens on the ports of a swarm. */
  listeners: { port: number; protocol: 'tcp' | 'udp'; program: string }[];
}

type Feature = 'overlay' | 'bridge' | 'vxlan' | 'ip_vs' | 'br_netfilter';

const FEATURES: Feature[] = ['overlay', 'bridge', 'vxlan', 'ip_vs', 'br_netfilter'];

/**
 * A module may be loaded, loadable, or built in; a built-in one without parameters leaves no trace but its symbols.
 * Nothing here changes the host: modprobe only says what it would do.
 */
const SCRIPT = String.raw`
LC_ALL=C; export LC_ALL
part() { printf '== %s\n' "$1"; }
has() {
  [ -d "/sys/module/$1" ] || modprobe -n -q "$1" 2>/dev/null || modinfo "$1" >/dev/null 2>&1
}
part features
built_in=
for name in overlay bridge vxlan ip_vs br_netfilter; do
  if has "$name"; then echo "$name yes"; else built_in="$built_in $name"; fi
done
if [ -n "$built_in" ] && [ -r /proc/kallsyms ]; then
  # One pass for all of them: the kernel takes 50 ms to write it out.
  symbols=$(grep -oE ' (ovl_fill_super|br_handle_frame|vxlan_rcv|ip_vs_in|br_nf_pre_routing)' /proc/kallsyms)
  for name in $built_in; do
    case $name in
    overlay) symbol=ovl_fill_super ;;
    bridge) symbol=br_handle_frame ;;
    vxlan) symbol=vxlan_rcv ;;
    ip_vs) symbol=ip_vs_in ;;
    br_netfilter) symbol=br_nf_pre_routing ;;
    esac
    case $symbols in *"$symbol"*) echo "$name yes" ;; *) echo "$name no" ;; esac
  done
fi
part addresses
ip -o -4 addr show scope global
part routes
ip -4 route show
part disk
df -Pk "$1"
part listeners
ss -Hlntup '( sport = :2377 or sport = :7946 or sport = :4789 )' 2>/dev/null
`;

/** @throws HostFailure when the host runs no commands. */
export async function readHostFacts(
  host: Host,
  dataRoot: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<HostFacts> {
  const { stdout } = await host.run(['sh', '-c', SCRIPT, 'sh', dataRoot || '/var/lib/docker'], {
    timeoutMs,
    signal,
  });
  return parseHostFacts(stdout);
}

/** Reads what the script has printed; a part that a host cannot tell is empty. */
export function parseHostFacts(text: string): HostFacts {
  const parts = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const title = /^== (?<title>\w+)$/.exec(line)?.groups?.['title'];
    if (title !== undefined) parts.set(title, (lines = []));
    else if (line.trim() !== '') lines.push(line);
  }
  const part = (title: string): string[] => parts.get(title) ?? [];
  const features = new Map(part('features').map((line) => [line.split(' ')[0], line.endsWith(' yes')]));
  const disk = diskOf(part('disk'));
  return {
    features: Object.fromEntries(FEATURES.map((name) => [name, features.get(name)])) as HostFacts['features'],
    addresses: part('addresses').flatMap((line) => {
      const { device, cidr } =
        /^\d+:\s+(?<device>\S+)\s+inet\s+(?<cidr>\d+\.\d+\.\d+\.\d+\/\d+)/.exec(line)?.groups ?? {};
      return device && cidr ? [{ device: device.replace(/@.*/, ''), cidr }] : [];
    }),
    routes: part('routes').flatMap((line) => {
      const { to, device } = /^(?<to>\d\S*)\s.*?\bdev (?<device>\S+)/.exec(line)?.groups ?? {};
      return to && device ? [{ to: to.includes('/') ? to : `${to}/32`, device }] : [];
    }),
    ...(disk ? { disk } : {}),
    listeners: part('listeners').flatMap((line) => {
      const { protocol, port } =
        /^(?<protocol>tcp|udp)\s.*?:(?<port>2377|7946|4789)\s/.exec(line)?.groups ?? {};
      const program = /users:\(\("(?<program>[^"]+)"/.exec(line)?.groups?.['program'] ?? '';
      return protocol && port ? [{ port: Number(port), protocol: protocol as 'tcp' | 'udp', program }] : [];
    }),
  };
}

function diskOf(lines: string[]): HostFacts['disk'] {
  // Filesystem, 1024-blocks, Used, Available, Capacity, Mounted on (POSIX).
  const [, total, , free] = /(\d+)\s+(\d+)\s+(\d+)\s+\d+%/.exec(lines.at(-1) ?? '') ?? [];
  return total && free ? { totalBytes: Number(total) * 1024, freeBytes: Number(free) * 1024 } : undefined;
}
