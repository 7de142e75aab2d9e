/** What a side that cannot be looked at means; the good and the blocked ways are tried on the lab (test/e2e/check.test.ts). */
import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { CommandResult, Conversation, DialOutcome, Host } from '../../src/hosts/hosts.ts';
import { AGENTS } from '../../src/probes/agent.ts';
import { exchange, type End, type Passage } from '../../src/probes/exchange.ts';
import { anyHost } from '../hosts/settings.ts';

/** This machine as a host: real programs, started by `before` them, and a firewall's answers to who dials. */
function here(
  name: string,
  {
    before = [],
    without = [],
    dial = { kind: 'open' },
  }: { before?: string[]; without?: string[]; dial?: DialOutcome } = {},
): Host {
  const converse = (argv: readonly string[], onLine: (line: string) => void): Promise<Conversation> => {
    const [program = '', ...rest] = [...before, ...argv];
    const child = spawn(without.includes(argv[0] ?? '') ? '/nonexistent' : program, rest, {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let unfinished = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (unfinished + chunk.toString()).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    child.stdin.on('error', () => {});
    const ended = new Promise<CommandResult>((resolve) => {
      child.on('error', () => resolve({ code: 127, stdout: '', stderr: '' }));
      child.on('close', (code) => resolve({ code: code ?? undefined, stdout: '', stderr: '' }));
    });
    return Promise.resolve({
      say: (line) => child.stdin.write(`${line}\n`),
      ended,
      end: () => {
        child.stdin.end();
        return ended;
      },
    });
  };
  return {
    name,
    address: '127.0.0.1',
    settings: { ...anyHost, name },
    converse,
    dial: () => Promise.resolve(dial),
  } as unknown as Host;
}

const end = (host: Host, manager = false): End & { host: Host } => ({
  name: host.name,
  host,
  address: '127.0.0.1',
  manager,
});
const brief = ({ from, to, port, outcome }: Passage) => `${from} > ${to} ${port} ${outcome}`;
const signal = new AbortController().signal;
const INTERPRETERS = AGENTS.map(([program = '']) => program);
const hasPython = spawnSync('python3', ['-c', '']).status === 0;
const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

describe.skipIf(process.getuid?.() !== 0)('an exchange of packets', () => {
  test.each([
    ['in Perl', ['python3']] as const,
    // A minimal Debian has Perl and no Python; this is about hosts that have it the other way round.
    ...(hasPython ? [['in Python', ['perl']] as const] : []),
  ])(
    '%s: all that passes is seen, with where it came from and how large it may be',
    async (_what, without) => {
      const [a, b] = [here('a', { without: [...without] }), here('b', { without: [...without] })];
      const { passages, widths, paths } = await exchange(end(a), [end(b, true)], signal);
      expect(passages.map(brief)).toEqual([
        'a > b 2377/tcp passes',
        'a > b 7946/tcp passes',
        'a > b 7946/udp passes',
        'a > b 4789/udp passes',
        'b > a 7946/tcp passes',
        'b > a 7946/udp passes',
        'b > a 4789/udp passes',
      ]);
      expect(widths.map(({ mtu, carries }) => carries === mtu)).toEqual([true, true]);
      expect(paths).toEqual([{ peer: 'b', source: '127.0.0.1', seenAs: '127.0.0.1' }]);
    },
  );

  test('without an interpreter a reset counts for TCP, and UDP is called untested', async () => {
    const bare = here('bare', { without: INTERPRETERS });
    const manager = here('manager', { dial: { kind: 'refused' } });
    const { passages, widths } = await exchange(end(bare), [end(manager, true)], signal);
    expect(passages.map(brief)).toEqual([
      'bare > manager 2377/tcp passes',
      'bare > manager 7946/tcp passes',
      'bare > manager 7946/udp untested',
      'bare > manager 4789/udp untested',
      'manager > bare 7946/tcp passes',
      'manager > bare 7946/udp untested',
      'manager > bare 4789/udp untested',
    ]);
    expect(passages[2]?.reason).toBe('there is neither Perl nor Python on bare');
    expect(widths).toEqual([]);
  });

  test('who is not root may send, and the other side sees it; what comes in is untested', async () => {
    const { passages } = await exchange(
      end(here('user', { before: NOBODY })),
      [end(here('manager'), true)],
      signal,
    );
    expect(passages.filter(({ port }) => port.endsWith('/udp')).map(brief)).toEqual([
      'user > manager 7946/udp passes',
      'user > manager 4789/udp passes',
      'manager > user 7946/udp untested',
      'manager > user 4789/udp untested',
    ]);
    expect(passages.at(-1)?.reason).toBe('only root may look for arriving datagrams on user');
  });

  test('who is in no inventory can only be dialled', async () => {
    const stranger: End = { name: 'stranger', address: '127.0.0.1', manager: true };
    const { passages } = await exchange(end(here('a')), [stranger], signal);
    expect(passages.map(({ outcome }) => outcome)).toEqual([
      'passes',
      'passes',
      ...Array<string>(5).fill('untested'),
    ]);
    expect(new Set(passages.slice(2).map(({ reason }) => reason))).toEqual(
      new Set(['nobody can look from stranger']),
    );
  });
});
