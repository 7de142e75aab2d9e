/** Colours of the picture. It has a ground of its own, so that it reads alike in Slack's light and dark modes. */

export const PAPER = '#ffffff';
export const INK = '#1d1c1d';
const BLACK = '#000000';
export const FAINT = '#5c5a5d';
export const LINE = '#c9c7ca';
export const PANEL = '#f3f2f4';
export const ALARM = '#c4102f';
export const ALARM_GROUND = '#fde7ea';
export const WARNING = '#8a5a00';
export const WARNING_GROUND = '#fff3d6';
/** Of tasks that are not meant where one service stands out. */
export const OTHERS = '#d5d3d7';

/** A service's colour, the same in every picture: it follows from the name alone. */
export function colourOf(name: string): string {
  const hash = hashOf(name);
  // Hues by the golden angle lie apart also for names that differ little; three tones of each.
  const hue = ((hash % 1024) * 137.508) % 360;
  const [saturation, lightness] = TONES[(hash >>> 10) % TONES.length] ?? TONES[0];
  return hex(hue, saturation, lightness);
}

const TONES: [[number, number], ...[number, number][]] = [
  [0.62, 0.42],
  [0.7, 0.6],
  [0.5, 0.3],
];

/** FNV-1a, 32 bits. */
function hashOf(words: string): number {
  let hash = 0x811c9dc5;
  for (const letter of words) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  // The last letters count fully only after another round.
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
}

function hex(hue: number, saturation: number, lightness: number): string {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  const part = (n: number): string => {
    const k = (n + hue / 30) % 12;
    const value = lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}

/** Black or white, whichever is read better on this colour: one of them always is at 4.5 and better. */
export function inkOn(colour: string): string {
  return contrast(colour, PAPER) >= contrast(colour, BLACK) ? PAPER : BLACK;
}

/** WCAG 2's ratio, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
