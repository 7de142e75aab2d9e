/** The few SVG elements that the picture is made of, with everybody's text escaped. Lengths are CSS pixels. */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

type Attributes = Record<string, string | number | undefined>;

export function element(name: string, attributes: Attributes, inside = ''): string {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escapeXml(shortened(value))}"`]))
    .join('');
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

/** Tenths of a pixel are enough. */
function shortened(value: string | number): string {
  return typeof value === 'string' ? value : String(Math.round(value * 10) / 10);
}

export function rect(
  { x, y, width, height }: Box,
  fill: string,
  more: { rx?: number; stroke?: string; 'stroke-width'?: number } = {},
): string {
  return element('rect', { x, y, width, height, fill, ...more });
}

export interface TextStyle {
  size: number;
  fill: string;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
}

/** `y` is the baseline. */
export function text(x: number, y: number, words: string, { size, fill, bold, anchor }: TextStyle): string {
  return element(
    'text',
    {
      x,
      y,
      'font-size': size,
      fill,
      'font-weight': bold ? 'bold' : undefined,
      'text-anchor': anchor === 'start' ? undefined : anchor,
    },
    escapeXml(words) || ' ',
  );
}

/** XML has no way to write most control characters, and half a surrogate pair is no character. */
function escapeXml(words: string): string {
  return words
    .toWellFormed()
    .replaceAll(/\p{Cc}|[\uFFFE\uFFFF]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
