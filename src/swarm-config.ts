/** What swarm.yaml may say, and what it says. Every mistake is collected, so that one start shows all of them. */
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { commands } from './commands/index.ts';
import type { HostSettings } from './hosts/hosts.ts';
import type { Policy } from './policy/policy.ts';
import { readPolicy, type PolicyFile } from './policy/read.ts';
import { policyKeys } from './policy/schema.ts';

/** A configuration that cannot be used: every reason, each naming the variable or the path in swarm.yaml. */
export class ConfigError extends Error {
  readonly mistakes: string[];

  constructor(mistakes: string[]) {
    super(`The configuration cannot be used:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

export interface SwarmConfig {
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
