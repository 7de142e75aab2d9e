import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Lab } from './running-lab.ts';

/** How a registry fails. rate-limit: as Docker Hub's limit on pulls. silence: it takes every question and answers none. */
export type RegistryTrouble = 'rate-limit' | 'silence';

export interface Registry {
  /** `address:port`, as it stands before an image's name. */
  address: string;
  /** The questions that came in, each as `GET /v2/...`. */
  asked: string[];
  close(): Promise<void>;
}

/** Docker Hub's own words (2020 on), with its status 429. */
const LIMIT = {
  code: 'TOOMANYREQUESTS',
  message:
    'You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
};

/**
 * A registry in the lab's network that is in trouble, run by this process. It speaks plain HTTP, so the engines of
 * `hosts` are told to trust it; they keep their other settings only if these were the defaults.
 */
export async function startRegistry(lab: Lab, hosts: string[], trouble: RegistryTrouble): Promise<Registry> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (trouble === 'silence') return;
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    response.setHeader('Content-Type', 'application/json');
    // Its first page must answer, or an engine takes it for none and asks no further.
    response.statusCode = request.url === '/v2/' ? 200 : 429;
    response.end(JSON.stringify(request.url === '/v2/' ? {} : { errors: [LIMIT] }));
  });
  server.listen(0, lab.bridgeAddress);
  await once(server, 'listening');
  const address = `${lab.bridgeAddress}:${(server.address() as AddressInfo).port}`;
  try {
    for (const host of hosts) await lab.faults.engineSettings(host, { 'insecure-registries': [address] });
  } catch (error) {
    await close(server);
    throw error;
  }
  return { address, asked, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
