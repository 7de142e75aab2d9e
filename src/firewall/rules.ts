/** Packet filter rules, whoever wrote them, and what they do to a packet that begins a connection. Pure. */
import { contains, overlaps, rangeOf } from '../probes/ranges.ts';

/** The first packet between this host and any address of a range. */
export interface Packet {
  direction: 'in' | 'out';
  protocol: 'tcp' | 'udp';
  /** At the side that is spoken to. */
  port: number;
  /** CIDR on the other side. */
  others: string;
  /** Interface that it comes in at or goes out by. */
  device: string;
}

/** How much of what a packet stands for a rule fits: for `some` nobody can be sure. */
export type Fit = 'all' | 'some' | 'none';
export type Test = (packet: Packet) => Fit;

export type Act = { kind: 'accept' | 'drop' | 'return' | 'continue' } | { kind: 'jump'; chain: string };

export interface Rule {
  tests: Test[];
  act: Act;
  /** As the tool writes it. */
  text: string;
}

export interface Chains {
  [name: string]: { policy: 'accept' | 'drop' | 'none'; rules: Rule[] };
}

export type Decision = { accepted: true } | { accepted: false; by: string };

/** What becomes of a packet that enters at `chain`; `by`: the rule or the policy that stops it. */
export function decide(chains: Chains, chain: string, packet: Packet): Decision {
  const decided = walk(chains, chain, packet, true, 0);
  if (decided) return decided;
  return chains[chain]?.policy === 'drop'
    ? { accepted: false, by: `the policy of ${chain}, which is to drop` }
    : { accepted: true };
}

const DEEPEST = 16;

/** `sure`: the packet comes here in any case. Accepting counts only then; dropping counts in either case. */
function walk(
  chains: Chains,
  name: string,
  packet: Packet,
  sure: boolean,
  depth: number,
): Decision | undefined {
  if (depth > DEEPEST) return undefined;
  for (const { tests, act, text } of chains[name]?.rules ?? []) {
    const fit = worst(tests.map((test) => test(packet)));
    if (fit === 'none') continue;
    const certain = sure && fit === 'all';
    if (act.kind === 'accept' && certain) return { accepted: true };
    if (act.kind === 'drop') return { accepted: false, by: text };
    if (act.kind === 'return' && certain) return undefined;
    if (act.kind === 'jump') {
      const inside = walk(chains, act.chain, packet, certain, depth + 1);
      if (inside) return inside;
    }
  }
  return undefined;
}

function worst(fits: Fit[]): Fit {
  if (fits.includes('none')) return 'none';
  return fits.includes('some') ? 'some' : 'all';
}

const not =
  (test: Test): Test =>
  (packet) => {
    const fit = test(packet);
    return fit === 'all' ? 'none' : fit === 'none' ? 'all' : 'some';
  };

/** The kinds of tests that rules are made of. */
export const tests = {
  not,
  unknown: (): Fit => 'some',
  never: (): Fit => 'none',
  always: (): Fit => 'all',
  protocol:
    (wanted: string): Test =>
    ({ protocol }) =>
      ['all', 'any', '0', protocol, protocol === 'tcp' ? '6' : '17'].includes(wanted) ? 'all' : 'none',
  /** `7946`, `2377,7946`, `7000:8000`, `7000-8000`. */
  ports:
    (list: string): Test =>
    ({ port }) => {
      if (!/^[\d,:\s-]+$/.test(list)) return 'some';
      return list.split(',').some((part) => {
        const [from = '', to = from] = part.trim().split(/[:-]/);
        return Number(from || 0) <= port && port <= Number(to || 65_535);
      })
        ? 'all'
        : 'none';
    },
  /** Addresses of the other side, as CIDRs. */
  others:
    (cidrs: string[]): Test =>
    ({ others }) => {
      if (cidrs.some((cidr) => contains(cidr, others))) return 'all';
      // What is no range of its own (a named set, from-to) may hold anything.
      return cidrs.some((cidr) => !rangeOf(cidr) || overlaps(cidr, others)) ? 'some' : 'none';
    },
  device:
    (name: string): Test =>
    ({ device }) => {
      const prefix = /^(?<prefix>.*)[+*]$/.exec(name)?.groups?.['prefix'];
      if (device === '') return 'some';
      return (prefix === undefined ? device === name : device.startsWith(prefix)) ? 'all' : 'none';
    },
  /** States of connections; what is asked about begins one. */
  states:
    (list: string[]): Test =>
    () =>
      list.some((state) => state.toLowerCase() === 'new') ? 'all' : 'none',
  when:
    (direction: Packet['direction'], test: Test): Test =>
    (packet) =>
      packet.direction === direction ? test(packet) : 'some',
};
