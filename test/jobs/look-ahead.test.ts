import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { lookAhead } from '../../src/jobs/look-ahead.ts';

const TARGETS = ['a', 'b', 'c', 'd', 'e'];
let begun: string[];

beforeEach(() => {
  begun = [];
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const look = (target: string): Promise<string> => {
  begun.push(target);
  return target === 'c' ? Promise.reject(new Error('c is away')) : Promise.resolve(`found ${target}`);
};

it('begins a few ahead, each once, and gives each in its turn', async () => {
  const looks = lookAhead(TARGETS, 2, look);
  expect(await looks('a')).toBe('found a');
  expect(begun).toEqual(['a', 'b', 'c']);
  expect(await looks('b')).toBe('found b');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  // Its failure has waited for its turn, and stopped nobody.
  await expect(looks('c')).rejects.toThrow('c is away');
  expect(await Promise.all([looks('d'), looks('e')])).toEqual(['found d', 'found e']);
  expect(begun).toEqual(TARGETS);
});

it('looks again when what it found has grown old', async () => {
  const looks = lookAhead(TARGETS, 1, look);
  await looks('a');
  vi.setSystemTime(Date.now() + 20_001);
  expect(await looks('b')).toBe('found b');
  expect(begun.filter((target) => target === 'b')).toHaveLength(2);
});
