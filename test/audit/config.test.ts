import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { configuration } from '../../src/audit/configuration.ts';
import { ConfigError, parseSwarmConfig, readAuditConfig } from '../../src/config.ts';

const dir = mkdtempSync(join(tmpdir(), 'swarmkeeper-audit-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const QUEUE_SECRET = 'a secret that only these tests know';

describe('AUDIT_LOG', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['stdout', 'stdout'],
    [join(dir, 'audit.jsonl'), join(dir, 'audit.jsonl')],
  ])('%s', (value, path) => {
    expect(readAuditConfig({ QUEUE_SECRET, AUDIT_LOG: value }).auditLog).toBe(path);
  });

  test('is told at the start when it cannot be written, and never made by looking', () => {
    for (const path of [dir, join(dir, 'away', 'audit.jsonl')])
      expect(() => readAuditConfig({ QUEUE_SECRET, AUDIT_LOG: path })).toThrow(ConfigError);
    expect(() => statSync(join(dir, 'audit.jsonl'))).toThrow('ENOENT');
  });
});

const yaml = (more = ''): string => `
managers: [m]
ssh: { key: k, knownHosts: h }
hosts: { m: { address: 10.0.0.1 }, n: { address: 10.0.0.2 } }
${more}`;

const load = (text: string) => parseSwarmConfig(text, { base: '/etc' });

describe('audit.reads', () => {
  test('is what was asked unless it is said', () => {
    expect(load(yaml()).audit).toEqual({ reads: 'asked' });
    expect(load(yaml('audit: {reads: all}')).audit).toEqual({ reads: 'all' });
    expect(() => load(yaml('audit: {reads: some}'))).toThrow('audit.reads');
  });
});

describe('the record of a configuration', () => {
  const of = (text: string) => {
    const event = configuration('bot', load(text));
    if (event.event !== 'configuration') throw new Error('another event');
    return event;
  };

  test('says in words who may do what to which hosts', () => {
    const { summary, version, process } = of(
      yaml(
        `roles: {operators: {people: [U1, U2, U3], allow: [read, change]}}\napprovals: {join: {approvers: [operators], quorum: 2}}`,
      ),
    );
    expect(process).toBe('bot');
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(summary).toEqual(
      expect.arrayContaining([
        'managers m',
        '2 hosts: m 10.0.0.1, n 10.0.0.2',
        'role operators (U1, U2, U3): read, change',
        expect.stringMatching(/^approved by 2 of operators: join$/),
        'break-glass: nobody',
      ]),
    );
  });

  test('has another digest when anything is another, and the same in whatever order it is written', () => {
    const one = of(yaml('limits: {replicas: 10, jobsAtOnce: 2}')).digest;
    expect(of(yaml('limits: {jobsAtOnce: 2, replicas: 10}')).digest).toBe(one);
    expect(of(yaml('limits: {jobsAtOnce: 2, replicas: 11}')).digest).not.toBe(one);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
  });
});
