/** What a bot asks of a worker, signed: whoever can write to Redis but lacks QUEUE_SECRET cannot make a worker act. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import type { Secret } from '../secret.ts';

const signed = z.object({
  /** JSON. The signature is over this very text: no two readers can take it differently. */
  text: z.string(),
  signature: z.string(),
});
/** Text that came from somebody who has QUEUE_SECRET. */
export type SignedText = z.infer<typeof signed>;

/** Somebody as Slack named them at the time. */
export const person = z.object({ id: z.string(), name: z.string(), team: z.string() });

/** Why the bot lets this run. */
const authority = z.discriminatedUnion('kind', [
  /** The policy allows it. `rule`: its part that does. */
  z.object({ kind: z.literal('allowed'), rule: z.string() }),
  /** It is only looked at, for those who are to approve it. */
  z.object({ kind: z.literal('ask'), rule: z.string() }),
  z.object({ kind: z.literal('approved'), rule: z.string(), preview: signed, grants: z.array(signed) }),
  z.object({ kind: z.literal('break-glass'), rule: z.string(), reason: z.string() }),
]);
export type Authority = z.infer<typeof authority>;

const content = z.object({
  /** Request id, which is also how BullMQ knows the job, so that a repeated delivery is one job. */
  id: z.string(),
  command: z.string(),
  job: z.string(),
  authority,
  /** Encrypted: a compose file or `--env` may carry what must not be read in Redis. */
  sealed: z.string(),
  requester: person,
  channel: z.string(),
  /** What the card shows of it: an approver must have read what is signed. */
  title: z.string(),
  targets: z.array(
    z.object({ kind: z.enum(['host', 'node', 'service', 'stack', 'swarm']), name: z.string() }),
  ),
  /** Why, in the words of the person who asked; or an empty text. */
  reason: z.string(),
  /** Milliseconds since 1970. */
  at: z.int(),
  /** A job that has not begun by then is not begun at all: nobody expects an hour-old command to run. */
  expiresAt: z.int(),
});

/** `input`: as JSON gives it back; the job's own schema parses it. */
export type Envelope = Omit<z.infer<typeof content>, 'sealed'> & { input: unknown };

export function sign({ input, ...rest }: Envelope, secret: Secret): SignedText {
  return signText('envelope', { ...rest, sealed: seal(JSON.stringify(input ?? null), secret) }, secret);
}

/** What is signed, so that one kind of text never passes for another. */
type Purpose = 'envelope' | 'preview' | 'grant' | 'state' | 'result' | 'cancel' | 'about' | 'owed';

/** Signs anything that JSON can carry. */
export function signText(purpose: Purpose, value: unknown, secret: Secret): SignedText {
  const text = JSON.stringify(value);
  return { text, signature: mac(purpose, text, secret) };
}

/** What was signed for this purpose, or undefined when it is malformed or the signature is not this secret's. */
export function verifyText<T>(
  purpose: Purpose,
  schema: z.ZodType<T>,
  data: unknown,
  secret: Secret,
): T | undefined {
  const parsed = signed.safeParse(data);
  if (!parsed.success) return undefined;
  const { text, signature } = parsed.data;
  // Whoever has the secret writes JSON.
  return fits(purpose, text, signature, secret) ? schema.safeParse(JSON.parse(text)).data : undefined;
}

/** Whether this is the signature of the text, for this purpose. */
export function fits(purpose: Purpose, text: string, signature: string, secret: Secret): boolean {
  const expected = Buffer.from(mac(purpose, text, secret));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** The envelope, or undefined when the data is malformed or the signature is not this secret's. */
export function verify(data: unknown, secret: Secret): Envelope | undefined {
  const whole = verifyText('envelope', content, data, secret);
  if (!whole) return undefined;
  const { sealed, ...rest } = whole;
  return { ...rest, input: JSON.parse(open(sealed, secret)) };
}

/** The signature of a text, in 64 hexadecimal digits. */
export function mac(purpose: Purpose, text: string, secret: Secret): string {
  return createHmac('sha256', keysOf(secret).signing).update(`v4:${purpose}:${text}`).digest('hex');
}

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface Keys {
  signing: KeyObject;
  sealing: KeyObject;
}

/** Keys by secret: deriving one takes as long as a signature. */
const known = new WeakMap<Secret, Keys>();

function keysOf(secret: Secret): Keys {
  const before = known.get(secret);
  if (before) return before;
  const bytes = secret.reveal();
  const keys = {
    signing: createSecretKey(Buffer.from(bytes)),
    sealing: createSecretKey(Buffer.from(hkdfSync('sha256', bytes, '', 'swarmkeeper job input', 32))),
  };
  known.set(secret, keys);
  return keys;
}

function seal(text: string, secret: Secret): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keysOf(secret).sealing, iv);
  const bytes = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([bytes, cipher.getAuthTag()]).toString('base64');
}

function open(sealed: string, secret: Secret): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv(CIPHER, keysOf(secret).sealing, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}
