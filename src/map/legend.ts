/** Which colour and letters are which service, and what the marks mean. */
import { ALARM, FAINT, INK } from './colours.ts';
import { task, type Pen } from './card.ts';
import type { Fare, SwarmMap } from './model.ts';
import { text } from './svg.ts';
import { fitted, widthOf } from './width.ts';

/** More would fill the picture; the others are counted. */
export const SHOWN_SERVICES = 12;

const TILE = 18;
const LINE = 23;
const NAME = 12;
const SMALL = 11;

type MapService = SwarmMap['services'][number];

/** The one that stands out first, then those that lack a node, those under strength, and those with most tasks. */
export function servicesByWeight({ services, highlight, unplaced }: SwarmMap): MapService[] {
  const homeless = new Set(unplaced.map(([service]) => services[service]?.name));
  const rank = ({ name, running, wanted }: MapService): number =>
    (name === highlight ? 4 : 0) + (homeless.has(name) ? 2 : 0) + (running < wanted ? 1 : 0);
  return services.toSorted(
    (a, b) =>
      rank(b) - rank(a) || b.running - a.running || a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
}

export function legend(
  pen: Pen,
  shown: readonly MapService[],
  all: number,
  width: number,
): { svg: string; height: number } {
  const columns = Math.min(shown.length || 1, Math.max(2, Math.floor(width / 170)));
  const column = (width - 8 * (columns - 1)) / columns;
  const parts = shown.map((service, at) =>
    entry(service, pen, (at % columns) * (column + 8), Math.floor(at / columns) * LINE, column),
  );
  let y = Math.ceil(shown.length / columns) * LINE;
  const left = all - shown.length;
  if (left > 0) {
    const what = pen.map.highlight === null ? `and ${left} more services` : `${left} other services are grey`;
    parts.push(
      text(
        0,
        y + SMALL,
        left === 1 ? what.replace('services are', 'service is').replace('services', 'service') : what,
        { size: SMALL, fill: FAINT },
      ),
    );
    y += SMALL + 6;
  }
  const marks = marksOf(pen);
  parts.push(marks.svg(y));
  return { svg: parts.join(''), height: y + marks.height };
}

function entry(service: MapService, pen: Pen, x: number, y: number, width: number): string {
  const { name, running, wanted } = service;
  const at = pen.map.services.findIndex((one) => one.name === name);
  const strength = `${running}/${wanted}`;
  const room = width - TILE - 6 - widthOf(strength, NAME, true) - 4;
  const baseline = y + TILE / 2 + NAME * 0.36;
  return [
    task(at, 'running', { x, y, width: TILE, height: TILE }, true, pen),
    text(x + TILE + 6, baseline, fitted(name, NAME, room), { size: NAME, fill: INK }),
    text(x + width, baseline, strength, {
      size: NAME,
      fill: running < wanted ? ALARM : FAINT,
      bold: running < wanted,
      anchor: 'end',
    }),
  ].join('');
}

/** What the marks mean that are in this picture. */
function marksOf(pen: Pen): { svg: (y: number) => string; height: number } {
  const { nodes, unplaced } = pen.map;
  const fares = new Set([...nodes.flatMap(({ groups }) => groups), ...unplaced].map(([, fare]) => fare));
  const signs: { fare?: Fare; sign?: string; words: string }[] = [
    ...(nodes.some(({ role }) => role === 'leader') ? [{ sign: '★', words: 'leader' }] : []),
    ...(nodes.some(({ role }) => role === 'manager') ? [{ sign: '☆', words: 'manager' }] : []),
    ...(fares.has('starting') ? [{ fare: 'starting' as const, words: 'not running yet' }] : []),
    ...(fares.has('failed') ? [{ fare: 'failed' as const, words: 'failed' }] : []),
  ];
  if (signs.length === 0) return { svg: () => '', height: 0 };
  return {
    height: 16,
    svg: (y) => {
      let x = 0;
      const plain: Pen = { ...pen, codes: new Map() };
      const parts = signs.map(({ fare, sign, words }) => {
        const box = { x, y: y + 1, width: 12, height: 12 };
        const mark = fare
          ? task(-1, fare, box, false, { ...plain, map: { ...pen.map, highlight: null } })
          : text(x, y + SMALL, sign ?? '', { size: 13, fill: INK });
        const said = text(x + 16, y + SMALL, words, { size: SMALL, fill: FAINT });
        x += 16 + widthOf(words, SMALL) + 10;
        return mark + said;
      });
      return parts.join('');
    },
  };
}
