import { describe, expect, test } from 'vitest';
import {
  bold,
  bytes,
  clamp,
  clampMrkdwn,
  clock,
  code,
  count,
  escape,
  list,
  literal,
  mention,
  some,
  span,
  took,
} from '../../src/cards/text.ts';

describe("other people's words", () => {
  test.each([
    [escape('<!channel> & <@U1>'), '&lt;!channel&gt; &amp; &lt;@U1&gt;'],
    [escape('&lt;'), '&amp;lt;'],
    [escape('my_service on staging-* in ~/.ssh'), 'my_service on staging-* in ~/.ssh'],
    [escape('a *b* _c_ ~d~'), 'a ∗b∗ ˍcˍ ∼d∼'],
    [escape('type `docker _x_ *y*`'), 'type `docker _x_ *y*`'],
    [escape('one ` and ```two```'), 'one ˋ and ˋˋˋtwoˋˋˋ'],
    [literal('yes\n*1 of 1* approved `x`'), 'yes ∗1 of 1∗ approved ˋxˋ'],
    [bold('a`b`_c_'), '*aˋbˋˍcˍ*'],
    [mention('U0ALICE'), '<@U0ALICE>'],
    [mention('!channel'), '!channel'],
    [clampMrkdwn('`abcdefgh`', 6), '`abc…`'],
    [bold('web-1'), '*web-1*'],
    [bold('a*b\nc'), '*a∗b c*'],
    [bold('<!here>'), '*&lt;!here&gt;*'],
    [code('a`b\nc'), '`aˋb c`'],
    [code('<@U1>'), '`&lt;@U1&gt;`'],
  ])('%s', (written, expected) => {
    expect(written).toBe(expected);
  });
});

describe('a cut', () => {
  test.each([
    [clamp('websky', 6), 'websky'],
    [clamp('websky', 5), 'webs…'],
    [clamp('web sky', 5), 'web…'],
    [clamp('ab😀cd', 4), 'ab…'],
    [clamp('ab😀cd', 5), 'ab😀…'],
    [clampMrkdwn('a &lt; b', 8), 'a &lt; b'],
    [clampMrkdwn('a &lt; b', 7), 'a &lt;…'],
    [clampMrkdwn('a &lt; b', 6), 'a…'],
    [clampMrkdwn('by <@U0ALICE> now', 12), 'by…'],
    [clampMrkdwn('by <@U0ALICE> now', 14), 'by <@U0ALICE>…'],
  ])('%s', (written, expected) => {
    expect(written).toBe(expected);
  });
});

describe('numbers and times', () => {
  test.each([
    [count(1, 'task'), '1 task'],
    [count(0, 'task'), '0 tasks'],
    [count(2, 'entry', 'entries'), '2 entries'],
    [list(['a']), 'a'],
    [list(['a', 'b']), 'a and b'],
    [list(['a', 'b', 'c']), 'a, b and c'],
    [some(['a', 'b'], code), '`a` and `b`'],
    [some(['a', 'b', 'c', 'd'], code, 2), '`a`, `b` and 2 more'],
    [bytes(0), '0 B'],
    [bytes(25_165_824_000), '23.44 GiB'],
    [span(5000), '5 seconds'],
    [span(7_776_000_000), '3 months'],
    [took(850), '850 ms'],
    [took(6_180), '6.2 s'],
    [took(999.7), '1.0 s'],
    [took(59_960), '1 min 0 s'],
    [took(200_000), '3 min 20 s'],
    [took(179_900), '3 min 0 s'],
    [clock(1_700_000_000_000), '<!date^1700000000^{time_secs}|22:13:20 UTC>'],
  ])('%s', (written, expected) => {
    expect(written).toBe(expected);
  });
});
