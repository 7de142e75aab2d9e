import { isFields } from '../json.ts';
import type { Check } from './check.ts';
import { all, boolean, byType, ensure, list, number, object, oneOf, string } from './check.ts';
import { id } from './composition.ts';
import { richText } from './rich-text.ts';

const raw = {
  raw_text: object({ text: string() }),
  raw_number: object({ value: number({ whole: false }), text: string() }),
};

const cell = byType({ ...raw, rich_text: richText });

/** Sum over all cells, as Slack limits it to 10,000 for one table. */
function tableCharacters(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + tableCharacters(entry), 0);
  if (!isFields(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, entry]) =>
      sum + (key === 'text' && typeof entry === 'string' ? entry.length : tableCharacters(entry)),
    0,
  );
}

const notTooLong = ensure(
  (block) => tableCharacters(block['rows']) <= 10_000,
  'the total number of characters in all cells must be less than 10001',
);

export const tableShape: Check = all(
  object(
    { rows: list(list(cell, { max: 20 }), { max: 100 }) },
    {
      block_id: id,
      column_settings: list(object({}, { align: oneOf('left', 'center', 'right'), is_wrapped: boolean }), {
        min: 0,
        max: 20,
      }),
    },
  ),
  notTooLong,
);

const widths = (block: Record<string, unknown>): number[] =>
  Array.isArray(block['rows']) ? block['rows'].map((row) => (Array.isArray(row) ? row.length : 0)) : [];

export const dataTableShape: Check = all(
  object(
    { rows: list(list(cell, { max: 20 }), { min: 2, max: 101 }), caption: string() },
    {
      block_id: id,
      page_size: number({ min: 1, max: 100 }),
      row_header_column_index: number({ min: 0, max: 19 }),
    },
  ),
  ensure((block) => new Set(widths(block)).size <= 1, 'all rows must have the same number of cells'),
  ensure((block) => {
    const [header] = Array.isArray(block['rows']) ? (block['rows'] as unknown[]) : [];
    return (
      !Array.isArray(header) || header.every((entry) => !isFields(entry) || entry['type'] !== 'rich_text')
    );
  }, 'rich_text is not allowed in the header row'),
  ensure(
    (block) => Number(block['row_header_column_index'] ?? 0) < Math.max(1, ...widths(block)),
    'row_header_column_index is out of range',
  ),
  notTooLong,
);
