/** The picture of a swarm as SVG: a title, a legend, then the nodes, those that need attention first. Pure. */
import { describeSizes, type Sizes } from './sizes.ts';
import { card, cardHeight, type Pen } from './card.ts';
import { codesFor } from './codes.ts';
import { INK, PAPER } from './colours.ts';
import { legend, servicesByWeight, SHOWN_SERVICES } from './legend.ts';
import { title } from './title.ts';
import { meantIn, numbersOf, trouble, type MapNode, type SwarmMap } from './model.ts';
import { element, rect, text } from './svg.ts';

/**
 * Widths to try, in CSS pixels. The first is how wide Slack shows a picture on a phone: what can be read there at this
 * width can be read anywhere. Slack fits a picture into a square, or into the screen: a long strip would be shown so
 * narrow that nothing of it could be read, so many nodes are drawn wider.
 */
const WIDTHS = [360, 480, 600, 720, 900];
const PHONE = 360;
const LONGEST = 2;
export const MARGIN = 10;
const GAP = 8;

/** Where nodes are small, so many that need attention are shown large before them. */
const MOST_LARGE = 8;

export interface Drawing {
  svg: string;
  /** CSS pixels. */
  width: number;
  height: number;
}

export function draw(map: SwarmMap): Drawing {
  let drawing: Drawing | undefined;
  for (const width of WIDTHS) {
    drawing = drawAt(width, map);
    if (drawing.height <= width * LONGEST) break;
  }
  if (!drawing) throw new Error('There is no width to draw at.');
  return drawing;
}

function drawAt(width: number, map: SwarmMap): Drawing {
  const inner = width - 2 * MARGIN;
  const order = servicesByWeight(map);
  const coded = order.slice(0, map.highlight === null ? SHOWN_SERVICES : 1);
  const pen: Pen = { map, codes: codesFor(coded.map(({ name }) => name)) };
  const parts: string[] = [];
  let y = MARGIN;
  const add = ({ svg, height }: { svg: string; height: number }, scale = 1): void => {
    const larger = scale === 1 ? '' : ` scale(${scale})`;
    parts.push(element('g', { transform: `translate(${MARGIN} ${y})${larger}` }, svg));
    y += height * scale + GAP;
  };
  // A wider picture is shown smaller: what says most is drawn larger in it.
  const wider = width / PHONE;
  const scale = Math.round(wider ** 0.6 * 100) / 100;
  const scaled = inner / scale;

  add(title(map, scaled), scale);
  add(legend(pen, coded, order.length, scaled), scale);
  const sizes = describeSizes(map.nodes.length, wider, scale);
  if (map.unplaced.some(meantIn(map))) {
    const waiting: MapNode = {
      name: 'Without a node',
      role: 'worker',
      state: 'ready',
      availability: 'active',
      groups: map.unplaced.filter(meantIn(map)),
    };
    add(grid([waiting], pen, { ...sizes.large, columns: 1 }, scaled, 0), scale);
  }
  if (sizes.small === undefined) {
    add(grid(map.nodes, pen, sizes.large, scaled, 0), scale);
  } else {
    const large = map.nodes.slice(0, MOST_LARGE).filter((node) => trouble(node, meantIn(map)) > 0);
    if (large.length > 0) add(grid(large, pen, sizes.large, scaled, 0), scale);
    const rest = map.nodes.slice(large.length);
    if (large.length > 0 && rest.length > 0) add(heading(`The other ${rest.length} nodes`), scale);
    add(grid(rest, pen, sizes.small, inner, sharedStart(map.nodes)));
  }
  if (numbersOf(map).nodes === 0) add(heading('There is no such node.'));

  const height = Math.ceil(y - GAP + MARGIN);
  const ground = rect({ x: 0, y: 0, width, height }, PAPER);
  const svg = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'font-family': 'DejaVu Sans Condensed',
    },
    ground + parts.join(''),
  );
  return { svg, width, height };
}

function heading(words: string): { svg: string; height: number } {
  return { svg: text(0, 12, words, { size: 12, fill: INK, bold: true }), height: 15 };
}

/** Nodes in rows; those of a row are equally high. `skipped`: so many letters of each name go without saying. */
function grid(
  nodes: readonly MapNode[],
  pen: Pen,
  sizes: Sizes,
  inner: number,
  skipped: number,
): { svg: string; height: number } {
  const { columns, gap } = sizes;
  const width = (inner - gap * (columns - 1)) / columns;
  const drawn: string[] = [];
  let y = 0;
  for (let at = 0; at < nodes.length; at += columns) {
    const row = nodes.slice(at, at + columns);
    const height = Math.max(...row.map((node) => cardHeight(node, width, sizes)));
    row.forEach((node, column) => {
      const box = { x: column * (width + gap), y, width, height };
      drawn.push(card({ ...node, name: node.name.slice(skipped) }, box, sizes, pen));
    });
    y += height + gap;
  }
  return { svg: drawn.join(''), height: Math.max(0, y - gap) };
}

/** How many letters all the names begin with, up to their last separator: `node-` of node-01 and node-02. */
function sharedStart(nodes: readonly MapNode[]): number {
  const [first = '', ...others] = nodes.map(({ name }) => name);
  let same = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, same))) same -= 1;
  const separator = /^.*[^a-z0-9]/i.exec(first.slice(0, same));
  return others.length > 0 && separator ? separator[0].length : 0;
}
