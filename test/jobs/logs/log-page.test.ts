import { describe, expect, test } from 'vitest';
import { LogPage } from '../../../src/jobs/log-page.ts';

const BEGAN = new Date('2026-11-23T12:00:00Z');
/** A line of the second `at` before (or after) the beginning. */
const line = (at: number, text: string, { task = 'websky.1', node = 'fedora-01' } = {}) => ({
  at: `${new Date(BEGAN.getTime() + at * 1000).toISOString().slice(0, 23)}000001Z`,
  task,
  taskId: task,
  node,
  text,
});
const page = (wanted: Partial<ConstructorParameters<typeof LogPage>[0]> = {}) =>
  new LogPage({ node: null, grep: null, tail: 50, ...wanted }, BEGAN);
const texts = (of: LogPage) => of.page().lines.map((one) => one.slice(one.indexOf(' | ') + 3));

describe('a page of lines', () => {
  test('is in the order of their times, whoever wrote them', () => {
    const all = page();
    all.add([line(-5, 'one'), line(-1, 'four')]);
    all.add([line(-4, 'two', { task: 'websky.2' }), line(-2, 'three', { task: 'websky.2' })]);
    expect(texts(all)).toEqual(['one', 'two', 'three', 'four']);
    expect(all.page().lines[0]).toBe('2026-11-23T11:59:55.000Z websky.1@fedora-01 | one');
  });

  test('is the last so many of those before, and all that came since', () => {
    const all = page({ tail: 2 });
    all.add([line(-3, 'old'), line(-2, 'a'), line(-1, 'b'), line(1, 'c'), line(2, 'd'), line(3, 'e')]);
    expect(texts(all)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('has only what was asked for', () => {
    const all = page({ grep: 'Not Found', node: 'FEDORA-01', tail: 2 });
    all.add([line(-4, 'not found 1'), line(-3, 'NOT FOUND 2'), line(-2, 'found'), line(-1, 'not found 3')]);
    all.add([line(-1, 'not found 4', { node: 'fedora-02' })]);
    expect(texts(all)).toEqual(['NOT FOUND 2', 'not found 3']);
  });

  test('says how many older ones were too much', () => {
    const all = page({ tail: 5000 });
    all.add(Array.from({ length: 200 }, (_, at) => line(at - 300, `${at} `.padEnd(3000, 'x'))));
    const { lines, left } = all.page();
    expect(lines.length + left).toBe(200);
    expect(lines.join('\n').length).toBeLessThanOrEqual(300_000);
    expect(lines.at(-1)).toContain('| 199 ');
  });

  test('does not grow for ever', () => {
    const all = page({ tail: 5 });
    for (let round = 0; round < 10; round += 1)
      all.add(Array.from({ length: 10_000 }, (_, at) => line(round * 10 + at / 1000, `${round}`)));
    const { lines, left } = all.page();
    expect(lines.length).toBeLessThanOrEqual(20_000);
    expect(lines.length + left).toBe(100_000);
    expect(lines.at(-1)).toMatch(/\| 9$/);
  });

  test('cuts a line that nobody can read, and leaves out what a terminal would obey', () => {
    const all = page();
    all.add([line(-2, 'x'.repeat(20_000)), line(-1, '\u001b[31mred\u001b[0m \u0007bell')]);
    const [long, coloured] = texts(all);
    expect(long?.length).toBeLessThan(5000);
    expect(coloured).toBe('red bell');
  });
});
