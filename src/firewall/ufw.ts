/** Rules as `ufw status verbose` lists them. Pure. */
import { tests, type Chains, type Rule, type Test } from './rules.ts';

/** Undefined when ufw is not active. `in` and `out` are its two chains. */
export function parseUfw(text: string): Chains | undefined {
  if (!/^Status: active$/m.test(text)) return undefined;
  const { incoming, outgoing } =
    /^Default: (?<incoming>\w+) \(incoming\), (?<outgoing>\w+) \(outgoing\)/m.exec(text)?.groups ?? {};
  const policy = (word: string | undefined) =>
    word === undefined || word === 'allow' ? ('accept' as const) : ('drop' as const);
  const chains: Chains = {
    in: { policy: policy(incoming ?? 'deny'), rules: [] },
    out: { policy: policy(outgoing), rules: [] },
  };
  for (const line of text.split('\n')) {
    const row =
      /^(?<to>\S.*?)\s+(?<what>ALLOW|DENY|REJECT|LIMIT)(?: (?<way>IN|OUT|FWD))?\s+(?<from>\S.*?)\s*(?:#.*)?$/.exec(
        line,
      )?.groups;
    if (!row || row['way'] === 'FWD' || /\(v6\)/.test(line)) continue;
    const out = row['way'] === 'OUT';
    chains[out ? 'out' : 'in']?.rules.push(
      readRow(row['to'] ?? '', row['what'] ?? '', row['from'] ?? '', out, line.trim()),
    );
  }
  return chains;
}

function readRow(to: string, what: string, from: string, out: boolean, text: string): Rule {
  // `10.0.0.1 7946/udp on eth0`: an address, ports and a device, each of which may be missing.
  const here = parts(to);
  const there = parts(from);
  const found: Test[] = [];
  const other = out ? here : there;
  const own = out ? there : here;
  if (other.address !== undefined) found.push(tests.others([other.address]));
  if (own.address !== undefined) found.push(tests.unknown);
  const device = here.device ?? there.device;
  if (device !== undefined) found.push(tests.device(device));
  if (here.ports !== undefined) found.push(tests.ports(here.ports));
  if (here.protocol !== undefined) found.push(tests.protocol(here.protocol));
  // The name of an application's profile: which ports it stands for is not written here.
  if (here.name !== undefined || there.ports !== undefined) found.push(tests.unknown);
  return { tests: found, act: { kind: what === 'ALLOW' || what === 'LIMIT' ? 'accept' : 'drop' }, text };
}

function parts(text: string): {
  address?: string;
  ports?: string;
  protocol?: string;
  device?: string;
  name?: string;
} {
  const [where = '', device] = text.split(' on ');
  const found: ReturnType<typeof parts> = device === undefined ? {} : { device: device.trim() };
  for (const word of where.trim().split(/\s+/)) {
    const ports = /^(?<ports>[\d,:]+)(?:\/(?<protocol>tcp|udp))?$/.exec(word)?.groups;
    if (word === 'Anywhere' || word === '') continue;
    if (/^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(word)) found.address = word;
    else if (/^Anywhere\/(tcp|udp)$/.test(word)) found.protocol = word.slice(9);
    else if (ports) {
      found.ports = ports['ports'] ?? '';
      if (ports['protocol'] !== undefined) found.protocol = ports['protocol'];
    } else found.name = word;
  }
  return found;
}
