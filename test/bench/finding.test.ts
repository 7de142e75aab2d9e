import { describe, expect, test } from 'vitest';
import { isMet, median, percentile, table, timesAsLong, type Finding } from '../../bench/finding.ts';

const finding = (value: number, goal?: Finding['goal']): Finding => {
  return { what: 'ack', value, unit: 'ms', basis: 'once', ...(goal ? { goal } : {}) };
};

describe('what a measurement found', () => {
  test('the median is the middle one, or lies between the two in the middle, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 4])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
  });

  test('a percentile is a value that was measured, the least that so many do not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([1, 2, 3, 4, 5], 0.5)).toBe(3);
    expect(percentile([3, 8], 0)).toBe(3);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });

  test('a goal is met at its very limit, from the right side', () => {
    expect(isMet(finding(250, { atMost: 250 }))).toBe(true);
    expect(isMet(finding(250.1, { atMost: 250 }))).toBe(false);
    expect(isMet(finding(70, { atLeast: 70 }))).toBe(true);
    expect(isMet(finding(69.9, { atLeast: 70 }))).toBe(false);
    expect(isMet(finding(1))).toBeUndefined();
  });

  test('two ways are compared by their medians: one slow run decides nothing', () => {
    const found = timesAsLong(
      'scale',
      { ours: [900, 1000, 60_000], theirs: [2000, 2000, 2000] },
      'by hand',
      1.2,
    );
    expect(found).toMatchObject({ value: 0.5, unit: 'times', goal: { atMost: 1.2 } });
    expect(found.basis).toBe('medians of 3: 1.00 s, by hand 2.00 s');
  });

  test('the table names what is missed, and says nothing where there is no goal', () => {
    const findings = new Map([
      ['ack', [finding(300, { atMost: 250 }), finding(3)]],
      ['queue', [{ ...finding(71, { atLeast: 70 }), unit: '%' as const }]],
    ]);
    expect(table(findings)).toMatchInlineSnapshot(`
      "measurement  what  value     goal         met  how
      ack          ack   300.0 ms  <= 250.0 ms  NO   once
      ack          ack   3.0 ms                      once
      queue        ack   71 %      >= 70 %      yes  once"
    `);
  });
});
