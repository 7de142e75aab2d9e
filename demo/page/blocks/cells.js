import { renderRichText } from '../rich-text.js';

/**
 * @import { DataTableBlock } from '@slack/types'
 * @import { Names } from '../names.js'
 *
 * @typedef {DataTableBlock['rows'][number][number]} Cell
 */

/**
 * @param {Cell} cell
 * @param {Names} names
 * @returns {Node}
 */
export function renderCell(cell, names) {
  if (cell.type === 'rich_text') return renderRichText(cell, names);
  return document.createTextNode(cellText(cell));
}

/**
 * The words of a cell, to filter and sort by.
 *
 * @param {Cell} cell
 * @returns {string}
 */
export function cellText(cell) {
  if (cell.type === 'raw_text') return cell.text;
  if (cell.type === 'raw_number') return cell.text ?? String(cell.value);
  return words(cell.elements).join('');
}

/**
 * @param {unknown} value a part of a rich text
 * @returns {string[]}
 */
function words(value) {
  if (Array.isArray(value)) return value.flatMap(words);
  if (typeof value !== 'object' || value === null) return [];
  if ('elements' in value) return words(value.elements);
  if ('text' in value) return [String(value.text)];
  return 'name' in value ? [String(value.name)] : [];
}

/**
 * Rows in the order of one column. Numbers by size, everything else as a person would: `web-2` before `web-10`.
 *
 * @param {Cell[][]} rows
 * @param {number} column
 * @param {'ascending' | 'descending'} direction
 */
export function sortRows(rows, column, direction) {
  const sign = direction === 'ascending' ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [x, y] = [a[column], b[column]];
    if (!x || !y) return 0;
    if (x.type === 'raw_number' && y.type === 'raw_number') return sign * (x.value - y.value);
    return sign * cellText(x).localeCompare(cellText(y), 'en', { numeric: true, sensitivity: 'base' });
  });
}

/**
 * @param {Cell[][]} rows
 * @param {string} query rows stay that have every word of it in some cell
 */
export function filterRows(rows, query) {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = row.map(cellText).join('\n').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
