import { must } from './command.ts';

/** Where labs look for a free /24: two /16 that hardly any machine routes. The second is set aside for benchmarks. */
const POOLS = ['10.213', '198.18'];

/**
 * Picks a /24 that touches none of the machine's routes and none of `taken` (CIDRs of other labs).
 * Two processes must not call this at once: the caller holds the machine's lock until its record is written.
 */
export async function pickNetwork(taken: readonly string[]): Promise<string> {
  const routes = await must(['ip', '-j', '-4', 'route', 'show', 'table', 'all']);
  const destinations = (JSON.parse(routes) as { dst?: string }[]).map((route) => route.dst ?? 'default');
  return freeNetwork([...destinations, ...taken]);
}

/**
 * The first /24 of the pools that overlaps none of `used`: CIDRs, single addresses, and the words that `ip route` uses.
 * Throws when there is none.
 */
export function freeNetwork(used: readonly string[]): string {
  const ranges = used.filter((dst) => /^\d/.test(dst) && dst !== '0.0.0.0/0').map(rangeOf);
  for (const pool of POOLS) {
    for (let third = 0; third < 256; third++) {
      const candidate = `${pool}.${third}.0/24`;
      const [first, last] = rangeOf(candidate);
      if (ranges.every(([from, to]) => to < first || from > last)) return candidate;
    }
  }
  throw new Error(
    `No address range is free for a lab: routes and other labs cover ${POOLS.join('.0.0/16 and ')}.0.0/16. ` +
      'Take other labs down (`npm run lab -- down`), or remove a route.',
  );
}

/** The n-th address of a /24: 1 is the machine's own, hosts start at 2. */
export function addressIn(network: string, n: number): string {
  if (n < 1 || n > 254) throw new Error(`A lab holds at most 253 hosts: its network is ${network}.`);
  return network.replace(/0\/24$/, String(n));
}

function rangeOf(cidr: string): [first: number, last: number] {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = value - (value % size);
  return [first, first + size - 1];
}
