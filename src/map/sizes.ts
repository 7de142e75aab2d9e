/** How large nodes and tasks are drawn, by how many nodes there are. CSS pixels. */

export interface Sizes {
  columns: number;
  gap: number;
  /** Letter size of a node's name; the head is as high as it needs. */
  name: number;
  /** Edge of a task. */
  tile: number;
  /** Rows of tasks; what does not fit is counted. */
  rows: number;
  padding: number;
  /** Letters in the tasks. */
  letters: boolean;
}

const ONE: Sizes = { columns: 1, gap: 8, name: 16, tile: 28, rows: 8, padding: 8, letters: true };
const TWO: Sizes = { columns: 2, gap: 8, name: 14, tile: 22, rows: 6, padding: 6, letters: true };

const FIVE: Sizes = { columns: 5, gap: 4, name: 10, tile: 8.5, rows: 3, padding: 3.5, letters: false };
const EIGHT: Sizes = { columns: 8, gap: 3, name: 8, tile: 5.5, rows: 3, padding: 2.5, letters: false };
const TWELVE: Sizes = { columns: 12, gap: 2.5, name: 6.5, tile: 3.6, rows: 3, padding: 1.8, letters: false };

/**
 * `large` for those that need attention where there are `small` ones, else for all. `wider`: how many times as wide as a
 * phone the picture is. `scale`: how many times as large the large ones will be drawn.
 */
export function describeSizes(nodes: number, wider: number, scale: number): { large: Sizes; small?: Sizes } {
  const across = (sizes: Sizes, by = wider): Sizes => ({
    ...sizes,
    columns: Math.max(1, Math.round(sizes.columns * by)),
  });
  if (nodes <= 3) return { large: across(ONE, wider / scale) };
  const large = across(TWO, wider / scale);
  if (nodes <= 24) return { large };
  if (nodes <= 120) return { large, small: across(FIVE) };
  return { large, small: across(nodes <= 300 ? EIGHT : TWELVE) };
}
