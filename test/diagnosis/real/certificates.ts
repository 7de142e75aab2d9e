/** Certificates as a swarm's own authority makes them (X.509 v3, ECDSA over P-256), with dates of one's choice. */
import { createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** PEM texts. */
export interface Signed {
  certificate: string;
  key: string;
}

interface Wanted {
  /** Organisation: the swarm. Unit: `swarm-worker` or `swarm-manager`. Name: the node. */
  subject: { organisation?: string; unit?: string; name: string };
  names?: string[];
  from: Date;
  to: Date;
}

const DAY_MS = 86_400_000;
/** So many days from now; negative: before it. */
export const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);

/** A new authority, of the name that every swarm's has, valid for ten years: swarmkit takes none that ends within one. */
export function makeAuthority(): Signed {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = { name: 'swarm-ca' };
  const wanted = { subject: name, from: inDays(-1), to: inDays(3650) };
  return { certificate: issue(wanted, publicKey, name, privateKey, true), key: pemOf(privateKey) };
}

/** A certificate with a key of its own. */
export function makeCertificate(authority: Signed, wanted: Wanted): Signed {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { certificate: signed(authority, wanted, publicKey), key: pemOf(privateKey) };
}

/** What a node has already, signed once more for the same key and name, with other dates. */
export function redated(authority: Signed, certificate: string, from: Date, to: Date): string {
  const old = new X509Certificate(certificate);
  const part = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(old.subject)?.[1] ?? '';
  const subject = { organisation: part('O'), unit: part('OU'), name: part('CN') };
  return signed(
    authority,
    { subject, names: [subject.unit, subject.name], from, to },
    createPublicKey(old.publicKey.export({ type: 'spki', format: 'pem' })),
  );
}

function signed(authority: Signed, wanted: Wanted, publicKey: KeyObject): string {
  return issue(wanted, publicKey, { name: 'swarm-ca' }, authority.key, false) + authority.certificate;
}

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function issue(
  { subject, names = [], from, to }: Wanted,
  publicKey: KeyObject,
  issuer: Wanted['subject'],
  issuerKey: KeyObject | string,
  isAuthority: boolean,
): string {
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const extensions = sequence(
    extension(0x0f, der(0x03, isAuthority ? Buffer.from([1, 0x06]) : Buffer.from([5, 0xa0])), true),
    extension(0x13, isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence(), true),
    ...(isAuthority ? [] : [extension(0x25, sequence(usage(1), usage(2)))]),
    ...(names.length > 0
      ? [extension(0x11, sequence(...names.map((name) => der(0x82, Buffer.from(name)))))]
      : []),
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    nameOf(issuer),
    sequence(time(from), time(to)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = sign('sha256', body, issuerKey);
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, content: Buffer): Buffer {
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const oid = (...bytes: number[]) => der(0x06, Buffer.from(bytes));
/** id-kp: 1 is for servers, 2 for clients. */
const usage = (kind: number) => oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, kind);

/** One of id-ce, the extensions that every certificate has. */
function extension(kind: number, content: Buffer, critical = false): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(0x55, 0x1d, kind), ...flag, der(0x04, content));
}

/** In the order in which swarmkit writes them: organisation, unit, name. */
function nameOf({ organisation, unit, name }: Wanted['subject']): Buffer {
  const parts = [
    [0x0a, organisation],
    [0x0b, unit],
    [0x03, name],
  ] as const;
  return sequence(
    ...parts.flatMap(([kind, value]) =>
      value === undefined ? [] : [der(0x31, sequence(oid(0x55, 0x04, kind), der(0x0c, Buffer.from(value))))],
    ),
  );
}

/** GeneralizedTime, in whole seconds. */
const time = (at: Date) => der(0x18, Buffer.from(at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')));
