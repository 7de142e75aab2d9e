/**
 * Answers on a Unix socket as the engine of a manager does whose swarm is generated: a process of its own, so that its
 * work is not counted as ours. Argv: socket, nodes, services, tasks. Says `ready` when it listens.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { generateSwarm, type Item } from './generated-swarm.ts';

const [socket = '', ...numbers] = process.argv.slice(2);
const [nodes = 0, services = 0, tasks = 0] = numbers.map(Number);
const swarm = generateSwarm({ nodes, services, tasks });

const VERSION = {
  Version: '20.10.24',
  ApiVersion: '1.41',
  MinAPIVersion: '1.12',
  Os: 'linux',
  Arch: 'amd64',
};
const INFO = {
  ID: 'ABCD:EFGH',
  Name: 'node-0001',
  ServerVersion: '20.10.24',
  Swarm: {
    NodeID: swarm.nodes[0]?.id,
    NodeAddr: '10.0.0.10',
    LocalNodeState: 'active',
    ControlAvailable: true,
    Nodes: nodes,
    Managers: 5,
  },
};

type Filters = Record<string, string[] | Record<string, boolean>>;

/** The API's older and newer spelling of filters. */
function wanted(filters: Filters, name: string): string[] | undefined {
  const values = filters[name];
  if (values === undefined) return undefined;
  return Array.isArray(values) ? values : Object.keys(values);
}

function only<T extends Item>(items: T[], filters: Filters, of: Record<string, (item: T) => string>): T[] {
  return items.filter((item) =>
    Object.entries(of).every(([name, value]) => {
      const values = wanted(filters, name);
      return values === undefined || values.some((one) => value(item).startsWith(one));
    }),
  );
}

function answer(path: string, query: URLSearchParams): string | undefined {
  const filters = JSON.parse(query.get('filters') ?? '{}') as Filters;
  const list = (jsons: string[]): string => `[${jsons.join(',')}]`;
  const byItself: Record<string, (item: Item) => string> = { id: ({ id }) => id, name: ({ name }) => name };
  switch (path) {
    case '/_ping':
      return 'OK';
    case '/version':
      return JSON.stringify(VERSION);
    case '/info':
      return JSON.stringify(INFO);
    case '/nodes':
      return list(only(swarm.nodes, filters, byItself).map(({ json }) => json));
    case '/services': {
      const status = query.get('status') === 'true';
      return list(
        only(swarm.services, filters, byItself).map(({ json, withStatus }) => (status ? withStatus : json)),
      );
    }
    case '/tasks': {
      const found = only(swarm.tasks, filters, {
        id: ({ id }) => id,
        service: ({ service }) => service,
        node: ({ node }) => node,
        'desired-state': ({ desired }) => desired,
      });
      return list(found.map(({ json }) => json));
    }
    default:
      return one(path);
  }
}

function one(path: string): string | undefined {
  const [, kind, name] = path.split('/');
  const items = kind === 'services' ? swarm.services : kind === 'nodes' ? swarm.nodes : [];
  return items.find((item) => item.id === name || item.name === name)?.json;
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const url = new URL(request.url ?? '/', 'http://engine');
  const body = answer(url.pathname.replace(/^\/v1\.\d+/, ''), url.searchParams);
  response.setHeader('Api-Version', '1.41');
  response.setHeader('Ostype', 'linux');
  response.setHeader('Server', 'Docker/20.10.24 (linux)');
  response.setHeader('Content-Type', 'application/json');
  if (body === undefined) {
    response.writeHead(404).end(JSON.stringify({ message: `${url.pathname} not found` }));
    return;
  }
  response.end(request.method === 'HEAD' ? undefined : body);
});
server.listen(socket, () => process.stdout.write('ready\n'));
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
});
