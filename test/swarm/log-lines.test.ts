import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogParser } from '../../src/swarm/log-lines.ts';

const AT = '2026-11-23T14:42:47.934451028Z';
const details = (task: string) =>
  `com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id=${task}`;
const line = (text: string, task = 't1') => `${AT} ${details(task)} ${text}\n`;

function frame(stream: number, content: string): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

/** The texts of all lines when the bytes come in these pieces. */
function texts(parser: LogParser, pieces: Buffer[]): string[] {
  return [...pieces.flatMap((piece) => parser.take(piece)), ...parser.end()].map(({ text }) => text);
}

/** The bytes, cut at these places. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const at = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('the log stream of an engine', () => {
  test('becomes lines with their times, tasks and nodes', () => {
    const parser = new LogParser({ terminal: false });
    expect(parser.take(frame(1, line('GET / 200')))).toEqual([
      { at: AT, taskId: 't1', nodeId: 'n1', text: 'GET / 200' },
    ]);
  });

  test('however it is cut, and whatever the lines have in them', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((one) => one.replaceAll(/[\n\r]/g, ''));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(1, 2), text), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (written, places) => {
          const bytes = Buffer.concat(written.map(([stream, one]) => frame(stream, line(one))));
          expect(texts(new LogParser({ terminal: false }), cut(bytes, places))).toEqual(
            written.map(([, one]) => one),
          );
        },
      ),
    );
  });

  test('a line that comes in several frames is one, also between those of the other stream', () => {
    const parser = new LogParser({ terminal: false });
    const [begin, end] = [line('a long one').slice(0, -5), line('a long one').slice(-5)];
    expect(texts(parser, [frame(1, begin), frame(2, line('error')), frame(1, end)])).toEqual([
      'error',
      'a long one',
    ]);
  });

  test('a last line without its end counts', () => {
    expect(texts(new LogParser({ terminal: false }), [frame(1, line('last').trimEnd())])).toEqual(['last']);
  });

  test('empty lines, blanks and details without a text are kept apart', () => {
    const lines = [line(''), line('  indented'), `${AT}  no details\n`];
    expect(
      texts(
        new LogParser({ terminal: false }),
        lines.map((one) => frame(1, one)),
      ),
    ).toEqual(['', '  indented', 'no details']);
  });

  test("the engine's own voice is no line", () => {
    const parser = new LogParser({ terminal: false });
    expect(texts(parser, [frame(3, 'warning: incomplete log stream\n')])).toEqual([]);
    expect(parser.troubles).toEqual(['warning: incomplete log stream']);
  });

  test('of a terminal there are no frames', () => {
    const bytes = Buffer.from(line('one').replace('\n', '\r\n') + line('zwölf'));
    const bytewise = cut(
      bytes,
      Array.from(bytes, (_, at) => at),
    );
    expect(texts(new LogParser({ terminal: true }), bytewise)).toEqual(['one', 'zwölf']);
  });

  test('bytes of another kind are refused, not shown', () => {
    const parser = new LogParser({ terminal: false });
    expect(() => parser.take(Buffer.from('{"message":"page not found"}'))).toThrow('not in the known form');
  });
});
