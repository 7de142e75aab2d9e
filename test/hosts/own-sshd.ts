/** Real OpenSSH on a loopback port, for tests: its own keys, its own settings, gone with `stop`. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostSettings } from '../../src/hosts/hosts.ts';

const SSHD = '/usr/sbin/sshd';

/** Why the tests with an own sshd are left out here; empty when they run. */
export const noSshd = existsSync(SSHD) ? '' : 'openssh-server is not installed';

export interface OwnSshd {
  dir: string;
  port: number;
  /** Settings of a host that is this sshd, with its true key known. */
  settings: HostSettings;
  stop(): Promise<void>;
}

/** Looks until it is so. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  ms = 10_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It took too long until ${what}.`);
    await sleep(20);
  }
}

/** @param lines more lines for sshd_config. */
export async function startSshd(lines: string[] = []): Promise<OwnSshd> {
  // Short: a path to a Unix socket has 107 letters at most.
  const dir = mkdtempSync(join(tmpdir(), 'sk-'));
  for (const [name, type] of [
    ['user', 'ed25519'],
    ['host_ed25519', 'ed25519'],
    ['host_rsa', 'rsa'],
  ] as const) {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(dir, name)]);
  }
  copyFileSync(join(dir, 'user.pub'), join(dir, 'authorized_keys'));
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(dir, 'host_ed25519')}`,
    `HostKey ${join(dir, 'host_rsa')}`,
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    ...lines,
  ];
  writeFileSync(join(dir, 'sshd_config'), `${config.join('\n')}\n`);
  // Where sshd separates privileges; a fresh machine lacks it until the service has run.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const sshd = spawn(SSHD, ['-D', '-e', '-f', join(dir, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  sshd.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await until(`sshd listens (${log})`, () => log.includes('Server listening'));
  writeFileSync(
    join(dir, 'known_hosts'),
    knownHostsLines(dir, `[127.0.0.1]:${port}`, ['host_ed25519', 'host_rsa']),
  );
  return {
    dir,
    port,
    settings: {
      name: 'fedora-01',
      address: '127.0.0.1',
      ssh: { user: userInfo().username, port, key: join(dir, 'user'), knownHosts: join(dir, 'known_hosts') },
      socket: join(dir, 'docker.sock'),
      labels: {},
    },
    async stop() {
      if (sshd.exitCode === null) {
        sshd.kill();
        await once(sshd, 'exit');
      }
      rmSync(dir, { recursive: true });
    },
  };
}

/** known_hosts lines for the public keys of that name in `dir`. */
export function knownHostsLines(dir: string, name: string, keys: string[]): string {
  return keys.map((key) => `${name} ${readFileSync(join(dir, `${key}.pub`), 'utf8')}`).join('');
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface FakeEngine {
  requests: string[];
  stop(): Promise<void>;
}

/** Answers on the engine's socket what no engine at hand can be made to answer. */
export async function fakeEngine(socket: string, answer: RequestListener): Promise<FakeEngine> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    requests,
    /** May be called twice. */
    async stop() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      rmSync(socket, { force: true });
    },
  };
}

/** A wire between client and sshd that can be counted, cut and frozen. */
export async function wireTo(port: number) {
  const pairs = new Set<[Socket, Socket]>();
  let connections = 0;
  const server = createTcpServer((near) => {
    connections++;
    const far = connect(port, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    near.pipe(far).pipe(near);
    for (const end of pair) {
      end.on('error', () => {});
      end.on('close', () => {
        pairs.delete(pair);
        for (const socket of pair) socket.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    cut() {
      for (const pair of pairs) for (const end of pair) end.destroy();
    },
    /** Nothing passes any more, and nobody is told. */
    freeze() {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
    },
    async stop() {
      this.cut();
      server.close();
      await once(server, 'close');
    },
  };
}
