/** A redis-server of the project's own, for whoever has no Redis: on a socket in a folder, persisted, nothing on the network. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';

export interface PrivateRedis {
  url: string;
  /** Ends the server if this process started it; its data stays in the folder. */
  close: () => Promise<void>;
}

/**
 * Uses the server on `folder`/redis.sock, or starts it. Bot and worker may both call it: the second finds the first's. Each
 * keeps looking, so that when the one that started it ends, the other starts it again with its data.
 * @throws UserError when redis-server is not installed or does not come up.
 */
export async function openPrivateRedis(
  folder: string,
  log: Pick<Log, 'info' | 'warn'>,
): Promise<PrivateRedis> {
  const dir = resolve(folder, 'redis');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const socket = join(dir, 'redis.sock');
  let child: ChildProcess | undefined;
  let closed = false;

  const ensure = async (): Promise<void> => {
    if (closed || (await answers(socket))) return;
    const started = startServer(dir, socket);
    child = started;
    let spawnError: Error | undefined;
    started.once('error', (error) => (spawnError = error));
    for (let waited = 0; waited < 10_000; waited += 50) {
      if (await answers(socket)) {
        log.info({ socket }, 'private redis-server');
        return;
      }
      if (spawnError)
        throw new UserError('redis-server cannot be started.', {
          hint: 'Install it, or set REDIS_URL to a Redis that runs.',
          cause: spawnError,
        });
      await sleep(50);
    }
    throw new UserError('The private redis-server does not come up.', {
      hint: `Look at ${join(dir, 'redis.log')}, or set REDIS_URL to a Redis that runs.`,
    });
  };
  await ensure();
  const looking = setInterval(() => {
    ensure().catch((error: unknown) => log.warn({ err: error }, 'private redis-server'));
  }, 1000);

  return {
    url: `unix://${socket}`,
    close: async () => {
      closed = true;
      clearInterval(looking);
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((done) => child?.once('exit', done));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function startServer(dir: string, socket: string): ChildProcess {
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '600',
    dir,
    logfile: join(dir, 'redis.log'),
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
    pidfile: join(dir, 'redis.pid'),
  };
  const server = [
    'redis-server',
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
  ];
  // Bot and worker may look at the same moment: two servers on one data folder would ruin it. The one that does not get
  // the lock ends at once, and the other's socket is found.
  return spawn('flock', ['--nonblock', '--no-fork', join(dir, 'lock'), ...server], { stdio: 'ignore' });
}

async function answers(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  return await new Promise((done) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      done(true);
    });
    connection.once('error', () => done(false));
  });
}
