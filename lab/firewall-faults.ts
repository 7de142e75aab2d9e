import { inHost, mustInHost } from './host.ts';

export type Protocol = 'tcp' | 'udp';
/** in: packets to this host's port. out: packets from this host to that port of another. */
export type Direction = 'in' | 'out' | 'both';

/** What a host's firewall does to packets that it does not let through. */
const DROP = ['DROP'];
/** firewalld's own way of saying no. A packet that a host itself wanted to send is refused to the program at once. */
const REJECT = ['REJECT', '--reject-with', 'icmp-host-prohibited'];

export async function dropPort(
  dir: string,
  host: string,
  port: number,
  protocol: Protocol,
  direction: Direction,
): Promise<void> {
  for (const chain of chainsOf(direction)) await insert(dir, host, chain, portRule(port, protocol, DROP));
}

export async function rejectPort(
  dir: string,
  host: string,
  port: number,
  protocol: Protocol,
  direction: Direction,
): Promise<void> {
  for (const chain of chainsOf(direction)) await insert(dir, host, chain, portRule(port, protocol, REJECT));
}

export async function passPort(dir: string, host: string, port: number, protocol: Protocol): Promise<void> {
  for (const chain of chainsOf('both')) {
    for (const target of [DROP, REJECT]) await removeAll(dir, host, chain, portRule(port, protocol, target));
  }
}

/**
 * Drops what is larger than `bytes` (with its IP header), in both directions, without an ICMP message about it.
 * @param spared address to and from which everything passes.
 */
export async function narrowPath(dir: string, host: string, bytes: number, spared: string): Promise<void> {
  for (const chain of chainsOf('both')) await insert(dir, host, chain, sizeRule(chain, bytes, spared));
}

export async function widenPath(dir: string, host: string, bytes: number, spared: string): Promise<void> {
  for (const chain of chainsOf('both')) await removeAll(dir, host, chain, sizeRule(chain, bytes, spared));
}

function chainsOf(direction: Direction): string[] {
  return direction === 'both' ? ['INPUT', 'OUTPUT'] : [direction === 'in' ? 'INPUT' : 'OUTPUT'];
}

function portRule(port: number, protocol: Protocol, target: readonly string[]): string[] {
  return ['-p', protocol, '--dport', String(port), '-j', ...target];
}

function sizeRule(chain: string, bytes: number, spared: string): string[] {
  const [interfaceOf, addressOf] = chain === 'INPUT' ? ['-i', '-s'] : ['-o', '-d'];
  const size = ['-m', 'length', '--length', `${bytes + 1}:`];
  return ['!', interfaceOf, 'lo', '!', addressOf, spared, ...size, '-j', 'DROP'];
}

/** Before all other rules, those of the engine included. */
async function insert(dir: string, host: string, chain: string, rule: readonly string[]): Promise<void> {
  await mustInHost(dir, host, ['iptables', '-w', '-I', chain, ...rule]);
}

/** As often as it was inserted; iptables fails once there is no such rule any more. */
async function removeAll(dir: string, host: string, chain: string, rule: readonly string[]): Promise<void> {
  while ((await inHost(dir, host, ['iptables', '-w', '-D', chain, ...rule])).code === 0);
}
