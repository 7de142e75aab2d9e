import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoted, splitWords } from '../../src/commands/words.ts';
import { expectPlainAnswer, thrownBy } from './plain-answer.ts';

const LINES: [typed: string, words: string[]][] = [
  ['', []],
  [' \t\n ', []],
  ['scale websky 12', ['scale', 'websky', '12']],
  ['  scale   websky\u00a012 ', ['scale', 'websky', '12']],
  ['label a "rack 3"', ['label', 'a', 'rack 3']],
  [`label a 'the "best" rack'`, ['label', 'a', 'the "best" rack']],
  ['--label="zone a"', ['--label=zone a']],
  ['say "" end', ['say', '', 'end']],
  ['a"b c"d', ['ab cd']],
  // Telephones.
  ['label a \u201crack 3\u201d', ['label', 'a', 'rack 3']],
  ['label a \u201erack 3\u201c', ['label', 'a', 'rack 3']],
  ['label a \u2018rack 3\u2019', ['label', 'a', 'rack 3']],
  ['join fedora\u201103 \u2014drained', ['join', 'fedora-03', '--drained']],
  ['ps websky \u2013\u2013all', ['ps', 'websky', '---all']],
  ['scale websky \u22121', ['scale', 'websky', '-1']],
  // Slack.
  ['info <@U012|alice>', ['info', 'alice']],
  ['info <#C012|ops>', ['info', 'ops']],
  ['info <!subteam^S012|@oncall>', ['info', '@oncall']],
  ['info <!channel>', ['info', '@channel']],
  ['info <http://web-1.lan.io|web-1.lan.io>', ['info', 'web-1.lan.io']],
  ['info <https://x.org/a>', ['info', 'https://x.org/a']],
  ['info <mailto:a@b.org|a@b.org>', ['info', 'a@b.org']],
  ['info &lt;!channel&gt;', ['info', '<!channel>']],
  ['info &amp;lt;', ['info', '&lt;']],
  // Pasted.
  ['scale\u200b websky\ufeff 12', ['scale', 'websky', '12']],
  ['scale\u0000 web\u001b[31msky\u0007 12', ['scale', 'web[31msky', '12']],
  ['join a\nb\r\nc', ['join', 'a', 'b', 'c']],
  // A shell would do something about these. Nothing here does.
  ['info $(reboot)', ['info', '$(reboot)']],
  ['info `reboot`;reboot|reboot', ['info', '`reboot`;reboot|reboot']],
];

const REFUSED: [typed: string, says: string][] = [
  ['label a "rack 3', 'A quote (") is never closed.'],
  ["it's", "A quote (') is never closed."],
  ['a \u201cb', 'A quote (") is never closed.'],
  ['x'.repeat(10_000), 'That is 10000 characters; a command has at most 2000.'],
];

describe('the words of a command', () => {
  test.each(LINES)('%j', (typed, words) => {
    expect(splitWords(typed)).toEqual(words);
  });

  test('a backslash protects no quote', () => {
    expect(() => splitWords('info \\"')).toThrow('never closed');
  });

  for (const [typed, says] of REFUSED) {
    test(`${JSON.stringify(typed.slice(0, 20))} is refused`, () => {
      const error = thrownBy(() => splitWords(typed));
      expect(error.message).toBe(says);
      expectPlainAnswer(error);
    });
  }

  test('quoting words and joining them is undone', () => {
    // What telephones and Slack are known to have put there is undone, so it cannot come back as it was.
    const character = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 1 })
      .filter((one) => !/[\p{Cc}\p{Cf}\p{Pd}\u2212<>&"\u201c-\u201f\u00ab\u00bb\u2018-\u201b]/u.test(one));
    const word = fc.string({
      unit: fc.oneof(character, fc.constantFrom(' ', "'", '-', '--')),
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        expect(splitWords(words.map((one) => `"${one}"`).join(' '))).toEqual(words);
      }),
    );
  });

  test('a word is repeated in quotes, at 60 characters of any kind at most', () => {
    expect(quoted('websky')).toBe('"websky"');
    expect(quoted('😀'.repeat(60))).toBe(`"${'😀'.repeat(60)}"`);
    expect(quoted('😀'.repeat(61))).toBe(`"${'😀'.repeat(59)}…"`);
  });
});
