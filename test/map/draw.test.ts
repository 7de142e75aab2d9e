import { describe, expect, test } from 'vitest';
import { codesFor } from '../../src/map/codes.ts';
import { colourOf, contrast, FAINT, INK, inkOn, PAPER } from '../../src/map/colours.ts';
import { draw, MARGIN } from '../../src/map/draw.ts';
import { mapOf, type SwarmMap } from '../../src/map/model.ts';
import { fitted, widthOf } from '../../src/map/width.ts';
import { manager, node, service, task } from '../jobs/facts.ts';

/** A swarm of so many nodes with so many tasks each, of so many services. */
function swarm(nodes: number, tasks: number, services: number, highlight: string | null = null): SwarmMap {
  const names = Array.from({ length: services }, (_, at) => `service-${at}`);
  return mapOf(
    Array.from({ length: nodes }, (_, at) =>
      at === 0
        ? manager('node-000', true)
        : node(`node-${String(at).padStart(3, '0')}`, at % 9 === 4 ? { state: 'down' } : {}),
    ),
    Array.from({ length: nodes * tasks }, (_, at) =>
      task(names[at % services] ?? '', at, {
        node: `node-${String(at % nodes).padStart(3, '0')}`,
        state: at % 17 === 3 ? 'failed' : at % 13 === 5 ? 'preparing' : 'running',
      }),
    ),
    names.map((name) => service(name, 3, 3)),
    highlight,
  );
}

/** Everything that is written in the picture. */
const words = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>(?<said>[^<]*)<\/text>/g)].map(({ groups }) => groups?.['said'] ?? '');

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const GROUP = /<g transform="translate\(([\d.]+) ([\d.]+)\)(?: scale\(([\d.]+)\))?">(.*?)<\/g>/gs;
const RECT = /<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"/g;

/** Boxes with where they really are, from their groups' shifts. */
function boxes(svg: string): Box[] {
  return [...svg.matchAll(GROUP)].flatMap(([, dx, dy, by, inside = '']) => {
    const scale = Number(by ?? 1);
    return [...inside.matchAll(RECT)].map(([, x, y, width, height]) => ({
      x: Number(x) * scale + Number(dx),
      y: Number(y) * scale + Number(dy),
      width: Number(width) * scale,
      height: Number(height) * scale,
    }));
  });
}

describe('the picture', () => {
  test.each([1, 3, 20, 100, 300, 500])(
    'of %i nodes stays within its edges, and every task is in it or counted',
    (nodes) => {
      const { svg, width, height } = draw(swarm(nodes, 7, 30));
      const drawn = boxes(svg);
      expect(drawn.length).toBeGreaterThanOrEqual(nodes * 8);
      for (const { x, y, width: wide, height: high } of drawn) {
        expect(x).toBeGreaterThanOrEqual(MARGIN - 0.1);
        expect(x + wide).toBeLessThanOrEqual(width - MARGIN + 0.3);
        expect(y + high).toBeLessThanOrEqual(height);
      }
    },
  );

  test('is as wide as a phone while it can be, and never a long strip, which Slack would show too narrow to read', () => {
    expect(draw(swarm(3, 4, 2)).width).toBe(360);
    for (const nodes of [3, 10, 24, 60, 100, 300, 500]) {
      const { width, height } = draw(swarm(nodes, 10, 30));
      expect(height / width).toBeLessThan(2.01);
    }
  });

  test('names every node, of many only what tells them apart', () => {
    expect(words(draw(swarm(20, 2, 3)).svg)).toEqual(expect.arrayContaining(['node-000', 'node-019']));
    const many = words(draw(swarm(100, 2, 3)).svg);
    expect(many).toEqual(expect.arrayContaining(['node-004', '001', '099']));
    expect(many).not.toContain('node-099');
  });

  test('says what is the matter with a node in words, where it is small by a letter', () => {
    const few = mapOf(
      [
        node('a', { state: 'down' }),
        node('b', { availability: 'drain' }),
        node('c', { availability: 'pause' }),
      ],
      [],
      [],
      null,
    );
    expect(words(draw(few).svg)).toEqual(expect.arrayContaining(['DOWN', 'DRAINED', 'PAUSED']));
    const many = Array.from({ length: 60 }, (_, at) =>
      node(`n${at}`, at < 20 ? { state: 'down' } : at < 40 ? { availability: 'drain' } : {}),
    );
    const said = words(draw(mapOf(many, [], [], null)).svg);
    expect(said.filter((word) => word === 'DOWN')).toHaveLength(8);
    expect(said.filter((word) => word === '✕')).toHaveLength(12);
    expect(said.filter((word) => word === 'D')).toHaveLength(20);
  });

  test('counts tasks for which a node has no room', () => {
    const { svg } = draw(swarm(2, 200, 1));
    const left = words(svg).filter((word) => /^\+\d+$/.test(word));
    const tiles = boxes(svg).filter(({ width, height }) => width === height).length;
    expect(left).toHaveLength(2);
    const counted = left.reduce((sum, word) => sum + Number(word), 0);
    // One tile of the legend; a failed task has another small one in its corner, so there may be more.
    expect(counted + tiles - 1).toBeGreaterThanOrEqual(400);
    expect(counted).toBeGreaterThan(100);
  });

  test('leaves no name a way out into the markup', () => {
    const evil = '</text><script>alert("1")</script>&amp;\u0000\u0007\uD800';
    const map = mapOf([node(evil)], [task(evil, 1, { node: evil })], [service(evil, 1, 1)], null);
    const { svg } = draw(map);
    expect(svg).not.toContain('<script');
    // oxlint-disable-next-line no-control-regex
    expect(svg).not.toMatch(/[\u0000-\u0008\uD800-\uDFFF]/);
    expect(svg.match(/&(?!amp;|lt;|gt;|quot;)/)).toBeNull();
  });

  test('of one service leaves the others grey and without letters', () => {
    const { svg } = draw(swarm(3, 4, 3, 'service-1'));
    expect(svg).toContain(colourOf('service-1'));
    expect(svg).not.toContain(colourOf('service-2'));
    expect(words(svg)).toEqual(expect.arrayContaining(['service-1', '2 other services are grey', 'S']));
    expect(words(svg)).not.toContain('service-2');
  });

  test('of a swarm without services, and of no node at all, is still one', () => {
    expect(words(draw(mapOf([node('alone')], [], [], null)).svg)).toEqual(
      expect.arrayContaining(['1 node', '0 tasks', 'alone', 'no tasks']),
    );
    expect(words(draw(mapOf([], [], [], null)).svg)).toContain('There is no such node.');
  });
});

describe('colours', () => {
  test('follow from the name alone, and differ for names that are alike', () => {
    expect(colourOf('websky')).toBe(colourOf('websky'));
    const names = Array.from({ length: 30 }, (_, at) => `web-${at}`);
    expect(new Set(names.map(colourOf)).size).toBeGreaterThan(25);
  });

  test('can all be written on, and all words can be read', () => {
    for (let at = 0; at < 500; at += 1) {
      const colour = colourOf(`service-${at}`);
      expect(contrast(colour, inkOn(colour))).toBeGreaterThan(4.5);
      expect(contrast(colour, PAPER)).toBeGreaterThan(1.4);
    }
    for (const ink of [INK, FAINT]) expect(contrast(ink, PAPER)).toBeGreaterThan(4.5);
  });
});

describe('letters for services', () => {
  test('are short, and no two alike', () => {
    const names = ['websky', 'web', 'shop_web', 'shop_api', 'api', 'x', '7up', 'shop_worker'];
    const codes = codesFor(names);
    expect([...codes.values()]).toEqual(['W', 'We', 'S', 'Sa', 'A', 'X', '7', 'Sw']);
    const many = codesFor(Array.from({ length: 200 }, (_, at) => `service-${at}`));
    expect(new Set(many.values()).size).toBe(many.size);
    expect(many.size).toBe(200);
  });
});

describe('words', () => {
  test('are cut in the middle, since names differ at their ends', () => {
    const short = fitted('a-very-long-name-of-a-host-0042', 12, 90);
    expect(short).toMatch(/^a-v.*….*0042$/);
    expect(widthOf(short, 12)).toBeLessThanOrEqual(90);
    expect(fitted('web', 12, 90)).toBe('web');
    expect(fitted('web', 12, 1)).toBe('…');
  });
});
