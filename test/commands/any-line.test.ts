import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { UserError } from '../../src/errors.ts';
import { jobs } from '../../src/jobs/index.ts';
import { expectPlainAnswer } from './plain-answer.ts';
import { facts, read } from './reading.ts';

/** What people, their telephones, Slack and the ill-disposed put into a line. */
const PIECES = [
  commands.flatMap(({ name, aliases, args }) => [name, ...aliases, ...args.map((arg) => `--${arg.name}`)]),
  facts.hosts.slice(0, 4),
  'websky websky=12 12 -1 1e9 = , zone=a 5m web-[01-40] [ ] -- --- -'.split(' '),
  '" \' \u201c \u2019 \u2014 \\ ` $(reboot) ; | && \n \t \u0000 \u001b[31m'.split(' '),
  '<@U1|alice> <@U1> <#C1|ops> <!channel> <http://x|x> <mailto:a@b|a@b> < > |'.split(' '),
  '&lt; &gt; &amp; &amp;lt; __proto__ constructor toString=1 😀 👩‍👩‍👧 é \u202e \ud83d'.split(' '),
].flat();

const soup = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(' ', ' ', '')), { maxLength: 25 })
  .map((pieces) => pieces.flat().join(''));
const anything = fc.string({ unit: 'binary', maxLength: 200 });
const behindAVerb = fc
  .tuple(fc.constantFrom(...commands.map(({ name }) => name)), fc.oneof(soup, anything))
  .map(([verb, rest]) => `${verb} ${rest}`);
const long = fc
  .tuple(fc.constantFrom(...PIECES), fc.constantFrom(1, 2000, 10_000))
  .map(([one, most]) => one.repeat(most));

test('any line is taken with an input that its job accepts, or refused with a plain answer', () => {
  let taken = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(behindAVerb, soup, anything, long), (line) => {
      let command: string;
      let input: unknown;
      try {
        ({ command, input } = read(line));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused += 1;
        return expectPlainAnswer(error);
      }
      const found = commands.find(({ name }) => name === command);
      if (found?.kind !== 'job') return;
      taken += 1;
      expect(jobs[found.job].input.safeParse(input)).toMatchObject({ success: true });
      // It travels through Redis as JSON.
      expect(JSON.parse(JSON.stringify(input))).toEqual(input);
    }),
    { numRuns: 4000 },
  );
  // Otherwise the lines are too far from what people type to show anything.
  expect(taken).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(1000);
});
