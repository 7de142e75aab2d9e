import { describe, expect, test } from 'vitest';
import { thrownBy } from './plain-answer.ts';
import { read } from './reading.ts';

const websky = { name: 'websky', node: null, tail: 50, sinceMs: null, grep: null, followMs: null };

const TAKEN: [line: string, input: object, title?: string][] = [
  ['logs websky', websky],
  ['logs websky.3', { ...websky, name: 'websky.3' }],
  ['service logs websky', websky, 'logs websky'],
  ['logs websky --tail 100 --since 10m', { ...websky, tail: 100, sinceMs: 600_000 }],
  ['logs websky -n 5', { ...websky, tail: 5 }, 'logs websky --tail 5'],
  ['logs websky -n=5', { ...websky, tail: 5 }, 'logs websky --tail=5'],
  ['logs websky --tail all', { ...websky, tail: 5000 }],
  ['logs websky --grep "not found"', { ...websky, grep: 'not found' }],
  ['logs websky --node fedora-03', { ...websky, node: 'fedora-03' }],
  ['logs websky --follow 30s', { ...websky, followMs: 30_000 }],
  // Docker's has no value, and stands anywhere.
  ['logs websky -f', { ...websky, followMs: 30_000 }, 'logs websky --follow 30s'],
  ['logs -f websky', { ...websky, followMs: 30_000 }, 'logs --follow 30s websky'],
  ['service logs --follow websky', { ...websky, followMs: 30_000 }, 'logs --follow 30s websky'],
  [
    'service logs -f --tail 3 websky',
    { ...websky, tail: 3, followMs: 30_000 },
    'logs --follow 30s --tail 3 websky',
  ],
  ['logs websky -f 10s', { ...websky, followMs: 10_000 }, 'logs websky --follow 10s'],
];

const REFUSED: [line: string, message: string, hint: string][] = [
  ['logs', '"logs" needs a service', 'logs websky'],
  ['logs websky --tail none', '"none" is not a number of lines.', 'from 1 to 5000'],
  ['logs websky --tail 5001', '"5001" is not a number of lines.', 'from 1 to 5000'],
  ['logs websky --since yesterday', '"yesterday" is not a span of time.', '90s, 5m or 2h'],
  ['logs websky --follow 121s', '"121s" is longer than logs are followed.', 'up to 2m'],
  ['logs websky --follow 1', '"1" is not a span of time.', '90s'],
  ['logs websky --grep ""', 'The text to look for is empty or too long.', '--grep "not found"'],
  ['logs websky -x', 'There is a word too many: "-x".', 'Usage: `/swarm logs NAME'],
];

describe('logs', () => {
  test.each(TAKEN)('%s', (line, input, title = line) => {
    expect(read(line)).toEqual({ command: 'logs', input, title });
  });

  test.each(REFUSED)('refuses: %s', (line, message, hint) => {
    const error = thrownBy(() => read(line));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});
