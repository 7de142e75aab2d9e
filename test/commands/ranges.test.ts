import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandHosts } from '../../src/commands/ranges.ts';
import { UserError } from '../../src/errors.ts';
import { expectPlainAnswer, thrownBy } from './plain-answer.ts';

const LINES: [words: string, hosts: string][] = [
  ['fedora-03', 'fedora-03'],
  ['b a', 'b a'],
  ['b,a,b', 'b a'],
  [',a,,b,', 'a b'],
  ['web-[01-03]', 'web-01 web-02 web-03'],
  ['web-[9-11]', 'web-9 web-10 web-11'],
  ['web-[08-11]', 'web-08 web-09 web-10 web-11'],
  ['web-[1,3,7]', 'web-1 web-3 web-7'],
  ['web-[1-2,9,a]', 'web-1 web-2 web-9 web-a'],
  ['web-[1-2].lan', 'web-1.lan web-2.lan'],
  ['r[1-2]n[1-2]', 'r1n1 r1n2 r2n1 r2n2'],
  ['web-[1-2],db-1 web-2', 'web-1 web-2 db-1'],
  ['[1-2]', '1 2'],
  ['', ''],
];

const REFUSED: [words: string, says: string][] = [
  ['web-[', '"web-[" is not a range of hosts.'],
  ['web-]', 'is not a range of hosts.'],
  ['web-[]', 'is not a range of hosts.'],
  ['web-[1-]', 'is not a range of hosts.'],
  ['web-[a-c]', 'is not a range of hosts.'],
  ['web-[1-2', 'is not a range of hosts.'],
  ['web-[[1]]', 'is not a range of hosts.'],
  ['web-[1-2]]', 'is not a range of hosts.'],
  ['web-[-1]', 'is not a range of hosts.'],
  ['web-[40-01]', 'The range "web-[40-01]" runs backwards.'],
  ['web-[1-201]', 'That names more than 200 hosts.'],
  ['web-[0-999999]', 'That names more than 200 hosts.'],
  ['r[1-20]n[1-20]', 'That names more than 200 hosts.'],
  ['a-[1-150] b-[1-150]', 'That names more than 200 hosts.'],
];

describe('ranges of hosts', () => {
  test.each(LINES)('%j', (words, hosts) => {
    expect(expandHosts(words.split(' ')).join(' ')).toBe(hosts);
  });

  test.each(REFUSED)('%j is refused', (words, says) => {
    const error = thrownBy(() => expandHosts(words.split(' ')));
    expect(error.message).toContain(says);
    expectPlainAnswer(error);
  });

  test('every part is expanded in its place, each name once', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/);
    const single = name.map((host) => ({ word: host, hosts: [host] }));
    const range = fc.tuple(name, fc.nat(50), fc.nat(8)).map(([host, from, more]) => ({
      word: `${host}-[${from}-${from + more}]`,
      hosts: Array.from({ length: more + 1 }, (_, at) => `${host}-${from + at}`),
    }));
    fc.assert(
      fc.property(fc.array(fc.oneof(single, range), { maxLength: 20 }), fc.boolean(), (parts, commas) => {
        const words = parts.map(({ word }) => word);
        const expected = [...new Set(parts.flatMap(({ hosts }) => hosts))];
        expect(expandHosts(commas ? [words.join(',')] : words)).toEqual(expected);
      }),
    );
  });

  test('whatever is written, it gives at most 200 names, each once, or a plain answer', () => {
    const piece = fc.constantFrom(
      'web-',
      '[',
      ']',
      '-',
      ',',
      '01',
      '40',
      '999999',
      'a',
      '[1-9]',
      '😀',
      '\\',
      ' ',
    );
    const word = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        let names: string[];
        try {
          names = expandHosts(words);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          return expectPlainAnswer(error);
        }
        expect(names.length).toBeLessThanOrEqual(200);
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 500 },
    );
  });
});
