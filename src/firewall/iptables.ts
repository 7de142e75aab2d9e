/** Rules of the filter table as `iptables -S` and saved files write them. Pure. */
import { tests, type Act, type Chains, type Test } from './rules.ts';

/** Reads `iptables -S`, or the `*filter` part of what iptables-save wrote. */
export function parseIptables(text: string): Chains {
  const chains: Chains = {};
  const chain = (name: string) => (chains[name] ??= { policy: 'none', rules: [] });
  for (const line of filterPart(text)) {
    const words = wordsOf(line);
    const [first = '', name = '', ...rest] = words;
    if (first === '-P') chain(name).policy = rest[0] === 'DROP' ? 'drop' : 'accept';
    else if (first === '-N') chain(name);
    else if (first.startsWith(':'))
      chain(first.slice(1)).policy = name === 'DROP' ? 'drop' : name === '-' ? 'none' : 'accept';
    else if (first === '-A') chain(name).rules.push({ ...readRule(rest), text: line });
    else if (first === '-I') {
      const numbered = /^\d+$/.test(rest[0] ?? '');
      const at = numbered ? Number(rest[0]) - 1 : 0;
      chain(name).rules.splice(at, 0, { ...readRule(numbered ? rest.slice(1) : rest), text: line });
    }
  }
  return chains;
}

function filterPart(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const from = lines.indexOf('*filter');
  if (from === -1) return lines;
  const to = lines.indexOf('COMMIT', from);
  return lines.slice(from + 1, to === -1 ? undefined : to);
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** Options that restrict nothing that matters here, with how many words follow. */
const HARMLESS: Record<string, number> = {
  '--comment': 1,
  '--reject-with': 1,
  '--log-prefix': 1,
  '--log-level': 1,
  '-c': 2,
};

function readRule(words: string[]): { tests: Test[]; act: Act } {
  const found: Test[] = [];
  let act: Act = { kind: 'continue' };
  let negated = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const value = words[at + 1] ?? '';
    const add = (test: Test): void => {
      found.push(negated ? tests.not(test) : test);
      negated = false;
      at += 1;
    };
    const skip = HARMLESS[word];
    if (word === '!') negated = true;
    else if (word === '-m') at += 1;
    else if (skip !== undefined) at += skip;
    else if (word === '-j' || word === '-g') {
      act = targetOf(value);
      at += 1;
    } else if (word === '-p') add(tests.protocol(value));
    else if (word === '-s') add(tests.when('in', tests.others([value])));
    else if (word === '-d') add(tests.when('out', tests.others([value])));
    else if (word === '--dport' || word === '--dports') add(tests.ports(value));
    else if (word === '-i') add(tests.when('in', tests.device(value)));
    else if (word === '-o') add(tests.when('out', tests.device(value)));
    else if (word === '--ctstate' || word === '--state') add(tests.states(value.split(',')));
    else if (word === '--dst-type') add(value === 'LOCAL' ? tests.always : tests.unknown);
    else if (word.startsWith('-')) {
      found.push(tests.unknown);
      negated = false;
    }
  }
  return { tests: found, act };
}

function targetOf(target: string): Act {
  if (target === 'ACCEPT') return { kind: 'accept' };
  if (target === 'DROP' || target === 'REJECT') return { kind: 'drop' };
  if (target === 'RETURN') return { kind: 'return' };
  // A target that is no chain (LOG, MARK) leads nowhere, and the next rule is looked at.
  return { kind: 'jump', chain: target };
}
