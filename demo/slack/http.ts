import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fields } from './json.ts';
import { isFields, parseJson } from './json.ts';

const MAX_BODY = 60_000_000;

/** The whole body. Throws when it is larger than 60 MB. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) throw new Error('The request body is larger than 60 MB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A body as fields; files in multipart bodies become Buffers. Undefined when the body is not what its type says. */
export async function parseBody(type: string, body: Buffer): Promise<Fields | undefined> {
  if (type.startsWith('application/json')) {
    const parsed = body.length === 0 ? {} : parseJson(body.toString());
    return isFields(parsed) ? parsed : undefined;
  }
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(body.toString()));
  }
  if (!type.startsWith('multipart/form-data')) return undefined;
  const fields: Fields = {};
  try {
    // undici's parser of its own multipart bodies saves a dependency.
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    for (const [key, value] of form) {
      fields[key] = typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer());
    }
  } catch {
    return undefined;
  }
  return fields;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(text);
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}
