/** What a bot asks of a worker, signed: whoever can write to Redis but lacks QUEUE_SECRET cannot make a worker act. */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { z } from 'zod';
import type { Secret } from '../secret.ts';

const content = z.object({
  /** Request id; also the BullMQ job id, so that a repeated delivery is one job. */
  id: z.string(),
  job: z.string(),
  /** Encrypted: a compose file or `--env` may carry what must not be read in Redis. */
  sealed: z.string(),
  requester: z.object({ id: z.string(), name: z.string(), team: z.string() }),
  channel: z.string(),
  /** Milliseconds since 1970. */
  at: z.int(),
  /** A job that has not begun by then is not begun at all: nobody expects an hour-old command to run. */
  expiresAt: z.int(),
});

/** `input`: as JSON gives it back; the job's own schema parses it. */
export type Envelope = Omit<z.infer<typeof content>, 'sealed'> & { input: unknown };

const signed = z.object({
  /** The envelope as JSON. The signature is over this very text: no two readers can take it differently. */
  text: z.string(),
  signature: z.string(),
});
export type SignedEnvelope = z.infer<typeof signed>;

export function sign({ input, ...rest }: Envelope, secret: Secret): SignedEnvelope {
  const text = JSON.stringify({ ...rest, sealed: seal(JSON.stringify(input ?? null), secret) });
  return { text, signature: mac(text, secret) };
}

/** The envelope, or undefined when the data is malformed or the signature is not this secret's. */
export function verify(data: unknown, secret: Secret): Envelope | undefined {
  const parsed = signed.safeParse(data);
  if (!parsed.success) return undefined;
  const { text, signature } = parsed.data;
  const expected = Buffer.from(mac(text, secret));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  // Whoever has the secret writes JSON.
  const whole = content.safeParse(JSON.parse(text)).data;
  if (!whole) return undefined;
  const { sealed, ...rest } = whole;
  return { ...rest, input: JSON.parse(open(sealed, secret)) };
}

function mac(text: string, secret: Secret): string {
  return createHmac('sha256', secret.reveal()).update(`v3:${text}`).digest('hex');
}

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Keys by secret: deriving one takes as long as a signature. */
const sealingKeys = new WeakMap<Secret, Buffer>();

function sealingKey(secret: Secret): Buffer {
  const known = sealingKeys.get(secret);
  if (known) return known;
  const derived = Buffer.from(hkdfSync('sha256', secret.reveal(), '', 'swarmkeeper job input', 32));
  sealingKeys.set(secret, derived);
  return derived;
}

function seal(text: string, secret: Secret): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, sealingKey(secret), iv);
  const bytes = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([bytes, cipher.getAuthTag()]).toString('base64');
}

function open(sealed: string, secret: Secret): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv(CIPHER, sealingKey(secret), bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}
