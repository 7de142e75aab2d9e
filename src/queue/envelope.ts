/** What a bot asks of a worker, signed: whoever can write to Redis but lacks QUEUE_SECRET cannot make a worker act. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Secret } from '../secret.ts';

const envelope = z.object({
  /** Request id; also the BullMQ job id, so that a repeated delivery is one job. */
  id: z.string(),
  job: z.string(),
  input: z.json(),
  requester: z.object({ id: z.string(), name: z.string(), team: z.string() }),
  channel: z.string(),
  /** Milliseconds since 1970. */
  at: z.int(),
  /** A job that has not begun by then is not begun at all: nobody expects an hour-old command to run. */
  expiresAt: z.int(),
});
export type Envelope = z.infer<typeof envelope>;

const signed = z.object({ envelope, signature: z.string() });
export type SignedEnvelope = z.infer<typeof signed>;

export function sign(content: Envelope, secret: Secret): SignedEnvelope {
  // Signed as it will look after its way through JSON, where undefined members are gone.
  const plain = envelope.parse(JSON.parse(JSON.stringify(content)));
  return { envelope: plain, signature: mac(plain, secret) };
}

/** The envelope, or undefined when the data is malformed or the signature is not this secret's. */
export function verify(data: unknown, secret: Secret): Envelope | undefined {
  const parsed = signed.safeParse(data);
  if (!parsed.success) return undefined;
  const expected = Buffer.from(mac(parsed.data.envelope, secret));
  const given = Buffer.from(parsed.data.signature);
  return expected.length === given.length && timingSafeEqual(expected, given)
    ? parsed.data.envelope
    : undefined;
}

function mac(content: Envelope, secret: Secret): string {
  return createHmac('sha256', secret.reveal())
    .update(`v1:${canonical(content)}`)
    .digest('hex');
}

/** JSON with sorted keys: the same content has one text, whatever order Redis and JSON give it back in. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
