import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  fingerprint,
  hostKeyAlgorithms,
  judgeHostKey,
  knownKeys,
  lookupName,
  parseKnownHosts,
} from '../../src/hosts/known-hosts.ts';
import type { HostKey } from '../../src/hosts/known-hosts.ts';

const dir = mkdtempSync(join(tmpdir(), 'known-hosts-'));
const keys: Record<string, { line: string; key: HostKey }> = {};

beforeAll(() => {
  for (const [name, type] of [
    ['one', 'ed25519'],
    ['two', 'ed25519'],
    ['rsa', 'rsa'],
    ['ecdsa', 'ecdsa'],
  ] as const) {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', join(dir, name)]);
    const line = readFileSync(join(dir, `${name}.pub`), 'utf8').trim();
    const [keyType = '', base64 = ''] = line.split(' ');
    keys[name] = { line, key: { type: keyType, blob: Buffer.from(base64, 'base64') } };
  }
});
afterAll(() => rmSync(dir, { recursive: true }));

const line = (name: string) => keys[name]?.line ?? '';
const key = (name: string): HostKey => keys[name]?.key ?? { type: '', blob: Buffer.alloc(0) };
const verdict = (text: string, address: string, port: number, offered: string) =>
  judgeHostKey(parseKnownHosts(text), address, port, key(offered)).kind;

/** A file with these lines as `ssh-keygen -H` hashes it. */
function hashed(text: string): string {
  const file = join(dir, 'to-hash');
  writeFileSync(file, `${text}\n`);
  execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'pipe' });
  const result = readFileSync(file, 'utf8');
  expect(result).toContain('|1|');
  return result;
}

test('a plain entry knows its key and no other', () => {
  const text = `manager,10.0.0.1 ${line('one')} a comment`;
  expect(verdict(text, 'manager', 22, 'one')).toBe('known');
  expect(verdict(text, 'MANAGER', 22, 'one')).toBe('known');
  expect(verdict(text, '10.0.0.1', 22, 'one')).toBe('known');
  expect(verdict(text, '10.0.0.1', 22, 'two')).toBe('changed');
  expect(verdict(text, '10.0.0.2', 22, 'one')).toBe('unknown');
});

test('entries that ssh-keygen -H hashed are found, with and without a port', () => {
  const text = hashed(`10.0.0.1 ${line('one')}\n[10.0.0.1]:2222 ${line('two')}\nweb-1 ${line('rsa')}`);
  expect(text).not.toContain('10.0.0.1');
  expect(verdict(text, '10.0.0.1', 22, 'one')).toBe('known');
  expect(verdict(text, '10.0.0.1', 2222, 'two')).toBe('known');
  expect(verdict(text, '10.0.0.1', 2222, 'one')).toBe('changed');
  expect(verdict(text, 'WEB-1', 22, 'rsa')).toBe('known');
  expect(verdict(text, 'web-2', 22, 'rsa')).toBe('unknown');
});

test('a host may have several keys; the types that are known are asked for first', () => {
  const text = `h ${line('rsa')}\nh ${line('ecdsa')}`;
  const known = knownKeys(parseKnownHosts(text), 'h', 22);
  expect(known.map(({ type }) => type)).toEqual(['ssh-rsa', 'ecdsa-sha2-nistp256']);
  expect(verdict(text, 'h', 22, 'rsa')).toBe('known');
  expect(verdict(text, 'h', 22, 'ecdsa')).toBe('known');
  expect(verdict(text, 'h', 22, 'one')).toBe('changed');
  expect(hostKeyAlgorithms(known).slice(0, 4)).toEqual([
    'ecdsa-sha2-nistp256',
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
  ]);
  expect(hostKeyAlgorithms(known)).toContain('ssh-ed25519');
});

test('a host at an unusual port may stand without its port, but a different key there is unknown, not changed', () => {
  expect(verdict(`h ${line('one')}`, 'h', 2222, 'one')).toBe('known');
  expect(verdict(`h ${line('one')}`, 'h', 2222, 'two')).toBe('unknown');
  expect(verdict(`h ${line('one')}\n[h]:2222 ${line('two')}`, 'h', 2222, 'one')).toBe('changed');
  expect(verdict(`[h]:2222 ${line('one')}`, 'h', 22, 'one')).toBe('unknown');
});

test('a revoked key is refused whatever else the file says', () => {
  const text = `h ${line('one')}\n@revoked * ${line('one')}\nh ${line('two')}`;
  expect(judgeHostKey(parseKnownHosts(text), 'h', 22, key('one'))).toEqual({ kind: 'revoked', line: 2 });
  expect(verdict(text, 'h', 22, 'two')).toBe('known');
  expect(verdict(`@revoked h ${line('one')}`, 'h', 22, 'two')).toBe('unknown');
});

test('wildcards match, and a negated pattern takes a host out', () => {
  const text = `*.example.org,web-?,!bad.example.org ${line('one')}`;
  expect(verdict(text, 'a.example.org', 22, 'one')).toBe('known');
  expect(verdict(text, 'web-1', 22, 'one')).toBe('known');
  expect(verdict(text, 'web-10', 22, 'one')).toBe('unknown');
  expect(verdict(text, 'bad.example.org', 22, 'one')).toBe('unknown');
  expect(verdict(`!h ${line('one')}`, 'h', 22, 'one')).toBe('unknown');
});

test('lines that cannot be used are named with their reason, and nothing is taken from them', () => {
  const { entries, ignored } = parseKnownHosts(
    [
      '# a comment',
      '',
      `@cert-authority *.example.org ${line('one')}`,
      `@odd h ${line('one')}`,
      'h ssh-ed25519',
      'h 1024 35 1234567',
      `h ssh-ed25519 ${line('rsa').split(' ')[1]}`,
      'h ssh-ed25519 AAAA',
      `|2|abc|def ${line('one')}`,
      `|1|abc|def ${line('one')}`,
      `h ${line('one')}`,
    ].join('\r\n'),
  );
  expect(entries.map((entry) => entry.line)).toEqual([11]);
  expect(ignored.map((entry) => entry.line)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  expect(ignored[0]?.reason).toContain('certificate authority');
});

test('the fingerprint is the one that ssh-keygen prints', () => {
  const printed = execFileSync('ssh-keygen', ['-lf', join(dir, 'one.pub')], { encoding: 'utf8' });
  expect(printed).toContain(fingerprint(key('one')));
});

describe('against ssh-keygen -F', () => {
  /** What OpenSSH itself finds: the line numbers. */
  const opensshFinds = (file: string, name: string): number[] => {
    try {
      const out = execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8', stdio: 'pipe' });
      return [...out.matchAll(/found: line (\d+)/g)].map(([, number]) => Number(number));
    } catch {
      return [];
    }
  };
  const label = fc.stringMatching(/^[ab.*?]{1,4}$/);
  const pattern = fc.tuple(fc.boolean(), label).map(([negated, text]) => (negated ? `!${text}` : text));
  const hostsField = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => patterns.join(','));

  test('the same lines are found for any patterns and any name', () => {
    const file = join(dir, 'random');
    fc.assert(
      fc.property(
        fc.array(hostsField, { minLength: 1, maxLength: 4 }),
        fc.stringMatching(/^[ab.]{1,5}$/),
        fc.boolean(),
        (fields, name, withPort) => {
          const lines = fields.map((field) => `${field} ${line('one')}`).concat(`[*]:2222 ${line('two')}`);
          writeFileSync(file, `${lines.join('\n')}\n`);
          const asked = lookupName(name, withPort ? 2222 : 22);
          const ours = parseKnownHosts(lines.join('\n'))
            .entries.filter((entry) => entry.matches(asked))
            .map((entry) => entry.line);
          expect(ours).toEqual(opensshFinds(file, asked));
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  test('a pattern made to take long is answered at once', () => {
    const text = `${'*a'.repeat(40)}b ${line('one')}`;
    const before = performance.now();
    expect(verdict(text, 'a'.repeat(200), 22, 'one')).toBe('unknown');
    expect(performance.now() - before).toBeLessThan(500);
  });
});
