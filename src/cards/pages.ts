/** A long list as pages of one table: buttons below it turn them, in the same card. */
import type { KnownBlock } from '@slack/types';
import { buttons, context, table, type ButtonSpec } from './blocks.ts';
import { count } from './text.ts';

/** The buttons' action: what is behind it only tells them apart, as Slack wants within one message. */
export const PAGE_ACTION = 'page';

export interface Listing {
  caption: string;
  head: string[];
  /** All of them, in the order in which they are to be read. */
  rows: (string | number)[][];
  /** Of the request whose card shows it. */
  id: string;
  /** From 1; past the last one means the last one. */
  page: number;
  /** What the order is, as it stands behind "Rows 1–100 of 500". */
  order?: string;
}

/** The table of one page. Where there are several, which one it is, and buttons to the others. */
export function pages({ caption, head, rows, id, page, order = '' }: Listing): KnownBlock[] {
  const starts = pageStarts(caption, head, rows);
  const at = Math.min(Math.max(1, page), starts.length) - 1;
  const from = starts[at] ?? 0;
  const to = starts[at + 1] ?? rows.length;
  const { block } = table(caption, head, rows.slice(from, to));
  if (starts.length === 1) return [block];
  const place = `Rows ${from + 1}–${to} of ${rows.length}${order ? `, ${order}` : ''}. Page ${at + 1} of ${starts.length}.`;
  return [block, context(place), buttons(turns(id, at + 1, starts.length))];
}

/** Where each page begins: it has as many rows as Slack takes in one table, by their number and their length. */
function pageStarts(caption: string, head: string[], rows: Listing['rows']): number[] {
  const starts = [0];
  for (let from = 0; ;) {
    const rest = rows.slice(from, from + MOST_ROWS);
    from += Math.max(1, rest.length - table(caption, head, rest).left);
    if (from >= rows.length) return starts;
    starts.push(from);
  }
}

/** Of one data_table, its header not counted. */
const MOST_ROWS = 100;

function turns(id: string, page: number, last: number): ButtonSpec[] {
  const to = (label: string, target: number): ButtonSpec => ({
    label,
    action: `${PAGE_ACTION}:${label.toLowerCase()}`,
    value: `${id} ${target}`,
  });
  return [
    ...(page > 2 ? [to('First', 1)] : []),
    ...(page > 1 ? [to('Previous', page - 1)] : []),
    ...(page < last ? [to('Next', page + 1)] : []),
    ...(page < last - 1 ? [to('Last', last)] : []),
  ];
}

/** `12 of 500 nodes fit "down"`: what a filter has left. */
export function fitting(found: number, all: number, what: string, filter: string): string {
  return `${found} of ${count(all, what)} ${found === 1 ? 'fits' : 'fit'} ${filter}`;
}
