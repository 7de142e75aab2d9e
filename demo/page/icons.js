import { svg } from './dom.js';

/** Strokes on a 20 x 20 field. Several paths are parted by `|`. */
const PATHS = {
  hash: 'M8 3 6 17|M14 3l-2 14|M3.5 7.5h14|M2.5 12.5h14',
  close: 'm4.5 4.5 11 11|m15.5 4.5-11 11',
  down: 'm5 7.5 5 5 5-5',
  right: 'm7.5 5 5 5-5 5',
  left: 'm12.5 5-5 5 5 5',
  up: 'm5 12.5 5-5 5 5',
  menu: 'M3 5.5h14|M3 10h14|M3 14.5h14',
  more: 'M4.5 10h.01|M10 10h.01|M15.5 10h.01',
  send: 'M3.5 3.5 17 10 3.5 16.5 5.5 10z|M5.5 10H11',
  thread: 'M4 4h12v9H9l-4 3.5V13H4z|M7 7.2h6|M7 9.8h4',
  eye: 'M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10z|M10 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z',
  check: 'm4.5 10.5 3.5 3.5 7.5-8',
  alert: 'M10 6v5|M10 14h.01',
  warning: 'M10 3 18 17H2z|M10 8.5v4|M10 14.8h.01',
  search: 'M8.7 14.2a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z|m12.8 12.8 4 4',
  slash: 'M12.5 4.5 7.5 15.5',
  info: 'M10 9v5|M10 6h.01',
  home: 'M3.5 9 10 3.5 16.5 9v7.5h-4.5V12H8v4.5H3.5z',
  file: 'M5 2.5h6.5L15.5 6.5v11H5z|M11 2.5v4.5h4.5',
  people:
    'M7.5 9.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z|M2.5 16.5c0-3 2-5 5-5s5 2 5 5|M13 4.3a2.7 2.7 0 0 1 0 5|M14.5 12c2 .6 3 2.3 3 4.5',
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * A small line drawing in the colour of the text around it, invisible to screen readers.
 *
 * @param {IconName} name
 * @param {number} [size] pixels
 */
export function icon(name, size = 18) {
  return svg(
    'svg',
    {
      class: `icon icon-${name}`,
      viewBox: '0 0 20 20',
      width: size,
      height: size,
      'aria-hidden': 'true',
      focusable: 'false',
    },
    ...PATHS[name].split('|').map((d) => svg('path', { d })),
  );
}
