/** Zones as `firewall-cmd --list-all` writes them. Pure. */
import { contains } from '../probes/ranges.ts';

export interface Zone {
  name: string;
  target: string;
  /** `7946/udp`, `7000-8000/tcp`. */
  ports: string[];
  services: string[];
  richRules: string[];
  interfaces: string[];
  sources: string[];
}

export function parseZones(text: string): Zone[] {
  const zones: Zone[] = [];
  let inRules = false;
  for (const line of text.split('\n')) {
    const name = /^(?<name>[\w.-]+)(?: \(.*\))?$/.exec(line)?.groups?.['name'];
    if (name !== undefined) {
      zones.push({
        name,
        target: 'default',
        ports: [],
        services: [],
        richRules: [],
        interfaces: [],
        sources: [],
      });
      inRules = false;
      continue;
    }
    const zone = zones.at(-1);
    if (!zone) continue;
    const { key, value = '' } = /^\s+(?<key>[a-z -]+):\s*(?<value>.*)$/.exec(line)?.groups ?? {};
    const rule = /^\s*(?<rule>rule .*)$/.exec(line)?.groups?.['rule'];
    if (rule !== undefined && inRules) zone.richRules.push(rule.trim());
    else if (key !== undefined) {
      inRules = key === 'rich rules';
      const words = value.split(/\s+/).filter(Boolean);
      if (key === 'target') zone.target = value.trim();
      else if (key === 'ports' || key === 'services' || key === 'interfaces' || key === 'sources')
        zone[key] = words;
      else if (inRules && value.startsWith('rule ')) zone.richRules.push(value);
    }
  }
  return zones;
}

/** The zone that decides about packets from `others` at this device: one bound to a source before one of the interface. */
export function zoneFor(
  zones: readonly Zone[],
  device: string,
  others: string,
  fallback: string,
): Zone | undefined {
  return (
    zones.find(({ sources }) => sources.some((source) => contains(source, others))) ??
    zones.find(({ interfaces }) => interfaces.includes(device)) ??
    zones.find(({ name }) => name === fallback)
  );
}

/** What a zone lets in on this port, from all of `others`. */
export function zoneAccepts(
  zone: Zone,
  { port, protocol, others }: { port: number; protocol: string; others: string },
): boolean {
  if (zone.target === 'ACCEPT') return true;
  // The service that firewalld brings along: 2377/tcp, 7946/tcp+udp, 4789/udp.
  if (zone.services.includes('docker-swarm')) return true;
  const within = (range: string): boolean => {
    const [from = '', to = from] = range.split('-');
    return Number(from) <= port && port <= Number(to);
  };
  const named = zone.ports.some((one) => {
    const [range = '', its] = one.split('/');
    return its === protocol && within(range);
  });
  return (
    named ||
    zone.richRules.some((rule) => {
      const get = (pattern: RegExp): string | undefined => pattern.exec(rule)?.[1];
      const source = get(/source address="([^"]+)"/);
      return (
        / accept\b/.test(rule) &&
        !/ NOT /.test(rule) &&
        (get(/family="([^"]+)"/) ?? 'ipv4') === 'ipv4' &&
        get(/ protocol="([^"]+)"/) === protocol &&
        within(get(/port port="([^"]+)"/) ?? '') &&
        (source === undefined || contains(source, others))
      );
    })
  );
}

export function richRule({
  port,
  protocol,
  others,
}: {
  port: number;
  protocol: string;
  others: string;
}): string {
  return `rule family="ipv4" source address="${others}" port port="${port}" protocol="${protocol}" accept`;
}
