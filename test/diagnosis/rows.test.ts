/** The list of what is covered, against the diagnosis, against the tests that it names, and against what was recorded. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findCommand } from '../../src/commands/find.ts';
import { commands } from '../../src/commands/index.ts';
import { splitWords } from '../../src/commands/words.ts';
import { diagnose, rowNumbers, type Facts } from '../../src/diagnosis/diagnose.ts';
import { RECORDED } from './recorded.ts';
import { THEMES } from './rows.ts';

const covered = THEMES.flatMap(({ rows }) => rows);
const sorted = (rows: Iterable<number>) => [...new Set(rows)].toSorted((a, b) => a - b);
const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

interface Recording {
  engine: string;
  texts: { row: number; asked: string; text: string; facts: Facts }[];
}
const recordings = readdirSync(new URL('recorded', import.meta.url))
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...(JSON.parse(read(`recorded/${name}`)) as Recording) }));
const texts = recordings.flatMap(({ name, engine, texts: all }) =>
  all.map((one) => ({ ...one, name, engine, words: one.text || JSON.stringify(one.facts) })),
);

test('each of the 49 rows is covered once, and the diagnosis has them all', () => {
  const all = Array.from({ length: 49 }, (_, at) => at + 1);
  expect(covered.map(({ row }) => row).toSorted((a, b) => a - b)).toEqual(all);
  expect(sorted(rowNumbers)).toEqual(all);
});

test('most of them are caused for real', () => {
  expect(covered.filter(({ how }) => how === 'real').length).toBeGreaterThanOrEqual(45);
});

test.each(covered.filter(({ how }) => how === 'real'))(
  'row $row is caused for real in $file',
  ({ row, file }) => {
    const titles = read(file).match(/test(\.skipIf\(\w+\))?\(\s*'[^']*'/g) ?? [];
    expect(titles.filter((title) => new RegExp(`\\brow ${row}\\b`).test(title))).not.toEqual([]);
    // What was said or seen there has been kept.
    const kept = texts.filter((one) => one.row === row).map(({ name }) => `real/${name}`);
    expect(kept).toContain(file.replace(/test\.ts$/, 'json'));
  },
);

test.each(covered.filter(({ how }) => how === 'recorded'))('row $row is recorded', ({ row, because }) => {
  expect(RECORDED.map((one) => one.row)).toContain(row);
  expect(because).toMatch(/^\w.{20,}[^.]$/);
});

test.each(covered)('the example of row $row is taken for it', ({ row, example, symptom }) => {
  expect(diagnose(example.text, example.facts)?.row).toBe(row);
  expect(symptom).toMatch(/^[a-z`].*[^.]$/);
});

describe.each(texts)('$engine for real, $asked, row $row: $words', ({ row, text, facts }) => {
  const said = diagnose(text, facts);

  test('is diagnosed', () => {
    expect(said?.row).toBe(row);
  });

  test('and what is offered can be typed', () => {
    const offered = said?.remedies.map(({ line }) => line) ?? [];
    expect(offered.flatMap(refusedAs)).toEqual([]);
  });
});

/** Why nothing could be made of a line, if so. */
function refusedAs(line: string): string[] {
  const { command, rest } = findCommand(splitWords(line), commands, '/swarm');
  if (command.kind !== 'job') return [];
  try {
    // Any word may be a host here: which ones there are is the lab's.
    command.parse(rest, { hosts: rest, limits: { replicas: 1000 } });
    return [];
  } catch (error) {
    return [`${line}: ${String(error)}`];
  }
}

test('nothing secret was recorded', () => {
  for (const { name } of recordings) expect(read(`recorded/${name}`)).not.toMatch(/SWMTKN|SWMKEY|BEGIN /);
});
