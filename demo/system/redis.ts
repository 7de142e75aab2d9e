import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram, type Program } from './program.ts';

export interface RedisServer {
  /** `unix://...`: nothing on the network. */
  url: string;
  /** Ends it, with all it knows on disk. */
  stop: () => Promise<void>;
  /** Kills it without a word. */
  kill: () => Promise<void>;
  start: () => Promise<void>;
}

/** A redis-server of our own in `dir`, append-only, every write on disk before it answers. */
export async function startRedis(dir: string): Promise<RedisServer> {
  await mkdir(dir, { recursive: true });
  const socket = join(dir, 'redis.sock');
  const settings = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--dir',
    dir,
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  ];
  const open = (): Promise<Program> =>
    startProgram({
      argv: ['redis-server', ...settings],
      env: { PATH: process.env['PATH'] ?? '' },
      logFile: join(dir, 'redis.log'),
      isReady: (line) =>
        line.includes('Ready to accept connections') || line.includes('now ready to accept connections at'),
    });
  let server = await open();
  return {
    url: `unix://${socket}`,
    stop: () => server.end('SIGTERM'),
    kill: () => server.end('SIGKILL'),
    start: async () => {
      server = await open();
    },
  };
}
