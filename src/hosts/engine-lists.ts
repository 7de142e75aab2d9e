import type Dockerode from 'dockerode';
import type { IncomingMessage } from 'node:http';
import type { Engine } from './engine.ts';
import { jsonItems } from './json-items.ts';

const STATUS_CODES = { 200: true, 400: 'bad parameter', 500: 'server error', 503: 'no swarm' };

/** dockerode's client with lists that are read item by item, which dockerode reads whole. */
export function withLists(docker: Dockerode): Engine {
  const modem = docker.modem as unknown as { dial(options: object, done: Done): void };
  return Object.assign(docker as unknown as Omit<Engine, 'each'>, {
    each: async <T>(
      kind: string,
      { abortSignal, ...options }: { abortSignal: AbortSignal },
      pick: (item: unknown) => T,
    ): Promise<T[]> => {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const call = { path: `/${kind}?`, method: 'GET', options, abortSignal, isStream: true };
        modem.dial({ ...call, statusCodes: STATUS_CODES }, (error, response) =>
          response ? resolve(response) : reject(error ?? new Error('The engine gave no answer.')),
        );
      });
      const picked: T[] = [];
      for await (const item of jsonItems(answer)) picked.push(pick(item));
      return picked;
    },
  });
}

type Done = (error: Error | null, response: IncomingMessage | null) => void;
