/** What a bot asks of a worker, signed: whoever can write to Redis but lacks QUEUE_SECRET cannot make a worker act. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Secret } from '../secret.ts';

const envelope = z.object({
  /** Request id; also the BullMQ job id, so that a repeated delivery is one job. */
  id: z.string(),
  job: z.string(),
  /** As JSON gave it back; the job's own schema parses it. */
  input: z.unknown(),
  requester: z.object({ id: z.string(), name: z.string(), team: z.string() }),
  channel: z.string(),
  /** Milliseconds since 1970. */
  at: z.int(),
  /** A job that has not begun by then is not begun at all: nobody expects an hour-old command to run. */
  expiresAt: z.int(),
});
export type Envelope = z.infer<typeof envelope>;

const signed = z.object({
  /** The envelope as JSON. The signature is over this very text: no two readers can take it differently. */
  text: z.string(),
  signature: z.string(),
});
export type SignedEnvelope = z.infer<typeof signed>;

export function sign(content: Envelope, secret: Secret): SignedEnvelope {
  const text = JSON.stringify(content);
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
  return envelope.safeParse(JSON.parse(text)).data;
}

function mac(text: string, secret: Secret): string {
  return createHmac('sha256', secret.reveal()).update(`v2:${text}`).digest('hex');
}
