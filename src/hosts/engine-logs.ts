import type Dockerode from 'dockerode';
import type { Readable } from 'node:stream';
import type { Engine } from './engine.ts';
import { pathPart } from './engine.ts';

const STATUS_CODES = { 200: true, 404: 'nothing of that name', 500: 'server error', 503: 'no swarm' };

type Done = (error: Error | null, response: Readable | null) => void;

/**
 * Logs as a stream, also when they are not followed: dockerode collects them first, and one node that does not answer
 * would keep back the lines of all others.
 */
export function withLogStreams(docker: Dockerode, engine: Engine): Engine {
  const modem = docker.modem as unknown as { dial(options: object, done: Done): void };
  const logStream: Engine['logStream'] = (kind, id, { abortSignal, ...options }) =>
    new Promise<Readable>((resolve, reject) => {
      const call = { path: `/${kind}/${pathPart(id)}/logs?`, method: 'GET', options, abortSignal };
      modem.dial({ ...call, isStream: true, statusCodes: STATUS_CODES }, (error, response) =>
        response ? resolve(response) : reject(error ?? new Error('The engine gave no answer.')),
      );
    });
  return Object.assign(engine, { logStream });
}
