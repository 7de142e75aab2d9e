import { h, refill } from '../dom.js';
import { icon } from '../icons.js';
import { cellText, filterRows, renderCell, sortRows } from './cells.js';

/**
 * @import { DataTableBlock } from '@slack/types'
 * @import { Surface } from '../surface.js'
 *
 * @typedef {{ column: number, direction: 'ascending' | 'descending' | 'none', query: string, page: number }} TableView
 */

/** Slack's own, where the app names none. */
const PAGE_SIZE = 5;
/** @type {Record<TableView['direction'], TableView['direction']>} */
const NEXT_DIRECTION = { none: 'ascending', ascending: 'descending', descending: 'none' };

/**
 * A table that sorts, filters and pages; an edit keeps what the person set.
 *
 * @param {DataTableBlock} block
 * @param {Surface} surface
 * @param {string} path
 */
export function renderDataTable(block, surface, path) {
  const [header = [], ...rows] = block.rows;
  const pageSize = block.page_size ?? PAGE_SIZE;
  const rowHeader = block.row_header_column_index ?? 0;
  const numeric = header.map((_, i) => rows.length > 0 && rows.every((row) => row[i]?.type === 'raw_number'));
  /** @type {TableView} */
  const view = { ...surface.memory.get(path, { column: 0, direction: 'none', query: '', page: 0 }) };

  const sorters = header.map((cell, i) =>
    h(
      'th',
      { scope: 'col', class: numeric[i] ? 'align-right' : null },
      h(
        'button',
        {
          type: 'button',
          'data-focus': `${path} sort ${i}`,
          onclick: () => {
            view.direction = view.column === i ? NEXT_DIRECTION[view.direction] : 'ascending';
            change({ column: i, page: 0 });
          },
        },
        h('span', null, cellText(cell)),
        icon('up', 12),
      ),
    ),
  );
  const body = h('tbody');
  const range = h('span', { class: 'table-range', 'aria-live': 'polite' });
  /** @param {string} label @param {'left' | 'right'} name @param {number} step */
  const pager = (label, name, step) =>
    h(
      'button',
      {
        type: 'button',
        class: 'icon-button',
        'aria-label': label,
        'data-focus': `${path} ${name}`,
        onclick: () => change({ page: view.page + step }),
      },
      icon(name, 16),
    );
  const [back, on] = [pager('Previous page', 'left', -1), pager('Next page', 'right', 1)];
  const foot = h('div', { class: 'table-foot' }, range, back, on);
  const filter = h('input', {
    type: 'search',
    class: 'field table-filter',
    placeholder: 'Filter',
    'aria-label': `Filter ${block.caption}`,
    'data-focus': `${path} filter`,
    value: view.query,
  });

  /** @param {Partial<TableView>} difference */
  const change = (difference) => {
    Object.assign(view, difference);
    const found = filterRows(rows, view.query);
    const sorted = view.direction === 'none' ? found : sortRows(found, view.column, view.direction);
    const pages = Math.max(1, Math.ceil(sorted.length / pageSize));
    view.page = Math.min(Math.max(0, view.page), pages - 1);
    surface.memory.set(path, { ...view });

    sorters.forEach((sorter, i) => (sorter.ariaSort = i === view.column ? view.direction : 'none'));
    const from = view.page * pageSize;
    const visible = sorted.slice(from, from + pageSize);
    refill(
      body,
      visible.map((row) => drawRow(row)),
      visible.length === 0 ? nothingFound() : null,
    );
    range.textContent = sorted.length === 0 ? '' : `${from + 1}–${from + visible.length} of ${sorted.length}`;
    foot.hidden = rows.length <= pageSize;
    back.disabled = view.page === 0;
    on.disabled = view.page >= pages - 1;
  };
  /** @param {DataTableBlock['rows'][number]} row */
  const drawRow = (row) =>
    h(
      'tr',
      null,
      row.map((cell, i) =>
        h(
          i === rowHeader ? 'th' : 'td',
          { scope: i === rowHeader ? 'row' : null, class: numeric[i] ? 'align-right' : null },
          renderCell(cell, surface.names),
        ),
      ),
    );
  const nothingFound = () =>
    h('tr', null, h('td', { colspan: header.length, class: 'table-empty' }, 'No row matches the filter.'));

  filter.addEventListener('input', () => change({ query: filter.value, page: 0 }));
  change({});
  return h(
    'div',
    { class: 'data-table' },
    h(
      'div',
      { class: 'table-head' },
      h('span', { class: 'table-caption', 'aria-hidden': 'true' }, block.caption),
      filter,
    ),
    h(
      'div',
      { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': block.caption },
      h(
        'table',
        null,
        h('caption', { class: 'unseen' }, block.caption),
        h('thead', null, h('tr', null, sorters)),
        body,
      ),
    ),
    foot,
  );
}
