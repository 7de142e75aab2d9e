import { describe, expect, test } from 'vitest';
import { diagnose, rowNumbers } from '../../src/diagnosis/diagnose.ts';
import { OTHERS, RECORDED } from './recorded.ts';

const ALL = Array.from({ length: 49 }, (_, at) => at + 1);

test('there are the 49 rows, and each has been recorded', () => {
  expect([...new Set(rowNumbers)].toSorted((a, b) => a - b)).toEqual(ALL);
  expect([...new Set(RECORDED.map(({ row }) => row))].toSorted((a, b) => a - b)).toEqual(ALL);
});

test.each(RECORDED)('$row: $text', ({ row, text, facts }) => {
  expect(diagnose(text, facts)?.row).toBe(row);
});

test.each(RECORDED.filter(({ text }) => text !== ''))(
  'in a chain of errors and in capitals as well, $row: $text',
  ({ row, text, facts }) => {
    const chain = `fedora-03 did not do it. Error response from daemon: ${text}\nCaused by: ${text.toUpperCase()}`;
    expect(diagnose(chain, facts)?.row).toBe(row);
  },
);

test.each(OTHERS)('none: "%s"', (text) => {
  expect(diagnose(text)).toBeUndefined();
  expect(diagnose(text, { service: 'websky', doing: 'scale', host: 'fedora-03' })).toBeUndefined();
});

describe.each(RECORDED)('what is said of $row: $text', ({ text, facts }) => {
  const said = diagnose(text, facts);
  const bare = diagnose(text, { ...facts, host: undefined, node: undefined, service: undefined } as never);

  test.each([
    ['with names', said],
    ['without', bare],
  ])('are plain sentences %s', (_how, diagnosis) => {
    for (const part of [diagnosis?.cause, diagnosis?.explanation, diagnosis?.advice]) {
      expect(part).toMatch(/^[A-Z0-9a-z`].{10,480}[.]$/s);
      expect(part).not.toMatch(/undefined|null|NaN|\[object|  |\.\.(?!\.)| \.|\n|rpc error/);
      expect(part).not.toMatch(/(^|[.?] )the (host|node|service)\b/);
    }
    for (const { label, line, confirm } of diagnosis?.remedies ?? []) {
      expect(label).toMatch(/^[A-Z].{2,60}$/);
      expect(line).not.toMatch(/undefined|the (host|node|service)/);
      expect(confirm ?? 'Nothing is asked.').toMatch(/^\S.{10,250}[.?]$/);
    }
  });

  test('the same is not said twice', () => {
    const parts = [said?.cause, said?.explanation, said?.advice];
    expect(new Set(parts).size).toBe(3);
  });
});
