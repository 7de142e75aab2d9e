import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, parseSwarmConfig, readBotConfig, readWorkerConfig } from '../src/config.ts';

const GOOD = `
managers: [manager]
ssh: { user: ops, key: keys/id, knownHosts: known_hosts }
hosts:
  manager: { address: 192.0.2.100 }
  fedora-03: { address: 192.0.2.103, ssh: { port: 2222, user: root }, labels: { zone: a } }
`;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'swarmkeeper-config-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const mistakes = (read: () => unknown): string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
};

describe('swarm.yaml', () => {
  it('fills in defaults, and takes relative paths from its own folder', () => {
    const { hosts, limits } = parseSwarmConfig(GOOD, { base: '/etc/swarmkeeper' });
    expect(hosts).toEqual([
      {
        name: 'manager',
        address: '192.0.2.100',
        socket: '/var/run/docker.sock',
        labels: {},
        ssh: {
          user: 'ops',
          port: 22,
          key: '/etc/swarmkeeper/keys/id',
          knownHosts: '/etc/swarmkeeper/known_hosts',
        },
      },
      {
        name: 'fedora-03',
        address: '192.0.2.103',
        socket: '/var/run/docker.sock',
        labels: { zone: 'a' },
        ssh: {
          user: 'root',
          port: 2222,
          key: '/etc/swarmkeeper/keys/id',
          knownHosts: '/etc/swarmkeeper/known_hosts',
        },
      },
    ]);
    expect(limits).toEqual({ replicas: 1000, joinsAtOnce: 3, jobsAtOnce: 8 });
  });

  it.each([
    ['no YAML', 'managers: [', /no valid YAML/],
    ['no managers', GOOD.replace('[manager]', '[]'), /managers: name at least one manager/],
    [
      'a manager that is no host',
      GOOD.replace('[manager]', '[boss]'),
      /managers: "boss" is not among the hosts/,
    ],
    ['a member that does not exist', `${GOOD}\ntypo: 1`, /typo/],
    [
      'a host without an address',
      GOOD.replace('address: 192.0.2.100', 'labels: {}'),
      /hosts\.manager\.address/,
    ],
    ['no SSH key', GOOD.replace('key: keys/id, ', ''), /hosts\.manager: no SSH key/],
    ['a port that is none', GOOD.replace('2222', '99999'), /hosts\.fedora-03\.ssh\.port/],
  ])('says what is wrong: %s', (_what, text, expected) => {
    expect(mistakes(() => parseSwarmConfig(text, { base: '/' })).join('\n')).toMatch(expected);
  });
});

describe('the environment', () => {
  it('is checked as a whole: one start shows every mistake', () => {
    const found = mistakes(() =>
      readBotConfig({ SWARM_CONFIG: join(dir, 'none.yaml'), REDIS_URL: 'localhost', QUEUE_SECRET: 'short' }),
    );
    expect(found.join('\n')).toMatch(/QUEUE_SECRET is too short/);
    expect(found.join('\n')).toMatch(/REDIS_URL must start with/);
    expect(found.join('\n')).toMatch(/SLACK_BOT_TOKEN is missing/);
    expect(found.join('\n')).toMatch(/SLACK_APP_TOKEN is missing/);
    expect(found.join('\n')).toMatch(/none\.yaml does not exist/);
  });

  it('never prints a secret, neither as text nor as JSON', () => {
    const path = join(dir, 'swarm.yaml');
    writeFileSync(path, GOOD);
    const secret = 'f'.repeat(64);
    const config = readBotConfig({
      SWARM_CONFIG: path,
      QUEUE_SECRET: secret,
      SLACK_BOT_TOKEN: 'xoxb-planted',
      SLACK_APP_TOKEN: 'xapp-planted',
    });
    expect(config.slack.botToken.reveal()).toBe('xoxb-planted');
    expect(`${JSON.stringify(config)} ${String(config.secret)}`).not.toMatch(/planted|ffff/);
  });

  it('of the worker names key files that are not there', () => {
    const path = join(dir, 'swarm.yaml');
    writeFileSync(path, GOOD);
    const found = mistakes(() => readWorkerConfig({ SWARM_CONFIG: path, QUEUE_SECRET: 'f'.repeat(64) }));
    expect(found.join('\n')).toMatch(/hosts\.manager: the SSH key file .*keys\/id does not exist/);
    expect(found.join('\n')).toMatch(/known_hosts file .* does not exist/);
  });
});
