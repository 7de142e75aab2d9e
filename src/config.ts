/** The only reader of the environment, and with swarm-config.ts of swarm.yaml. Every mistake is collected, so that one start shows all of them. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Secret } from './secret.ts';
import { ConfigError, parseSwarmConfig, type SwarmConfig } from './swarm-config.ts';

export { ConfigError, parseSwarmConfig } from './swarm-config.ts';

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
