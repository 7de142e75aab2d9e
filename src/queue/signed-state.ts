/**
 * The state of a request is signed whenever it is written: what a worker goes on from after a crash, what a card shows
 * and the lines that its buttons type must come from a bot or a worker, not from whoever else can write to Redis.
 */
import type { Secret } from '../secret.ts';
import { fits, mac, verify, type SignedText } from './envelope.ts';
import type { Request } from './request.ts';
import { unpackResult } from './result.ts';

export function signState(state: string, secret: Secret): string {
  return mac('state', state, secret);
}

/** Signs a packed result of this request; an empty text where there is none. */
export function signResult(id: string, result: string, secret: Secret): string {
  return result === '' ? '' : mac('result', resultOf(id, result), secret);
}

/** As Redis gives it back. */
export interface KeptState {
  state: string;
  mac: string | null;
  /** Null also where it was not asked for. */
  result?: string | null;
  resultMac?: string | null;
}

/** The request, or undefined when its state or its result is not as a bot or a worker has written it. */
export function readState(id: string, kept: KeptState, secret: Secret): Request | undefined {
  const { state, mac: signature, result, resultMac } = kept;
  if (!fits('state', state, signature ?? '', secret)) return undefined;
  const request = JSON.parse(state) as Request;
  // The signed state of another request is not this one's.
  if (request.id !== id) return undefined;
  if (!result) return request;
  if (!fits('result', resultOf(id, result), resultMac ?? '', secret)) return undefined;
  return { ...request, result: unpackResult(result) };
}

export const ALTERED = {
  message:
    'What is kept of it was altered by somebody who is neither the bot nor a worker, so it is not gone on with.',
  hint: 'Tell whoever runs the bot: somebody else writes to its Redis, or QUEUE_SECRET is not the same everywhere. If it had begun, look at what it has changed.',
};

/** What is shown of a request whose state was altered: what its signed envelope says, or hardly anything. */
export function alteredRequest(id: string, envelope: SignedText | null, secret: Secret): Request {
  const signed = verify(envelope, secret);
  const { command, title, requester, channel, targets } = signed?.id === id ? signed : NOTHING_KNOWN;
  return {
    id,
    command,
    title: title || `Request ${id}`,
    requester,
    channel,
    targets,
    phase: 'failed',
    steps: [],
    locks: [],
    failure: ALTERED,
    createdAt: signed?.at ?? 0,
    endedAt: signed?.at ?? 0,
    acted: false,
    recalled: {},
  };
}

const NOTHING_KNOWN = {
  command: 'status',
  title: '',
  requester: { id: '', name: 'somebody', team: '' },
  channel: '',
  targets: [],
};

function resultOf(id: string, result: string): string {
  return `${id}\n${result}`;
}
