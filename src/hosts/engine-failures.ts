/** What goes wrong between a host's sshd and its engine, and what the engine itself says no with. Pure. */
import { EngineRefusal, HostFailure } from './failures.ts';
import type { HostSettings } from './hosts.ts';
import { redact } from './redact.ts';

export type SocketTrouble =
  /** The socket opened before over this connection, and does not any more. */
  | { kind: 'gone' }
  /** sshd forwards no sockets and runs no commands. */
  | { kind: 'no-exec' }
  /** `docker system dial-stdio` ended without a word on stdout. */
  | { kind: 'command'; code: number | undefined; stderr: string };

const isEngineRunning = 'Check there that it runs (`systemctl status docker`)';

/** By what the docker command (or the shell, for want of one) writes to stderr. */
const COMMAND_SAYS: { text: RegExp; failure(host: HostSettings): [message: string, hint: string] }[] = [
  {
    text: /permission denied/i,
    failure: ({ name, socket, ssh }) => [
      `On ${name}, ${ssh.user} may not use the engine's socket ${socket}.`,
      `Add ${ssh.user} to the group docker on ${name} (\`usermod -aG docker ${ssh.user}\`), or log in as root.`,
    ],
  },
  {
    text: /command not found|not found|No such file or directory.*docker$/i,
    failure: ({ name, socket }) => [
      `The engine's socket ${socket} on ${name} cannot be opened, and there is no docker command to go around.`,
      `${isEngineRunning}, that \`socket\` in swarm.yaml is right, and that sshd has AllowStreamLocalForwarding on.`,
    ],
  },
  {
    text: /no such file|cannot connect to the docker daemon|connection refused/i,
    failure: ({ name, socket }) => [
      `The engine on ${name} does not answer at its socket ${socket}.`,
      `${isEngineRunning}, and that \`socket\` in swarm.yaml is where it listens.`,
    ],
  },
  {
    text: /is not a docker command|unknown command|dial-stdio/i,
    failure: ({ name }) => [
      `The sshd of ${name} forwards no sockets, and its docker command is too old to stand in for it (18.09 is needed).`,
      'Set AllowStreamLocalForwarding to yes in its sshd_config, or update Docker there.',
    ],
  },
];

export function socketFailure(host: HostSettings, trouble: SocketTrouble, cause?: unknown): HostFailure {
  const { name, socket, ssh } = host;
  if (trouble.kind === 'gone') {
    return new HostFailure(name, 'socket', `The engine on ${name} has stopped answering at ${socket}.`, {
      hint: `${isEngineRunning}; if it was just restarted, try again in a moment.`,
      cause,
    });
  }
  if (trouble.kind === 'no-exec') {
    return new HostFailure(
      name,
      'forbidden',
      `The sshd of ${name} neither forwards the engine's socket ${socket} nor runs a command for ${ssh.user}.`,
      { hint: 'Set AllowStreamLocalForwarding to yes in its sshd_config and reload sshd.', cause },
    );
  }
  const stderr = redact(trouble.stderr);
  const row = COMMAND_SAYS.find(({ text }) => text.test(stderr));
  const [message, hint] = row?.failure(host) ?? [
    `The engine's socket ${socket} on ${name} cannot be opened${stderr ? `: ${stderr}` : '.'}`,
    `${isEngineRunning}, and that sshd has AllowStreamLocalForwarding on.`,
  ];
  return new HostFailure(name, 'socket', message, {
    hint,
    cause: new Error(`docker system dial-stdio ended with ${trouble.code ?? 'a signal'}: ${stderr}`),
  });
}

/** The engine did not answer within `ms`. */
export function engineSilent(host: HostSettings, what: string, ms: number): HostFailure {
  return new HostFailure(
    host.name,
    'silent',
    `The engine on ${host.name} did not answer within ${Math.round(ms / 1000)} s (${what}).`,
    { hint: 'It may be overloaded or hung: look at its load and its log (`journalctl -u docker`).' },
  );
}

/** Swarm mode came with 1.12. `version` as `GET /version` says it; a version without numbers is let through. */
export function tooOld(host: HostSettings, version: string): HostFailure | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  if (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 12)) return undefined;
  return new HostFailure(
    host.name,
    'too-old',
    `The engine on ${host.name} is ${version}; swarm mode needs 1.12 or newer.`,
    { hint: `Update Docker on ${host.name}, best to the version that the managers run.` },
  );
}

/**
 * An error that a call through dockerode ended with, as a failure that a person can act on; undefined when it is none
 * that can be known from here (a bug).
 */
export function engineFailure(host: HostSettings, thrown: unknown): HostFailure | EngineRefusal | undefined {
  if (thrown instanceof HostFailure || thrown instanceof EngineRefusal) return thrown;
  const { statusCode, json, message, code } = thrown as {
    statusCode?: unknown;
    json?: unknown;
    message?: unknown;
    code?: unknown;
  };
  if (typeof statusCode === 'number')
    return new EngineRefusal(host.name, statusCode, redact(engineText(json, message)));
  if (
    code === 'ECONNRESET' ||
    code === 'EPIPE' ||
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    code === 'ERR_STREAM_DESTROYED'
  ) {
    return new HostFailure(host.name, 'unreachable', `The engine on ${host.name} broke off its answer.`, {
      hint: 'It was probably restarted, or the connection was lost: try again in a moment.',
      cause: thrown,
      broke: true,
    });
  }
  return undefined;
}

/** The engine answers errors as `{"message": "..."}`; before 1.24 of the API as plain text. */
function engineText(json: unknown, message: unknown): string {
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') {
    return json.message;
  }
  if (json instanceof Uint8Array && json.length > 0) return Buffer.from(json).toString();
  // docker-modem puts this before the engine's words where it does not read them as JSON.
  return typeof message === 'string'
    ? message.replace(/^\(HTTP code \d+\) [^-]* - /, '')
    : 'it gave no reason';
}
