/** Where a compose file comes from: pasted text, or an address on the operator's list. */
import { createHash } from 'node:crypto';
import { MOST_BYTES } from '../compose/read-yaml.ts';
import { UserError, isAbort } from '../errors.ts';

const DEADLINE_MS = 15_000;
const MOST_REDIRECTS = 3;

/**
 * Whether an address is on the list. Compared as the address will be asked for: `..` and capitals in the host are gone by
 * then. An encoded slash is refused, since servers differ in what they make of it.
 */
export function isListed(address: URL, sources: readonly string[]): boolean {
  if (address.protocol !== 'https:' || address.username !== '' || address.password !== '') return false;
  if (/%2f|%5c|%2e/i.test(address.pathname)) return false;
  const plain = `${address.origin}${address.pathname}`;
  return sources.some((source) => plain.startsWith(source));
}

/**
 * Fetches the compose file at an address of the list, by https only, also where the server sends elsewhere.
 * @throws UserError for what is not on the list, too large, too slow, or no file.
 */
export async function fetchCompose(
  given: string,
  sources: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  let address = new URL(given);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    if (!isListed(address, sources)) throw notListed(hop, sources);
    const response = await ask(address, signal);
    const onward = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (onward === null) return await read(response);
    await response.body?.cancel();
    if (!URL.canParse(onward, address.href)) break;
    address = new URL(onward, address);
  }
  throw new UserError('The server sends from one address to the next and never to a file.', {
    hint: 'Give the address of the raw file itself.',
  });
}

/** Tells two files apart. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

async function ask(address: URL, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(address.href, {
      redirect: 'manual',
      headers: { accept: 'text/plain, application/yaml, */*;q=0.5', 'user-agent': 'swarmkeeper' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const why = isAbort(error)
      ? `did not answer within ${DEADLINE_MS / 1000} s`
      : `cannot be reached (${reason(error)})`;
    throw new UserError(`${address.host} ${why}.`, {
      hint: 'Check the address, and that the worker reaches that server by https.',
      cause: error,
    });
  }
}

async function read(response: Response): Promise<string> {
  const host = new URL(response.url).host;
  if (!response.ok) {
    await response.body?.cancel();
    throw new UserError(`${host} answered with ${response.status} ${response.statusText}`.trimEnd() + '.', {
      hint:
        response.status === 404 || response.status === 401 || response.status === 403
          ? 'Check the address; the worker asks without a login, so the file must be readable for it.'
          : 'Try again later.',
    });
  }
  if (/text\/html/i.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel();
    throw new UserError(`${host} answered with a web page, not with a file.`, {
      hint: 'Give the address of the raw file.',
    });
  }
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      if (bytes > MOST_BYTES)
        throw new UserError('The compose file is larger than 1 MiB.', {
          hint: 'Split it into several stacks.',
        });
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${host} broke off before the whole file was there.`, {
      hint: 'Try again.',
      cause: error,
    });
  }
  return Buffer.concat(parts).toString('utf8');
}

function notListed(hop: number, sources: readonly string[]): UserError {
  const where = hop === 0 ? 'That address is' : 'The server sends on to an address that is';
  return new UserError(`${where} not among those that compose files may come from.`, {
    hint:
      sources.length === 0
        ? 'None is allowed yet: the operator lists them under stacks.sources in swarm.yaml. Without an address, a form opens to paste the file.'
        : `Allowed is what begins with ${sources.slice(0, 5).join(' or ')}. The operator lists more under stacks.sources in swarm.yaml.`,
  });
}

function reason(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? 'no connection';
}
