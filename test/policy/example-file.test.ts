/** swarm.example.yaml: what people copy works as it stands, and with every setting in it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSwarmConfig } from '../../src/config.ts';

const text = readFileSync(new URL('../../swarm.example.yaml', import.meta.url), 'utf8');
/** `#setting` and `#  setting` -> the setting; what stands behind one blank is said to people. */
const whole = text.replaceAll(/^( *)#(?=[^ #]| {2})/gm, '$1');

const config = (yaml: string) => parseSwarmConfig(yaml, { base: '/etc/swarmkeeper' });

describe('swarm.example.yaml', () => {
  test('as it is: operators do everything, members read', () => {
    const { policy, warnings, channels } = config(text);
    expect(warnings).toEqual([]);
    expect(policy.roles.map(({ name, allow, everyone }) => [name, allow, everyone])).toEqual([
      ['operators', ['read', 'change', 'destroy'], false],
      ['everyone', ['read'], true],
    ]);
    expect(Object.keys(policy.approvals).toSorted()).toEqual([
      'demote',
      'join',
      'leave',
      'promote',
      'prune',
      'rm',
      'rotate',
      'stack apply',
      'stack rm',
    ]);
    expect(policy.deny).toEqual([]);
    expect(channels.alerts).toBeUndefined();
  });

  test('with every setting taken in: all of them are known, and mean something', () => {
    const { policy, warnings, channels, stacks, hosts } = config(whole);
    expect(warnings).toEqual([]);
    expect(policy.roles.map(({ name }) => name)).toEqual([
      'operators',
      'everyone',
      'oncall',
      'developers',
      'contractors',
      'names',
    ]);
    expect(policy.roles.find(({ name }) => name === 'developers')).toEqual({
      name: 'developers',
      people: [],
      groups: ['@developers'],
      everyone: false,
      allow: ['change'],
      targets: ['staging-*', 'shop'],
      channels: ['C012ABCDEF'],
    });
    expect(policy.deny).toHaveLength(3);
    expect(policy.approvals).not.toHaveProperty('rm');
    expect(policy.approvals['prune']).toEqual({
      approvers: ['operators'],
      quorum: 2,
      expiresMs: 30 * 60_000,
      reason: 'required',
    });
    expect(policy.approvals['stack apply']?.expiresMs).toBe(60 * 60_000);
    expect(policy.breakGlass).toEqual(['oncall']);
    expect(channels.alerts).toBe('C034ABCDEF');
    expect(stacks.sources).toEqual(['https://git.example.com/ops/']);
    expect(hosts[1]?.ssh.user).toBe('swarmkeeper');
  });

  test('shows every key that swarm.yaml can have', () => {
    const shown = new Set(keys(parse(whole)));
    const all =
      'managers ssh hosts limits stacks audit roles deny approvals breakGlass channels people groups everyone allow ' +
      'targets commands approvers quorum expiresMinutes reason alerts sources reads replicas joinsAtOnce jobsAtOnce ' +
      'socket labels knownHosts key user port address';
    for (const key of all.split(' ')) expect(shown, key).toContain(key);
  });

  test('says which defaults hold', () => {
    const { limits, audit } = config(text);
    expect(config(whole)).toMatchObject({ limits, audit });
  });
});

function keys(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keys);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keys(inner)]);
}
