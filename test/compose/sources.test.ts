import { describe, expect, test } from 'vitest';
import { parseSwarmConfig } from '../../src/config.ts';
import { isListed } from '../../src/jobs/stack-source.ts';

const config = (sources: string[]): string[] =>
  parseSwarmConfig(
    `managers: [a]\nssh: {key: k, knownHosts: h}\nhosts: {a: {address: 10.0.0.1}}\nstacks: {sources: ${JSON.stringify(sources)}}`,
    { base: '/etc' },
  ).stacks.sources;

describe('sources of compose files in swarm.yaml', () => {
  test('are none when nothing is said, and else as addresses are compared', () => {
    expect(config([])).toEqual([]);
    expect(config(['HTTPS://Git.Example.com:443/a/../ops', 'https://git.example.com'])).toEqual([
      'https://git.example.com/ops/',
      'https://git.example.com/',
    ]);
  });

  test.each([
    'http://git.example.com/',
    'git.example.com',
    'https://alice:x@git.example.com/',
    'https://a/?b',
    'file:///etc/',
  ])('%s is refused', (source) => {
    expect(() => config([source])).toThrow('give an address that begins with https://');
  });
});

describe('an address', () => {
  const sources = ['https://git.example.com/ops/'];
  test.each([
    'https://git.example.com/ops/shop.yml',
    'https://GIT.example.com:443/ops/shop.yml?ref=main',
    'https://git.example.com/x/../ops/shop.yml',
  ])('%s is on the list', (address) => {
    expect(isListed(new URL(address), sources)).toBe(true);
  });
  test.each([
    'http://git.example.com/ops/shop.yml',
    'https://git.example.com/opsy/shop.yml',
    'https://git.example.com/ops',
    'https://git.example.com/ops/../secret.yml',
    'https://git.example.com/ops/%2e%2e/secret.yml',
    'https://git.example.com/ops/..%2Fsecret.yml',
    'https://git.example.com/ops/..%5csecret.yml',
    'https://git.example.com/ops\\..\\secret.yml',
    'https://git.example.com.evil.example/ops/shop.yml',
    'https://git.example.com@evil.example/ops/shop.yml',
    'https://x@git.example.com/ops/shop.yml',
    'https://git.example.com:8443/ops/shop.yml',
    'https://127.0.0.1/ops/shop.yml',
    'file:///ops/shop.yml',
  ])('%s is not', (address) => {
    expect(isListed(new URL(address), sources)).toBe(false);
  });
});
