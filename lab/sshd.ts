import { mkdir, writeFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import { inHost, mustInHost, startInHost } from './host.ts';
import { SYSTEM_PATH } from './command.ts';
import type { HostRecord } from './state.ts';
import { hostPaths, labPaths } from './state.ts';

const HOST_KEY = '/etc/ssh/ssh_host_ed25519_key';

const FIRST_HOST_KEY = `${HOST_KEY}.first`;

const CONFIG = `
Port 22
HostKey ${HOST_KEY}
PidFile /run/sshd.pid
LogLevel VERBOSE
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
# One connection carries a bot's whole conversation with a host, and tests open many at once.
MaxSessions 200
MaxStartups 200:30:400
PrintMotd no
PrintLastLog no
SetEnv PATH=${SYSTEM_PATH}
Subsystem sftp internal-sftp
`;

/** Makes the lab's one login key, as ssh-keygen would: private at sshKey, public beside it. Returns the public line. */
export async function createLoginKey(dir: string): Promise<string> {
  const pair = newKeyPair('swarmkeeper-lab');
  await writeFile(labPaths(dir).sshKey, pair.private, { mode: 0o600 });
  await writeFile(`${labPaths(dir).sshKey}.pub`, `${pair.public}\n`);
  return pair.public;
}

/** Writes a host's sshd settings, host key and root's authorised key. Returns its line for known_hosts. */
export async function layOutSshd(dir: string, host: HostRecord, loginKey: string): Promise<string> {
  const paths = hostPaths(dir, host.name);
  await mkdir(`${paths.etc}/ssh`);
  await mkdir(`${paths.home}/.ssh`, { mode: 0o700 });
  await writeFile(`${paths.home}/.ssh/authorized_keys`, `${loginKey}\n`, { mode: 0o600 });
  await writeFile(`${paths.etc}/ssh/sshd_config`, CONFIG);
  const pair = newKeyPair(host.name);
  await writeFile(paths.etc + HOST_KEY.slice('/etc'.length), pair.private, { mode: 0o600 });
  return `${host.name},${host.address} ${keyOf(pair.public)}\n`;
}

/** Starts a host's sshd and returns when it listens. One that runs already is left alone. */
export async function startSshd(dir: string, host: HostRecord): Promise<void> {
  if ((await inHost(dir, host.name, ['test', '-e', '/run/sshd.pid'])).code === 0) return;
  await startInHost(dir, host.name, '/var/log/sshd.log', ['/usr/sbin/sshd', '-D', '-e']);
  // sshd writes its pid file once its sockets listen.
  const listens = 'while [ ! -s /run/sshd.pid ]; do sleep 0.02; done';
  const started = await inHost(dir, host.name, ['sh', '-c', listens], { seconds: 10 });
  if (started.code === 0) return;
  const log = await inHost(dir, host.name, ['tail', '-n', '5', '/var/log/sshd.log']);
  throw new Error(
    `sshd of ${host.name} does not listen. Its log ends: ${log.stdout.trim() || 'it is empty'}`,
  );
}

/** Ends a host's sshd with every session it has. */
export async function stopSshd(dir: string, host: string): Promise<void> {
  const script = `
for status in /proc/[0-9]*/comm; do
  read -r name <"$status" 2>/dev/null || continue
  pid=\${status#/proc/}
  case $name in sshd*) kill -KILL "\${pid%/comm}" 2>/dev/null ;; esac
done
rm -f /run/sshd.pid`;
  await mustInHost(dir, host, ['sh', '-c', script]);
}

/** Gives a host another host key, as a machine set up anew has, and restarts its sshd. */
export async function replaceHostKey(dir: string, host: HostRecord): Promise<void> {
  await mustInHost(dir, host.name, ['cp', '--no-clobber', '--preserve', HOST_KEY, FIRST_HOST_KEY]);
  const pair = newKeyPair(host.name);
  await mustInHost(dir, host.name, ['tee', HOST_KEY], { input: pair.private });
  await restartSshd(dir, host);
}

/** Puts back the host key that known_hosts names. */
export async function restoreHostKey(dir: string, host: HostRecord): Promise<void> {
  await mustInHost(dir, host.name, ['mv', FIRST_HOST_KEY, HOST_KEY]);
  await restartSshd(dir, host);
}

async function restartSshd(dir: string, host: HostRecord): Promise<void> {
  await stopSshd(dir, host.name);
  await startSshd(dir, host);
}

/** The bytes of an ed25519 public key as SSH writes it: the type's name and the key, each after its length. */
const PUBLIC_KEY_BYTES = 4 + 'ssh-ed25519'.length + 4 + 32;

/**
 * A key pair in OpenSSH's format. ssh2 (1.17.0) drops the leading zero bytes of a public key, so every 256th pair is
 * one that sshd cannot load: such a pair is drawn again.
 */
export function newKeyPair(comment: string): { private: string; public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    const bytes = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
    if (bytes.length === PUBLIC_KEY_BYTES) return pair;
  }
}

/** "type base64" of a public key line, without its comment. */
function keyOf(line: string): string {
  return line.split(' ').slice(0, 2).join(' ');
}
