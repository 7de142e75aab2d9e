import { describe, expect, test } from 'vitest';
import { pages } from '../../src/cards/pages.ts';
import { objections } from './slack-takes.ts';

const head = ['Name', 'Number'];
const list = (rows: (string | number)[][], page = 1) =>
  pages({ caption: 'Nodes', head, rows, id: 'k3f9x2ab', page, order: 'the worst first' });
const many = (length: number, text = 'node') => Array.from({ length }, (_, at) => [`${text}-${at}`, at]);

/** Names in the table, what stands below it, and the buttons with what they carry. */
function read(blocks: ReturnType<typeof pages>) {
  const names = blocks.flatMap((block) =>
    block.type === 'data_table'
      ? block.rows.slice(1).map(([cell]) => (cell && 'text' in cell ? cell.text : ''))
      : [],
  );
  const place = blocks.flatMap((block) =>
    block.type === 'context' ? block.elements.map((one) => ('text' in one ? one.text : '')) : [],
  );
  const buttons = blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.map((one) => (one.type === 'button' ? `${one.text.text}: ${one.value}` : ''))
      : [],
  );
  return { names, place, buttons };
}

describe('pages of a list', () => {
  test('a list that fits has no pages', () => {
    expect(list(many(100))).toHaveLength(1);
    expect(read(list(many(100), 7)).names).toHaveLength(100);
  });

  test('every row is on one page, in order, and the buttons lead from one to the next', () => {
    const rows = many(450);
    const seen: string[] = [];
    for (let page = 1; page <= 5; page += 1) seen.push(...read(list(rows, page)).names.map(String));
    expect(seen).toEqual(rows.map(([name]) => name));
    expect(read(list(rows, 1)).buttons).toEqual(['Next: k3f9x2ab 2', 'Last: k3f9x2ab 5']);
    expect(read(list(rows, 3))).toMatchObject({
      place: ['Rows 201–300 of 450, the worst first. Page 3 of 5.'],
      buttons: ['First: k3f9x2ab 1', 'Previous: k3f9x2ab 2', 'Next: k3f9x2ab 4', 'Last: k3f9x2ab 5'],
    });
    expect(read(list(rows, 5)).buttons).toEqual(['First: k3f9x2ab 1', 'Previous: k3f9x2ab 4']);
  });

  test.each([
    [6, 5],
    [10_000, 5],
    [0, 1],
    [-3, 1],
  ])('page %i of five is page %i', (asked, shown) => {
    expect(list(many(450), asked)).toEqual(list(many(450), shown));
  });

  test('rows that are long make more pages, none of which Slack refuses', () => {
    const rows = many(120, 'x'.repeat(190));
    const first = read(list(rows));
    expect(first.names.length).toBeLessThan(60);
    const last = Number(first.buttons.at(-1)?.split(' ').at(-1));
    const seen: string[] = [];
    for (let page = 1; page <= last; page += 1) {
      const blocks = list(rows, page);
      expect(objections({ text: 'Nodes', blocks })).toEqual([]);
      seen.push(...read(blocks).names.map(String));
    }
    expect(seen).toHaveLength(120);
  });
});
