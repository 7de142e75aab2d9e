import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buttons,
  context,
  fields,
  fold,
  header,
  lines,
  paragraph,
  section,
  table,
} from '../../src/cards/blocks.ts';
import type { Body } from '../../src/cards/body.ts';
import { fit } from '../../src/cards/fit.ts';
import { plan } from '../../src/cards/plan.ts';
import { bold, code, escape } from '../../src/cards/text.ts';
import { objections, readTexts } from './slack-takes.ts';

const body = (...blocks: Body['blocks']): Body => ({ text: 'Something.', blocks });

/** What data can hold, and a few lengths around Slack's limits. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc
      .tuple(
        fc.constantFrom('x', '😀', '&', '<!channel>', ' ', '\n', '*`_'),
        fc.constantFrom(1, 75, 150, 151, 2001, 3001, 9999),
      )
      .map(([one, many]) => one.repeat(many)),
  )
  .map((words) => words.toWellFormed());
const texts = fc.array(text, { minLength: 1, maxLength: 30 });

describe('no text is too long, too short or half cut for', () => {
  const kinds: Record<string, (words: string, more: string[]) => Body['blocks']> = {
    section: (words) => [section(escape(words)), section(bold(words)), section(code(words))],
    fields: (_words, more) => fields(more.map((one) => ['Name', escape(one)])),
    lines: (_words, more) => lines(more.map(escape), 2),
    context: (words) => [context(escape(words))],
    header: (words) => [header(`A ${words}`)],
    fold: (words, more) => [
      fold(
        `A ${words}`,
        more.map((one) =>
          section(
            escape(one)
              .slice(0, 500)
              .replace(/&[^;]*$/, ''),
          ),
        ),
      ),
    ],
    plan: (words, more) => [
      plan(
        `A ${words}`,
        more.map((one, at) => ({ id: String(at), title: `A ${one}`, status: 'pending', line: one })),
      ),
    ],
    table: (words, more) => [
      table(
        `A ${words}`,
        ['Name', 'Number'],
        more.map((one, at) => [one, at]),
      ).block,
    ],
    buttons: (words) => [
      buttons([
        {
          label: `A ${words}`,
          action: 'act',
          value: words || '-',
          confirm: { title: `A ${words}`, text: `A ${words}`, yes: `A ${words}`, no: `A ${words}` },
        },
      ]),
    ],
  };
  test.each(Object.entries(kinds))('%s', (_kind, make) => {
    fc.assert(
      fc.property(text, texts, (words, more) => {
        // In all a message has its own limit, which `fit` keeps.
        expect(objections(body(...fit([], make(words, more), [])))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('paragraph', () => {
    fc.assert(
      fc.property(text, (words) => {
        expect(objections(paragraph(`A ${escape(words)}`))).toEqual([]);
      }),
    );
  });
});

describe('a table', () => {
  test('says how many rows are left out', () => {
    const rows = Array.from({ length: 300 }, (_, at) => [`web-${at}`, at]);
    const { block, left } = table('Nodes', ['Name', 'Number'], rows);
    expect(block.rows).toHaveLength(101);
    expect(left).toBe(200);
  });

  test('leaves out rows before it grows too long', () => {
    const { block, left } = table(
      'Nodes',
      ['Name'],
      Array.from({ length: 100 }, () => ['x'.repeat(200)]),
    );
    expect(left).toBe(100 - (block.rows.length - 1));
    expect(left).toBeGreaterThan(40);
    expect(objections(body(block))).toEqual([]);
  });

  test('has no empty cell', () => {
    expect(JSON.stringify(table('Nodes', ['Name'], [[''], ['  \n ']]).block.rows.slice(1))).toBe(
      JSON.stringify([[{ type: 'raw_text', text: '-' }], [{ type: 'raw_text', text: '-' }]]),
    );
  });
});

describe('lines', () => {
  test('keep whole lines and count the others', () => {
    const [only, ...more] = readTexts({
      blocks: lines(Array.from({ length: 100 }, (_, at) => `${at}: ${'x'.repeat(96)}`)),
    });
    expect(more).toEqual([]);
    expect(only?.split('\n').slice(-2)).toEqual([expect.stringMatching(/^28: x{96}$/), '_and 71 more_']);
  });

  test('fill as many sections as they may', () => {
    expect(
      lines(
        Array.from({ length: 100 }, () => 'x'.repeat(100)),
        5,
      ),
    ).toHaveLength(4);
    expect(lines([])).toEqual([]);
  });
});

describe('a message', () => {
  test('is left alone when it fits', () => {
    const blocks = [section('a'), section('b'), section('c')];
    expect(fit(blocks.slice(0, 1), blocks.slice(1, 2), blocks.slice(2))).toEqual(blocks);
  });

  test.each([
    ['too many blocks', Array.from({ length: 60 }, (_, at) => section(`${at}`))],
    ['too many characters', Array.from({ length: 10 }, () => section('x'.repeat(2900)))],
  ])('loses the end of its middle: %s', (_what, middle) => {
    const blocks = fit([section('head')], middle, [section('tail')]);
    expect(objections(body(...blocks))).toEqual([]);
    expect(readTexts({ blocks })).toEqual([
      'head',
      ...readTexts({ blocks: middle }).slice(0, blocks.length - 3),
      'The rest does not fit into one message.',
      'tail',
    ]);
    expect(blocks.length).toBeGreaterThan(5);
  });
});
