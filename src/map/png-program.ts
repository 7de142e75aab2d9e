/** A program of its own: a model on its stdin, the picture on its stdout. With it ends all the memory that drawing takes. */
import { readFile } from 'node:fs/promises';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { draw } from './draw.ts';
import type { SwarmMap } from './model.ts';

/** Pixels for a CSS pixel: sharp on a phone's screen. */
const ZOOM = 3;
/** Pixels of one picture: a larger one is drawn with fewer for each length. */
const MOST_PIXELS = 6_000_000;

const FONTS = [
  import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf'),
  import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf'),
];
const read = async (url: string): Promise<Uint8Array> => await readFile(fileURLToPath(url));

const { svg, width, height } = draw((await json(process.stdin)) as SwarmMap);
await initWasm(await read(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm')));
const picture = new Resvg(svg, {
  fitTo: { mode: 'zoom', value: Math.min(ZOOM, Math.sqrt(MOST_PIXELS / (width * height))) },
  font: {
    fontBuffers: await Promise.all(FONTS.map(read)),
    defaultFontFamily: 'DejaVu Sans Condensed',
  },
});
process.stdout.write(picture.render().asPng());
