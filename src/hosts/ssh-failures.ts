/** What went wrong on the way to a host's sshd, in words that say what to check. Pure. */
import { basename } from 'node:path';
import { HostFailure } from './failures.ts';
import type { HostSettings } from './hosts.ts';
import { fingerprint, lookupName } from './known-hosts.ts';
import type { HostKey, HostKeyVerdict } from './known-hosts.ts';
import { redact } from './redact.ts';

const at = ({ address, ssh }: HostSettings) => `${address}:${ssh.port}`;

/** By `code` of the error that Node gives a socket. */
const BY_CODE: Record<string, (host: HostSettings) => { message: string; hint: string }> = {
  ECONNREFUSED: (host) => ({
    message: `${host.name} refuses SSH connections at ${at(host)}.`,
    hint: 'Check that sshd runs there and that the port in swarm.yaml is the one it listens on.',
  }),
  ETIMEDOUT: (host) => ({
    message: `${host.name} does not answer at ${at(host)}.`,
    hint: 'Check that the host is up and that no firewall between the worker and the host drops the port.',
  }),
  EHOSTUNREACH: (host) => ({
    message: `There is no route to ${host.name} at ${at(host)}.`,
    hint: 'Check that the host is up, that the address in swarm.yaml is right, and that its firewall lets SSH in.',
  }),
  ENETUNREACH: (host) => ({
    message: `The worker has no network on which ${host.name} (${at(host)}) could be reached.`,
    hint: 'Check the address in swarm.yaml and the network of the machine that the worker runs on.',
  }),
  ENOTFOUND: (host) => ({
    message: `The name ${host.address} of ${host.name} is not known to the name server.`,
    hint: 'Correct the address in swarm.yaml, or use the IP address.',
  }),
  EAI_AGAIN: (host) => ({
    message: `The name server did not answer when asked for ${host.address}, the address of ${host.name}.`,
    hint: 'Try again in a moment; if it stays so, check the name server of the machine that the worker runs on.',
  }),
};

/** An error that ssh2's client gave while connecting. `connected`: TCP stood already. */
export function connectFailure(host: HostSettings, thrown: unknown, connected: boolean): HostFailure {
  const { code, level, message } = thrown as { code?: unknown; level?: unknown; message?: string };
  const text = redact(message ?? String(thrown));
  if (level === 'client-authentication') return loginRefused(host, thrown);
  const known = typeof code === 'string' && !connected ? BY_CODE[code] : undefined;
  const timedOut = level === 'client-timeout';
  const words =
    known?.(host) ??
    (timedOut && !connected ? BY_CODE['ETIMEDOUT']?.(host) : undefined) ??
    (timedOut
      ? {
          message: `${host.name} accepts connections at ${at(host)}, but its sshd does not answer.`,
          hint: 'The host may be overloaded or hung: look at its console, or restart sshd.',
        }
      : {
          message: `The SSH connection to ${host.name} (${at(host)}) failed: ${text}`,
          hint: `Try \`ssh -p ${host.ssh.port} ${host.ssh.user}@${host.address}\` from the machine that the worker runs on.`,
        });
  return new HostFailure(host.name, 'unreachable', words.message, { hint: words.hint, cause: thrown });
}

function loginRefused(host: HostSettings, cause: unknown): HostFailure {
  const { user, key } = host.ssh;
  return new HostFailure(
    host.name,
    'login',
    `${host.name} refused to let ${user} log in with the key ${basename(key)}.`,
    {
      hint: `Put the public half of that key into ~${user}/.ssh/authorized_keys on ${host.name}, and check that its sshd lets ${user} log in (PermitRootLogin, AllowUsers).`,
      cause,
    },
  );
}

/** The connection stood and broke while it was used. */
export function connectionLost(host: HostSettings, cause: unknown): HostFailure {
  return new HostFailure(host.name, 'unreachable', `The SSH connection to ${host.name} was lost.`, {
    hint: 'Check that the host is up and its network holds, then try again.',
    cause,
    broke: true,
  });
}

/** Why the host key that was offered is not accepted. Undefined when it is. */
export function hostKeyFailure(
  host: HostSettings,
  offered: HostKey,
  verdict: HostKeyVerdict,
  ignoredLines: { line: number; reason: string }[],
): HostFailure | undefined {
  // Only the file's name: the channel need not know where the worker keeps its keys.
  const file = basename(host.ssh.knownHosts);
  const name = lookupName(host.address, host.ssh.port);
  const shown = `${offered.type} ${fingerprint(offered)}`;
  const compare = `\`ssh-keygen -lf /etc/ssh/ssh_host_${shortType(offered.type)}_key.pub\` on ${host.name} itself`;
  const refuse = (message: string, hint: string) => new HostFailure(host.name, 'host-key', message, { hint });
  if (verdict.kind === 'known') return undefined;
  if (verdict.kind === 'unknown') {
    const unread = ignoredLines.length > 0 ? ` (${unreadLines(ignoredLines)})` : '';
    return refuse(
      `The host key of ${host.name} is not known: it shows ${shown}, and ${file} has none for ${name}${unread}.`,
      `Compare it with ${compare}, then have the operator add the key to that file.`,
    );
  }
  if (verdict.kind === 'revoked') {
    return refuse(
      `The host key of ${host.name}, ${shown}, is marked as revoked in ${file}, line ${verdict.line}.`,
      'Give the host new keys and put those into the file; a revoked key is never accepted.',
    );
  }
  const known = verdict.known.map((key) => `${key.type} ${fingerprint(key)}`).join(' and ');
  return refuse(
    `The host key of ${host.name} has changed: it shows ${shown}, but ${file} has ${known} for ${name}.`,
    `Somebody may be in between: compare it with ${compare}, and only if they agree have the operator replace the key in that file.`,
  );
}

function unreadLines(lines: { line: number; reason: string }[]): string {
  const [first] = lines;
  const more = lines.length > 1 ? `, and ${lines.length - 1} more lines are not used` : '';
  return `line ${first?.line} ${first?.reason}${more}`;
}

function shortType(type: string): string {
  return type.startsWith('ecdsa') ? 'ecdsa' : type.replace(/^ssh-/, '');
}

/** A file that the login needs could not be read. `code`: as Node's fs gives it. */
export function fileFailure(
  host: HostSettings,
  file: { kind: 'private key' | 'known_hosts'; path: string },
  thrown: unknown,
): HostFailure {
  const { code } = thrown as { code?: unknown };
  const what =
    file.kind === 'private key'
      ? `The private key for ${host.name}`
      : `The known_hosts file for ${host.name}`;
  const setting = file.kind === 'private key' ? 'ssh.key' : 'ssh.knownHosts';
  const [message, hint] =
    code === 'ENOENT'
      ? [`${what}, ${file.path}, does not exist.`, `Put it there, or correct \`${setting}\` in swarm.yaml.`]
      : code === 'EACCES' || code === 'EPERM'
        ? [
            `${what}, ${file.path}, may not be read by the worker.`,
            `Make the user that the worker runs as its owner, with mode 600.`,
          ]
        : [
            `${what}, ${file.path}, cannot be read${typeof code === 'string' ? ` (${code})` : ''}.`,
            `Check what \`${setting}\` in swarm.yaml points at: it must be a plain file.`,
          ];
  return new HostFailure(host.name, file.kind === 'private key' ? 'login' : 'host-key', message, {
    hint,
    cause: thrown,
  });
}

/** A private key that was read and cannot be used. `reason`: ssh2's words; empty when it is a public key. */
export function keyFailure(host: HostSettings, reason: string): HostFailure {
  const path = host.ssh.key;
  const [message, hint] = /encrypted|passphrase/i.test(reason)
    ? [
        `The private key ${path} for ${host.name} is protected by a passphrase, which nobody is there to type.`,
        `Give Swarmkeeper a key of its own without one (\`ssh-keygen -t ed25519 -N '' -f NEW\`), or take it off with \`ssh-keygen -p -f ${path}\`.`,
      ]
    : reason === ''
      ? [
          `${path}, given as the private key for ${host.name}, is a public key.`,
          'Name the file without `.pub`.',
        ]
      : [
          `The private key ${path} for ${host.name} cannot be used: ${redact(reason)}.`,
          'It must be a key that OpenSSH wrote, such as from `ssh-keygen -t ed25519`.',
        ];
  return new HostFailure(host.name, 'login', message, { hint });
}
