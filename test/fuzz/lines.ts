/** What people, telephones, scripts and the ill-disposed put behind `/swarm`. */
import fc from 'fast-check';
import { commands } from '../../src/commands/index.ts';
import { FACTS } from './cast.ts';
import { STANDING_IDS } from './standing.ts';

const OPTIONS = [
  '--now',
  '--reason "it burns"',
  '--reason=because',
  '--reason',
  ...new Set(
    commands.flatMap(({ args }) =>
      args.flatMap(({ name, place }) =>
        place === 'flag'
          ? [`--${name}`, `--${name}=false`]
          : place === 'option'
            ? [`--${name} 3`, `--${name}=a=b`, `--${name}`]
            : [],
      ),
    ),
  ),
];

const NAMES = [
  ...FACTS.hosts.slice(0, 6),
  'staging-01',
  'staging-[01-03]',
  'web-[01-40]',
  'web-[1-99999]',
  'web-[99999999999999999999-1]',
  'web-[[1-2]]',
  'web-[01-40][01-40][01-40]',
  'fedora-03,fedora-04,,',
  'websky',
  'staging-web',
  'websky=12',
  'websky=99999999999999999999',
  ...STANDING_IDS,
];

const MARKS = [
  ...'" \' ` \\ $(reboot) ; | && * _ ~ = , @ # -- --- - [ ] { } ( ) < > & 0 -1 1e9 NaN null undefined'.split(
    ' ',
  ),
  ...'\u201c \u201d \u2018 \u2019 \u2014 \u2013 \u00a0 \u200b \u202e \ufeff \u0000 \u001b[31m \r \n \t'.split(
    ' ',
  ),
  ...'\ud83d \udc00 😀 👩‍👩‍👧 é İ ß Ω 漢字 ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍'.split(' '),
  ...'<@U7EVIL|evil> <@U7EVIL> <#C7EVIL|ops> <#C7EVIL> <!channel> <!subteam^S1|@all> <!here|here>'.split(' '),
  ...'<http://x.example|x> <https://evil.example> <mailto:a@b|a@b> &lt;!channel&gt; &amp;amp; &lt'.split(' '),
  ...'__proto__ constructor prototype toString hasOwnProperty __proto__=1 constructor=1 ../../etc/passwd'.split(
    ' ',
  ),
  ...'%s %00 \\u0000 {{7*7}} ${x} "<!channel>" *<!everyone>*'.split(' '),
];

/** Each is a line of a real command, or a word of one. */
const EXAMPLES = commands.flatMap(({ name, aliases, examples }) => [
  ...examples,
  ...[name, ...aliases].flatMap((start) => [
    start,
    `${start} websky`,
    `${start} fedora-03`,
    `${start} staging-01`,
  ]),
]);

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...OPTIONS) },
  { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 3, arbitrary: fc.constantFrom(...MARKS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);

/** A line of a real command after some accidents: words dropped, doubled, swapped, put in, put in capitals, cut. */
const near = fc
  .tuple(
    fc.constantFrom(...EXAMPLES),
    fc.array(fc.tuple(fc.nat(6), fc.nat(30), piece), { maxLength: 2, size: 'max' }),
  )
  .map(([line, accidents]) => {
    const words = line.split(' ');
    for (const [kind, where, what] of accidents) {
      const at = where % (words.length + 1);
      const word = words[at] ?? '';
      if (kind === 0) words.splice(at, 1);
      else if (kind === 1) words.splice(at, 0, word);
      else if (kind === 2) words.splice(at, 1, what);
      else if (kind === 3) words.splice(at, 1, word.toUpperCase());
      else if (kind === 4) words.splice(at, 1, word.slice(0, where % (word.length + 1)) + what);
      else if (kind === 5) words.splice(at, 1, word.slice(1));
      else words.push(what);
    }
    return words.join(' ');
  });

const soup = fc
  .array(fc.tuple(fc.oneof(piece, fc.constantFrom(...EXAMPLES)), fc.constantFrom(' ', ' ', '', '\n')), {
    maxLength: 12,
    size: 'max',
  })
  .map((pieces) => pieces.flat().join(''));

const long = fc
  .tuple(
    fc.constantFrom('', 'join ', 'scale websky ', 'create x y --env A=', 'nodes '),
    piece,
    fc.constantFrom(60, 300, 2000, 10_000),
  )
  .map(([start, one, times]) => `${start}${one.repeat(times)}`.slice(0, 60_000));

/** The text of a slash command, or what a button types. */
export const line: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...EXAMPLES) },
  { weight: 60, arbitrary: near },
  { weight: 20, arbitrary: soup },
  { weight: 10, arbitrary: fc.string({ unit: 'binary', maxLength: 120 }) },
  { weight: 2, arbitrary: long },
);
