/**
 * OpenSSH's known_hosts, parsed and asked (format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Pure: text in, verdict out.
 * The one package for it on npm (`known_hosts`) knows neither markers nor negation nor ports, and is not kept.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface KnownHosts {
  entries: KnownHostsEntry[];
  /** Lines that say nothing usable, so that the operator can be told. */
  ignored: { line: number; reason: string }[];
}

interface KnownHostsEntry {
  line: number;
  revoked: boolean;
  matches(name: string): boolean;
  key: HostKey;
}

export interface HostKey {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256` ... */
  type: string;
  blob: Buffer;
}

export type HostKeyVerdict =
  | { kind: 'known' }
  | { kind: 'unknown' }
  | { kind: 'changed'; known: HostKey[] }
  | { kind: 'revoked'; line: number };

export function parseKnownHosts(text: string): KnownHosts {
  const entries: KnownHostsEntry[] = [];
  const ignored: KnownHosts['ignored'] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const parsed = parseLine(content, index + 1);
    if (typeof parsed === 'string') ignored.push({ line: index + 1, reason: parsed });
    else entries.push(parsed);
  }
  return { entries, ignored };
}

/** One line, or why it cannot be used. */
function parseLine(content: string, line: number): KnownHostsEntry | string {
  const fields = content.split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  if (marker === '@cert-authority') return 'names a certificate authority, which is not used: host keys are';
  if (marker !== undefined && marker !== '@revoked') return `has the unknown marker ${marker}`;
  const [hosts, type, base64] = fields;
  if (hosts === undefined || type === undefined || base64 === undefined) return 'has fewer than three fields';
  if (/^\d+$/.test(type)) return 'holds a key of SSH protocol 1';
  const blob = Buffer.from(base64, 'base64');
  if (typeOfBlob(blob) !== type) return `holds no ${type} key: its data is cut short or damaged`;
  const matches = hosts.startsWith('|') ? hashedName(hosts) : listOfPatterns(hosts);
  if (matches === undefined) return 'holds a hashed name of an unknown form';
  return { line, revoked: marker === '@revoked', matches, key: { type, blob } };
}

/** The key type that a public key's wire form starts with (RFC 4253, 6.6), or empty. */
export function typeOfBlob(blob: Buffer): string {
  if (blob.length < 4) return '';
  const length = blob.readUInt32BE(0);
  return length > 64 || blob.length <= 4 + length ? '' : blob.toString('latin1', 4, 4 + length);
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, as `ssh-keygen -H` writes it. */
function hashedName(field: string): ((name: string) => boolean) | undefined {
  const [empty, version, salt, hash, ...rest] = field.split('|');
  if (empty !== '' || version !== '1' || salt === undefined || hash === undefined || rest.length > 0)
    return undefined;
  const key = Buffer.from(salt, 'base64');
  const expected = Buffer.from(hash, 'base64');
  if (expected.length !== 20) return undefined;
  return (name) => timingSafeEqual(createHmac('sha1', key).update(name).digest(), expected);
}

/** `a,*.b,!c`: matches when a pattern matches and no negated one does. */
function listOfPatterns(field: string): (name: string) => boolean {
  const patterns = field
    .toLowerCase()
    .split(',')
    .filter((pattern) => pattern !== '' && pattern !== '!')
    .map((pattern) => ({
      negated: pattern.startsWith('!'),
      matches: wildcard(pattern.replace(/^!/, '')),
    }));
  return (name) => {
    const hits = patterns.filter(({ matches }) => matches(name));
    return hits.length > 0 && !hits.some(({ negated }) => negated);
  };
}

/** `*` is any run of characters, `?` any one; brackets are literal, because ports are written `[host]:port`. */
function wildcard(pattern: string): (name: string) => boolean {
  return (name) => {
    // Two positions and one way back instead of a regular expression: `*a*a*a*b` must not take exponential time.
    let [p, n, star, resume] = [0, 0, -1, 0];
    while (n < name.length) {
      if (p < pattern.length && pattern[p] === '*') {
        star = p++;
        resume = n;
      } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
        p++;
        n++;
      } else if (star !== -1) {
        p = star + 1;
        n = ++resume;
      } else {
        return false;
      }
    }
    while (pattern[p] === '*') p++;
    return p === pattern.length;
  };
}

/** The name under which OpenSSH looks a host up: lower case, with the port in brackets unless it is 22. */
export function lookupName(address: string, port: number): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

function sameKey(a: HostKey, b: HostKey): boolean {
  // Digests have one length, which timingSafeEqual wants.
  const [x, y] = [a, b].map(({ blob }) => createHash('sha256').update(blob).digest());
  return x !== undefined && y !== undefined && timingSafeEqual(x, y);
}

/** The lines that speak of a host. As in OpenSSH, a host at an unusual port may stand there without its port. */
function entriesFor(known: KnownHosts, address: string, port: number) {
  const find = (name: string) => known.entries.filter((entry) => entry.matches(name));
  const exact = find(lookupName(address, port));
  const bare = port === 22 ? [] : find(lookupName(address, 22));
  return { exact, bare };
}

/** Keys that known_hosts holds for the host, revoked ones left out. */
export function knownKeys(known: KnownHosts, address: string, port: number): HostKey[] {
  const { exact, bare } = entriesFor(known, address, port);
  const valid = (entries: KnownHostsEntry[]) =>
    entries.filter(({ revoked }) => !revoked).map(({ key }) => key);
  return valid(exact).length > 0 ? valid(exact) : valid(bare);
}

/** Whether the key that a host offers is the one that is known. */
export function judgeHostKey(
  known: KnownHosts,
  address: string,
  port: number,
  offered: HostKey,
): HostKeyVerdict {
  const { exact, bare } = entriesFor(known, address, port);
  const revoked = [...exact, ...bare].find((entry) => entry.revoked && sameKey(entry.key, offered));
  if (revoked) return { kind: 'revoked', line: revoked.line };
  const keys = knownKeys(known, address, port);
  if (keys.some((key) => sameKey(key, offered))) return { kind: 'known' };
  // A bare name that does not match may be another sshd on the same machine: OpenSSH calls that unknown, not changed.
  const here = exact.filter((entry) => !entry.revoked).map(({ key }) => key);
  return here.length > 0 ? { kind: 'changed', known: here } : { kind: 'unknown' };
}

/** `SHA256:...`, as `ssh-keygen -lf` prints it. */
export function fingerprint({ blob }: HostKey): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** Signature algorithms of ssh2, the ones it prefers first. */
const ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

/**
 * The order in which to ask for host keys: those of known types first, so that a host with an RSA and an Ed25519 key
 * shows the one that is known. The rest stays in the list, so that a host that changed its key is told by its
 * fingerprint and not by a failed negotiation; the verdict above refuses it all the same.
 */
export function hostKeyAlgorithms(keys: HostKey[]): (typeof ALGORITHMS)[number][] {
  const types = new Set(keys.map(({ type }) => type));
  const isKnown = (algorithm: string) => types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm);
  return ALGORITHMS.toSorted((a, b) => Number(isKnown(b)) - Number(isKnown(a)));
}
