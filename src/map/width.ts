/** How wide words are in DejaVu Sans Condensed, estimated from its letters' widths, rather too wide than too narrow. */

/** Parts of the letter size. */
const WIDTHS: [letters: RegExp, width: number][] = [
  [/[ijlI|!'.,:;]/, 0.32],
  [/[ftr()[\]\-/ ]/, 0.39],
  [/[mwMW@%—]/, 0.9],
  [/[A-Z&]/, 0.66],
  [/[ -~]/, 0.58],
];
/** Of letters that the font may have to replace by a box. */
const OTHER = 1;
const BOLD = 1.1;

export function widthOf(words: string, size: number, bold = false): number {
  let width = 0;
  for (const letter of words) width += WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? OTHER;
  return width * size * (bold ? BOLD : 1);
}

/** As much of the words as fits, the middle left out: names differ at their ends. */
export function fitted(words: string, size: number, most: number, bold = false): string {
  if (widthOf(words, size, bold) <= most) return words;
  const letters = Array.from(words);
  for (let kept = letters.length - 1; kept > 1; kept -= 1) {
    const end = Math.ceil(kept / 2);
    const short = `${letters.slice(0, kept - end).join('')}…${letters.slice(-end).join('')}`;
    if (widthOf(short, size, bold) <= most) return short;
  }
  return '…';
}
