/** The numbers above the picture. */
import { ALARM, FAINT, INK } from './colours.ts';
import { numbersOf, type SwarmMap } from './model.ts';
import { text } from './svg.ts';
import { fitted, widthOf } from './width.ts';

const LARGE = 17;
const SMALL = 13;

export function title(map: SwarmMap, width: number): { svg: string; height: number } {
  const { nodes, having, away, tasks, notRunning } = numbersOf(map);
  const amount = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
  const first = map.highlight === null ? amount(nodes, 'node') : map.highlight;
  const under =
    amount(tasks, 'task') + (map.highlight === null ? '' : ` on ${having} of ${amount(nodes, 'node')}`);
  return {
    svg:
      line(first, away > 0 ? `${away} not ready` : '', LARGE, LARGE, width, INK) +
      line(under, notRunning > 0 ? `${notRunning} not running` : '', LARGE + SMALL + 6, SMALL, width, FAINT),
    height: LARGE + SMALL + 12,
  };
}

function line(words: string, alarm: string, y: number, size: number, width: number, fill: string): string {
  const said = fitted(words, size, width - widthOf(`  ${alarm}`, size, true), true);
  const bold = size === LARGE;
  return (
    text(0, y, said, { size, fill, bold }) +
    (alarm === '' ? '' : text(width, y, alarm, { size, fill: ALARM, bold: true, anchor: 'end' }))
  );
}
