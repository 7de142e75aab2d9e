/** One node: its name, what is the matter with it, and its tasks. */
import {
  ALARM,
  ALARM_GROUND,
  colourOf,
  FAINT,
  INK,
  inkOn,
  LINE,
  OTHERS,
  PANEL,
  PAPER,
  WARNING,
  WARNING_GROUND,
} from './colours.ts';
import type { Fare, MapNode, SwarmMap } from './model.ts';
import type { Sizes } from './sizes.ts';
import { element, rect, text, type Box } from './svg.ts';
import { fitted, widthOf } from './width.ts';

export interface Pen {
  map: SwarmMap;
  /** Letters by service. */
  codes: ReadonlyMap<string, string>;
}

interface Look {
  ground: string;
  edge: string;
  ink: string;
  /** One word, and a letter where there is no room for it. */
  badge?: [word: string, letter: string, colour: string];
}

function lookOf({ state, availability }: MapNode): Look {
  if (state === 'down' || state === 'disconnected')
    return { ground: ALARM_GROUND, edge: ALARM, ink: ALARM, badge: [state.toUpperCase(), '✕', ALARM] };
  if (state !== 'ready')
    return {
      ground: WARNING_GROUND,
      edge: WARNING,
      ink: WARNING,
      badge: [state.toUpperCase(), '?', WARNING],
    };
  if (availability === 'drain')
    return { ground: WARNING_GROUND, edge: LINE, ink: INK, badge: ['DRAINED', 'D', WARNING] };
  if (availability === 'pause')
    return { ground: WARNING_GROUND, edge: LINE, ink: INK, badge: ['PAUSED', 'P', WARNING] };
  return { ground: PANEL, edge: LINE, ink: INK };
}

const headHeight = ({ name, padding }: Sizes): number => padding + name * 1.15;
const gapOf = ({ tile }: Sizes): number => Math.max(1, tile / 9);

function perRow(width: number, sizes: Sizes): number {
  const gap = gapOf(sizes);
  return Math.max(1, Math.floor((width - 2 * sizes.padding + gap) / (sizes.tile + gap)));
}

const countOf = ({ groups }: MapNode): number => groups.reduce((sum, [, , tasks]) => sum + tasks, 0);

/** How high the node must be, in a column of this width. */
export function cardHeight(node: MapNode, width: number, sizes: Sizes): number {
  const rows = Math.min(sizes.rows, Math.ceil(countOf(node) / perRow(width, sizes)));
  const below = rows === 0 && !saysNothing(node, sizes) ? 1 : rows;
  const tiles = below === 0 ? 0 : sizes.padding * 0.6 + below * (sizes.tile + gapOf(sizes)) - gapOf(sizes);
  return headHeight(sizes) + tiles + sizes.padding;
}

/** That a node has no tasks goes without saying where it can have none, or where there is no room for words. */
function saysNothing({ state, availability }: MapNode, { letters }: Sizes): boolean {
  return !letters || state !== 'ready' || availability === 'drain';
}

export function card(node: MapNode, box: Box, sizes: Sizes, pen: Pen): string {
  const look = lookOf(node);
  const strong = look.edge !== LINE;
  return [
    rect(box, look.ground, {
      rx: sizes.padding / 1.5,
      stroke: look.edge,
      'stroke-width': strong ? 1.5 : 0.7,
    }),
    head(node, look, box, sizes),
    tasks(node, box, sizes, pen),
  ].join('');
}

function head({ name, role }: MapNode, look: Look, box: Box, sizes: Sizes): string {
  const { name: size, padding } = sizes;
  const baseline = box.y + padding + size * 0.85;
  let left = box.x + padding;
  let right = box.x + box.width - padding;
  const parts: string[] = [];
  if (role !== 'worker') {
    const mark = role === 'leader' ? '★' : '☆';
    parts.push(text(left, baseline, mark, { size, fill: look.ink, bold: true }));
    left += size * 0.95;
  }
  if (look.badge) {
    const [word, letter, colour] = look.badge;
    const letters = sizes.letters ? word : letter;
    const small = size * 0.72;
    const width = widthOf(letters, small, true) + small * 0.7;
    const pill = { x: right - width, y: baseline - size * 0.82, width, height: size };
    parts.push(
      rect(pill, colour, { rx: size * 0.25 }),
      text(pill.x + width / 2, pill.y + size * 0.5 + small * 0.36, letters, {
        size: small,
        fill: PAPER,
        bold: true,
        anchor: 'middle',
      }),
    );
    right -= width + size * 0.25;
  }
  parts.push(
    text(left, baseline, fitted(name, size, right - left, true), { size, fill: look.ink, bold: true }),
  );
  return parts.join('');
}

function tasks(node: MapNode, box: Box, sizes: Sizes, pen: Pen): string {
  const { tile, padding, rows, letters } = sizes;
  const [x, y] = [box.x + padding, box.y + headHeight(sizes) + padding * 0.6];
  const all = node.groups.flatMap(([service, fare, number]) =>
    Array.from({ length: number }, () => ({ service, fare })),
  );
  const size = Math.max(6, tile * 0.5);
  if (all.length === 0) {
    return !saysNothing(node, sizes)
      ? text(x, y + tile * 0.65, 'no tasks', { size: Math.min(12, tile * 0.6), fill: FAINT })
      : '';
  }
  const [across, step] = [perRow(box.width, sizes), tile + gapOf(sizes)];
  const room = across * rows;
  const more = `+${all.length - room}`;
  // Room for the number of those that do not fit.
  const given = Math.ceil((widthOf(more, size, true) + 2) / step);
  const shown = all.length > room ? all.slice(0, Math.max(0, room - given)) : all;
  const drawn = shown.map(({ service, fare }, at) => {
    const place = { x: x + (at % across) * step, y: y + Math.floor(at / across) * step };
    return task(service, fare, { ...place, width: tile, height: tile }, letters, pen);
  });
  if (shown.length < all.length) {
    const left = all.length - shown.length;
    const at = shown.length;
    const place = {
      x: x + (at % across) * step,
      y: y + Math.floor(at / across) * step + tile * 0.5 + size * 0.36,
    };
    drawn.push(text(place.x, place.y, `+${left}`, { size, fill: INK, bold: true }));
  }
  return drawn.join('');
}

/** Running: a filled square. On its way: an empty one, its edge broken. Failed: crossed out. */
export function task(service: number, fare: Fare, box: Box, letters: boolean, { map, codes }: Pen): string {
  const name = map.services[service]?.name ?? '';
  const meant = map.highlight === null || map.highlight === name;
  const colour = meant ? colourOf(name) : OTHERS;
  const { x, y, width: tile } = box;
  const edge = Math.max(0.8, tile / 12);
  const inner = { x: x + edge / 2, y: y + edge / 2, width: tile - edge, height: tile - edge };
  const rx = tile / 7;
  const body =
    fare === 'running'
      ? rect(box, colour, { rx })
      : element('rect', {
          ...inner,
          rx,
          fill: fare === 'failed' && meant ? ALARM_GROUND : PAPER,
          stroke: meant ? (fare === 'failed' ? ALARM : colour) : OTHERS,
          'stroke-width': edge,
          'stroke-dasharray': fare === 'starting' ? `${shortly(tile / 4)} ${shortly(tile / 7)}` : undefined,
        });
  const code = letters && meant ? codes.get(name) : undefined;
  const size = tile * (code !== undefined && code.length > 1 ? 0.5 : 0.6);
  const ink = fare === 'running' ? inkOn(colour) : INK;
  const letter =
    code === undefined
      ? ''
      : text(x + tile / 2, y + tile / 2 + size * 0.36, code, {
          size,
          fill: ink,
          bold: true,
          anchor: 'middle',
        });
  if (fare !== 'failed' || !meant) return body + letter;
  if (code === undefined) return body + cross(box, edge);
  // Beside the letters, not over them.
  const corner = { x: x + tile * 0.6, y: y + tile * 0.6, width: tile * 0.46, height: tile * 0.46 };
  return body + letter + rect(corner, ALARM, { rx: tile / 9 }) + cross(corner, edge * 0.8, PAPER);
}

const shortly = (length: number): string => String(Math.round(length * 10) / 10);

function cross({ x, y, width, height }: Box, edge: number, stroke = ALARM): string {
  const inset = width * 0.22;
  const [left, right, top, bottom] = [x + inset, x + width - inset, y + inset, y + height - inset].map(
    shortly,
  );
  return element('path', {
    d: `M${left} ${top}L${right} ${bottom}M${right} ${top}L${left} ${bottom}`,
    stroke,
    'stroke-width': edge * 1.3,
    'stroke-linecap': 'round',
  });
}
