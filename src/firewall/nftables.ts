/** Rules as `nft list ruleset` writes them. Pure. */
import { tests, type Act, type Chains, type Rule, type Test } from './rules.ts';

export interface NftTable {
  /** `inet`, `ip`. */
  family: string;
  name: string;
  chains: Chains;
  /** Chains that the kernel enters, by where. */
  base: { chain: string; hook: 'input' | 'output' }[];
}

/** Tables that can stop IPv4 packets of this host, but not those that iptables, firewalld, ufw or Docker keep for themselves. */
export function parseNft(text: string): NftTable[] {
  const tables: NftTable[] = [];
  let managed = false;
  let table: NftTable | undefined;
  let chain: string | undefined;
  let aside = 0;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const head = /^table (?<family>\S+) (?<name>\S+) \{$/.exec(line)?.groups;
    if (/managed by iptables-nft/.test(line)) managed = true;
    else if (head) {
      const { family = '', name = '' } = head;
      const theirs = managed || name === 'firewalld' || name.startsWith('docker');
      table = { family, name, chains: {}, base: [] };
      if (!theirs && ['ip', 'inet'].includes(family)) tables.push(table);
      managed = false;
    } else if (/^chain \S+ \{$/.test(line) && table) {
      chain = line.split(' ')[1] ?? '';
      table.chains[chain] = { policy: 'none', rules: [] };
    } else if (table && chain === undefined && line.endsWith('{')) {
      // A set, a map: nothing that decides by itself.
      aside += 1;
    } else if (line === '}') {
      if (aside > 0) aside -= 1;
      else if (chain !== undefined) chain = undefined;
      else table = undefined;
    } else if (table && chain !== undefined && aside === 0 && line !== '') addLine(table, chain, line);
  }
  // Before nft said so, tables of iptables-nft could be told by its names of chains.
  return tables.filter(
    ({ base }) => base.length > 0 && !base.some(({ chain: name }) => /^[A-Z]+$/.test(name)),
  );
}

function addLine(table: NftTable, chain: string, line: string): void {
  const hook = /^type filter hook (?<hook>\S+) /.exec(line)?.groups?.['hook'];
  const into = table.chains[chain];
  if (!into) return;
  if (hook !== undefined) {
    into.policy = /policy drop/.test(line) ? 'drop' : 'accept';
    if (hook === 'input' || hook === 'output') table.base.push({ chain, hook });
  } else if (!/^(type|flags|elements|size|policy)\b/.test(line)) into.rules.push(readRule(line));
}

/** Sets in braces are one word. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/\{[^}]*\}|"[^"]*"|\S+/g)].map(([word]) => word);
}

const members = (word: string): string[] =>
  word
    .replace(/^\{|\}$/g, '')
    .split(',')
    .map((one) => one.trim().replaceAll('"', ''));

function readRule(line: string): Rule {
  const words = wordsOf(line);
  const found: Test[] = [];
  let act: Act = { kind: 'continue' };
  for (let at = 0; at < words.length; at += 1) {
    const [word = '', next = '', third = ''] = words.slice(at, at + 3);
    // An operator may stand between what is looked at and the value.
    const negated = third === '!=';
    const value = (negated ? words[at + 3] : third) ?? '';
    const test = (made: Test, wide: number): void => {
      found.push(negated ? tests.not(made) : made);
      at += wide + (negated ? 1 : 0);
    };
    if (word === 'accept' || word === 'drop' || word === 'return') act = { kind: word };
    else if (word === 'reject') {
      act = { kind: 'drop' };
      break;
    } else if (word === 'jump' || word === 'goto') {
      act = { kind: 'jump', chain: next };
      at += 1;
    } else if (word === 'counter') {
      if (next === 'packets') at += 4;
    } else if (word === 'comment' || word === 'log') {
      if (word === 'comment') at += 1;
    } else if (word === 'tcp' || word === 'udp') {
      found.push(tests.protocol(word));
      if (next === 'dport') test(tests.ports(members(value).join(',')), 2);
      else test(tests.unknown, 2);
    } else if (word === 'th' && next === 'dport') test(tests.ports(members(value).join(',')), 2);
    else if (word === 'ip' && next === 'saddr') test(tests.when('in', tests.others(members(value))), 2);
    else if (word === 'ip' && next === 'daddr') test(tests.when('out', tests.others(members(value))), 2);
    else if ((word === 'ip' && next === 'protocol') || (word === 'meta' && next === 'l4proto'))
      test(anyOf(members(value).map(tests.protocol)), 2);
    else if (word === 'ip6' || (word === 'meta' && next === 'nfproto' && value === 'ipv6'))
      test(tests.never, 2);
    else if (word === 'ct' && next === 'state') {
      // `vmap` carries its own verdicts: of a new connection it says nothing unless it names one.
      if (third === 'vmap') {
        const verdict = /\bnew : (?<verdict>accept|drop)/.exec(words[at + 3] ?? '')?.groups?.['verdict'];
        if (verdict !== undefined) act = { kind: verdict as 'accept' };
        at += 3;
      } else test(tests.states(members(value)), 2);
    } else if (word === 'iif' || word === 'iifname' || word === 'oif' || word === 'oifname') {
      const isNot = next === '!=';
      const direction = word.startsWith('i') ? 'in' : 'out';
      const names = members(isNot ? third : next);
      const made = tests.when(direction, anyOf(names.map(tests.device)));
      found.push(isNot ? tests.not(made) : made);
      at += isNot ? 2 : 1;
    } else if (/^(meta|fib|limit|ip|icmp|icmpv6|ether|rt|socket|ct|mark)$/.test(word))
      test(word.startsWith('icmp') ? tests.never : tests.unknown, 2);
  }
  return { tests: found, act, text: line };
}

function anyOf(made: Test[]): Test {
  return (packet) => {
    const fits = made.map((test) => test(packet));
    if (fits.includes('all')) return 'all';
    return fits.includes('some') ? 'some' : 'none';
  };
}
