import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiContext } from './api/method.ts';
import { parseBody, readBody, sendText } from './http.ts';
import type { PageServer } from './page-server.ts';
import type { ResponseUrls } from './response-urls.ts';
import { serveStatic } from './static.ts';
import type { WebApi } from './web-api.ts';

/** Which part of the local Slack answers which path. */
export class Router {
  readonly #webApi: WebApi;
  readonly #page: PageServer;
  readonly #responses: ResponseUrls;
  readonly #context: ApiContext;

  constructor(webApi: WebApi, page: PageServer, responses: ResponseUrls, context: ApiContext) {
    this.#webApi = webApi;
    this.#page = page;
    this.#responses = responses;
    this.#context = context;
  }

  async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', 'http://local');
    const [, first = '', ...rest] = address.pathname.split('/');
    if (!isOwnHost(request))
      return sendText(response, 403, 'This server only answers to 127.0.0.1 and localhost.');
    if (first === 'api') return this.#webApi.handle(request, response, rest.join('/'));
    if (first === 'response') return this.#takeResponse(request, response, rest[0] ?? '');
    if (first === 'upload') return this.#takeUpload(request, response, rest[1] ?? '');
    if (!isOwnOrigin(request)) return sendText(response, 403, 'This page only takes requests from itself.');
    if (first === 'page') return this.#page.handle(request, response, address);
    if (first === 'files') return this.#sendFile(response, rest[0] ?? '');
    return serveStatic(response, address.pathname);
  }

  async #takeResponse(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const body = await readBody(request);
    const fields = await parseBody(request.headers['content-type'] ?? '', body);
    const { status, body: text } = this.#responses.use(id, fields);
    sendText(response, status, text);
  }

  async #takeUpload(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const body = await readBody(request);
    const form = await parseBody(request.headers['content-type'] ?? '', body);
    const bytes = form ? Object.values(form).find((value) => Buffer.isBuffer(value)) : body;
    const upload = this.#context.uploads.get(id);
    if (!upload || !bytes) return sendText(response, 404, 'There is no such upload.');
    if (bytes.length !== upload.length) return sendText(response, 400, `Expected ${upload.length} bytes.`);
    upload.bytes = bytes;
    sendText(response, 200, `OK - ${bytes.length}`);
  }

  #sendFile(response: ServerResponse, id: string): void {
    const file = this.#context.workspace.files.get(id);
    if (!file) return sendText(response, 404, 'There is no such file.');
    response.writeHead(200, {
      'content-type': file.mimetype,
      'x-content-type-options': 'nosniff',
      // An uploaded SVG must not run scripts on the page's origin.
      'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    });
    response.end(file.bytes);
  }
}

/** Another name for this address would be DNS rebinding from some web site. */
function isOwnHost(request: IncomingMessage): boolean {
  const { port } = request.socket.address() as AddressInfo;
  return [`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? '');
}

function isOwnOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin === undefined || origin === `http://${host}`;
}
