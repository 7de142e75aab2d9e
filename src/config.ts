/** The only reader of the environment and of swarm.yaml. Every mistake is collected, so that one start shows all of them. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { commands } from './commands/index.ts';
import type { HostSettings } from './hosts/hosts.ts';
import type { Policy } from './policy/policy.ts';
import { readPolicy, type PolicyFile } from './policy/read.ts';
import { policyKeys } from './policy/schema.ts';
import { Secret } from './secret.ts';

/** A configuration that cannot be used: every reason, each naming the variable or the path in swarm.yaml. */
export class ConfigError extends Error {
  readonly mistakes: string[];

  constructor(mistakes: string[]) {
    super(`The configuration cannot be used:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

interface QueueConfig {
  /** Absent: the process starts a private redis-server of its own, see queue/private-redis.ts. */
  redisUrl: string | undefined;
  /** Signs every job. The same for bots and workers, and nothing else's. */
  secret: Secret;
  logLevel: string;
  /** Where the audit's lines of JSON go beside Redis: `stdout`, or the path of a file. Undefined: nowhere. */
  auditLog: string | undefined;
}

/** What reads the audit at a terminal. */
export type AuditConfig = Pick<QueueConfig, 'redisUrl' | 'secret' | 'auditLog'>;

export interface BotConfig extends QueueConfig {
  slack: {
    botToken: Secret;
    apiUrl: string;
    /** chat.update is Tier 3: Slack takes about 50 a minute from one app in one workspace. */
    updatesPerMinute: number;
    receive: { kind: 'socket'; appToken: Secret } | { kind: 'http'; signingSecret: Secret; port: number };
  };
  swarm: SwarmConfig;
}

export interface WorkerConfig extends QueueConfig {
  swarm: SwarmConfig;
  /** A worker that Redis has not heard of for so long is taken for dead; another goes on with its jobs. */
  deadAfterMs: number;
}

interface SwarmConfig {
  /** Names of hosts, tried in this order. */
  managers: string[];
  hosts: HostSettings[];
  policy: Policy;
  /** What is no mistake, but is hardly what anybody wants: for the log at the start. */
  warnings: string[];
  channels: {
    /** ID of the channel that on-call reads; what is announced goes there. Undefined: none is named. */
    alerts: string | undefined;
  };
  limits: Limits;
  audit: {
    /** How much of what only reads is put on record; of everything else, and of refusals, all is. */
    reads: 'none' | 'asked' | 'all';
  };
  stacks: {
    /** Beginnings of the addresses that compose files may come from, each with https and a slash at its end. */
    sources: string[];
  };
}

interface Limits {
  /** The most replicas a person may ask for in one service. */
  replicas: number;
  /** Hosts that join at the same time: more than 3 at one manager time out (measured on 2 cores). */
  joinsAtOnce: number;
  /** Jobs that one worker carries out at the same time. */
  jobsAtOnce: number;
}

type Environment = Record<string, string | undefined>;

/** @throws ConfigError listing everything that is wrong with the bot's environment and swarm.yaml. */
export function readBotConfig(env: Environment): BotConfig {
  const mistakes: string[] = [];
  const queue = readQueue(env, mistakes);
  const botToken = required(
    env,
    'SLACK_BOT_TOKEN',
    'the bot token (xoxb-...) from "OAuth & Permissions"',
    mistakes,
  );
  const appToken = env['SLACK_APP_TOKEN'];
  const signingSecret = env['SLACK_SIGNING_SECRET'];
  if (!appToken && !signingSecret) {
    mistakes.push(
      'SLACK_APP_TOKEN is missing. Set it for Socket Mode (xapp-..., scope connections:write), or set SLACK_SIGNING_SECRET and PORT for HTTP.',
    );
  }
  const port = Number(env['PORT'] ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    mistakes.push(`PORT must be a port number, not "${env['PORT']}".`);
  const apiUrl = env['SLACK_API_URL'] ?? 'https://slack.com/api/';
  if (!URL.canParse(apiUrl))
    mistakes.push(`SLACK_API_URL must be an address such as https://slack.com/api/, not "${apiUrl}".`);
  const updatesPerMinute = Number(env['SLACK_UPDATES_PER_MINUTE'] ?? 50);
  if (!(updatesPerMinute >= 1)) mistakes.push('SLACK_UPDATES_PER_MINUTE must be a number, at least 1.');
  const swarm = readSwarm(env, mistakes);
  if (mistakes.length > 0 || !swarm) throw new ConfigError(mistakes);
  return {
    ...queue,
    swarm,
    slack: {
      botToken: new Secret(botToken),
      apiUrl,
      updatesPerMinute,
      receive: appToken
        ? { kind: 'socket', appToken: new Secret(appToken) }
        : { kind: 'http', signingSecret: new Secret(signingSecret ?? ''), port },
    },
  };
}

/** @throws ConfigError listing everything that is wrong with the worker's environment and swarm.yaml. */
export function readWorkerConfig(env: Environment): WorkerConfig {
  const mistakes: string[] = [];
  const queue = readQueue(env, mistakes);
  const swarm = readSwarm(env, mistakes);
  if (swarm) {
    for (const { name, ssh } of swarm.hosts) {
      if (!existsSync(ssh.key)) mistakes.push(`hosts.${name}: the SSH key file ${ssh.key} does not exist.`);
      if (!existsSync(ssh.knownHosts))
        mistakes.push(`hosts.${name}: the known_hosts file ${ssh.knownHosts} does not exist.`);
    }
  }
  const deadAfterMs = Number(env['WORKER_DEAD_AFTER_MS'] ?? 10_000);
  if (!Number.isInteger(deadAfterMs) || deadAfterMs < 1000)
    mistakes.push('WORKER_DEAD_AFTER_MS must be a whole number of milliseconds, at least 1000.');
  if (mistakes.length > 0 || !swarm) throw new ConfigError([...new Set(mistakes)]);
  return { ...queue, swarm, deadAfterMs };
}

/** @throws ConfigError listing everything that is wrong with what bots and workers share of the environment. */
export function readAuditConfig(env: Environment): AuditConfig {
  const mistakes: string[] = [];
  const queue = readQueue(env, mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return queue;
}

function readQueue(env: Environment, mistakes: string[]): QueueConfig {
  const secret = required(
    env,
    'QUEUE_SECRET',
    'any long random text, the same for bots and workers: `openssl rand -hex 32`',
    mistakes,
  );
  if (secret && secret.length < 32)
    mistakes.push(
      'QUEUE_SECRET is too short: use at least 32 characters, such as `openssl rand -hex 32` prints.',
    );
  const redisUrl = env['REDIS_URL'] || undefined;
  if (redisUrl && !/^(redis|rediss|unix):\/\//.test(redisUrl)) {
    mistakes.push('REDIS_URL must start with redis://, rediss:// or unix://.');
  }
  return {
    redisUrl,
    secret: new Secret(secret),
    logLevel: env['LOG_LEVEL'] ?? 'info',
    auditLog: readAuditLog(env['AUDIT_LOG'], mistakes),
  };
}

/** A path that cannot be written is told at the start: later nobody would look. */
function readAuditLog(value: string | undefined, mistakes: string[]): string | undefined {
  if (!value) return undefined;
  if (value === 'stdout') return value;
  const path = resolve(value);
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a folder');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'it is a folder';
    mistakes.push(
      `AUDIT_LOG must be "stdout" or the path of a file in a folder that exists; ${path} cannot be written (${why}).`,
    );
  }
  return path;
}

function required(env: Environment, name: string, what: string, mistakes: string[]): string {
  const value = env[name];
  if (!value) mistakes.push(`${name} is missing: ${what}.`);
  return value ?? '';
}

const ssh = z.strictObject({
  user: z.string().min(1),
  port: z.int().min(1).max(65_535),
  key: z.string().min(1),
  knownHosts: z.string().min(1),
});

const hostName = z
  .string()
  .regex(/^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62})$/, 'a host name has letters, digits, dots and dashes');

/** As the platform writes it, so that beginnings can be compared: `HTTPS://Git.example.com:443/ops` is `https://git.example.com/ops/`. */
const source = z
  .string()
  .refine(
    (address) => URL.canParse(address) && /^https:\/\/[^?#@]*$/i.test(address),
    'give an address that begins with https://, without a login, ? or #',
  )
  .transform((address) => (URL.canParse(address) ? new URL(address).href.replace(/\/?$/, '/') : address));

const swarmFile = z.strictObject({
  managers: z.array(hostName).min(1, 'name at least one manager'),
  ssh: ssh.partial().default({}),
  hosts: z.record(
    hostName,
    z.strictObject({
      address: z.string().min(1),
      ssh: ssh.partial().default({}),
      socket: z.string().startsWith('/').default('/var/run/docker.sock'),
      labels: z.record(z.string(), z.string()).default({}),
    }),
  ),
  limits: z
    .strictObject({
      replicas: z.int().min(1).default(1000),
      joinsAtOnce: z.int().min(1).max(20).default(3),
      jobsAtOnce: z.int().min(1).max(100).default(8),
    })
    .prefault({}),
  audit: z.strictObject({ reads: z.enum(['none', 'asked', 'all']).default('asked') }).prefault({}),
  stacks: z.strictObject({ sources: z.array(source).default([]) }).prefault({}),
  ...policyKeys,
  channels: z
    .strictObject({
      alerts: z
        .string()
        .regex(/^[CG][A-Z0-9]+$/, 'give the ID of a channel, which begins with C')
        .optional(),
    })
    .prefault({}),
});

function readSwarm(env: Environment, mistakes: string[]): SwarmConfig | undefined {
  const path = resolve(env['SWARM_CONFIG'] ?? './swarm.yaml');
  if (!existsSync(path)) {
    mistakes.push(`${path} does not exist. Copy swarm.example.yaml there, or set SWARM_CONFIG.`);
    return undefined;
  }
  try {
    return parseSwarmConfig(readFileSync(path, 'utf8'), { base: dirname(path) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    mistakes.push(...error.mistakes.map((mistake) => `${path}: ${mistake}`));
    return undefined;
  }
}

/**
 * Parses swarm.yaml. Relative paths are taken from `base`, defaults are filled in.
 * @throws ConfigError with every mistake.
 */
export function parseSwarmConfig(text: string, { base }: { base: string }): SwarmConfig {
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const quote = why.includes('reserved character @') ? ' Write handles in quotes: "@ops-team".' : '';
    throw new ConfigError([`it is no valid YAML: ${why}${quote}`]);
  }
  const parsed = swarmFile.safeParse(document);
  const told = { mistakes: [] as string[], warnings: [] as string[] };
  const given = typeof document === 'object' && document !== null ? (document as PolicyFile) : {};
  const policy = readPolicy(given, commands, told);
  if (!parsed.success) {
    throw new ConfigError([
      ...parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}.`),
      ...told.mistakes,
    ]);
  }
  const { managers, hosts, ssh: defaults, limits, stacks, audit } = parsed.data;
  const mistakes = managers
    .filter((name) => !Object.hasOwn(hosts, name))
    .map((name) => `managers: "${name}" is not among the hosts.`);
  const settings = Object.entries(hosts).map(([name, host]): HostSettings => {
    const merged = { ...defaults, ...host.ssh };
    if (!merged.key) mistakes.push(`hosts.${name}: no SSH key. Set ssh.key for all hosts or for this one.`);
    if (!merged.knownHosts)
      mistakes.push(`hosts.${name}: no known_hosts file. Set ssh.knownHosts for all hosts or for this one.`);
    return {
      name,
      address: host.address,
      socket: host.socket,
      labels: host.labels,
      ssh: {
        user: merged.user ?? 'root',
        port: merged.port ?? 22,
        key: resolve(base, merged.key ?? ''),
        knownHosts: resolve(base, merged.knownHosts ?? ''),
      },
    };
  });
  mistakes.push(...told.mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return {
    managers,
    hosts: settings,
    policy,
    warnings: told.warnings,
    channels: { alerts: parsed.data.channels.alerts },
    limits,
    audit,
    stacks,
  };
}
