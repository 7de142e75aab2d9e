import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendText } from './http.ts';

const ROOT = fileURLToPath(new URL('../page/', import.meta.url));

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

const POLICY = [
  "default-src 'self'",
  "img-src 'self' https: data:",
  "style-src 'self' 'unsafe-inline'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the files of the page in the browser, and nothing outside their folder. */
export async function serveStatic(response: ServerResponse, pathname: string): Promise<void> {
  const name = decode(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
  const file = normalize(join(ROOT, name));
  const type = TYPES[extname(file)];
  if (!file.startsWith(ROOT) || !type) return sendText(response, 404, 'Not found.');
  try {
    const bytes = await readFile(file);
    response.writeHead(200, {
      'content-type': type,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
    response.end(bytes);
  } catch {
    sendText(response, 404, 'Not found.');
  }
}

/** The name of the file; empty when it is not an encoding of anything. */
function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return '';
  }
}
