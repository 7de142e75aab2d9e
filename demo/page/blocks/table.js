import { h } from '../dom.js';
import { renderCell } from './cells.js';

/**
 * @import { TableBlock } from '@slack/types'
 * @import { Surface } from '../surface.js'
 */

/**
 * @param {TableBlock} block
 * @param {Surface} surface
 */
export function renderTable({ rows, column_settings }, surface) {
  const [header = [], ...body] = rows;
  /** @param {'th' | 'td'} tag @param {TableBlock['rows'][number]} row */
  const draw = (tag, row) =>
    h(
      'tr',
      null,
      row.map((cell, i) => {
        const { align, is_wrapped } = column_settings?.[i] ?? {};
        const classes = [align ? `align-${align}` : '', is_wrapped ? 'wrapped' : ''].join(' ').trim();
        return h(
          tag,
          { class: classes || null, scope: tag === 'th' ? 'col' : null },
          renderCell(cell, surface.names),
        );
      }),
    );
  return h(
    'div',
    { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Table' },
    h(
      'table',
      { class: 'table' },
      h('thead', null, draw('th', header)),
      h(
        'tbody',
        null,
        body.map((row) => draw('td', row)),
      ),
    ),
  );
}
