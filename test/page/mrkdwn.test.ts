import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSlackDate } from '../../demo/page/dates.js';
import { parseMrkdwn } from '../../demo/page/mrkdwn/parse.js';
import type { MrkdwnNode } from '../../demo/page/mrkdwn/parse.js';

/** The tree as short text: `bold(a)`. */
function outline(nodes: MrkdwnNode[]): string {
  return nodes
    .map((node) => {
      switch (node.kind) {
        case 'text':
          return node.text;
        case 'break':
          return '/';
        case 'emoji':
          return `emoji(${node.name})`;
        case 'link':
          return `link(${node.url} ${node.label})`;
        case 'user':
        case 'channel':
        case 'usergroup':
          return `${node.kind}(${node.id} ${node.label})`;
        case 'broadcast':
          return `broadcast(${node.range})`;
        case 'date':
          return `date(${node.seconds} ${node.format} ${node.fallback})`;
        case 'bold':
        case 'italic':
        case 'strike':
        case 'code':
        case 'pre':
        case 'quote':
          return `${node.kind}(${outline(node.children)})`;
        default:
          return node;
      }
    })
    .join('');
}

describe('mrkdwn', () => {
  test.each([
    ['*bold* _italic_ ~gone~ `code`', 'bold(bold) italic(italic) strike(gone) code(code)'],
    ['_*both*_', 'italic(bold(both))'],
    ['snake_case_name 2*3*4', 'snake_case_name 2*3*4'],
    ['* not bold * and *a', '* not bold * and *a'],
    ['*two\nlines*', '*two/lines*'],
    ['`*not bold*` &amp; `&lt;b&gt;`', 'code(*not bold*) & code(<b>)'],
    ['a &lt;script&gt; &amp;lt;', 'a <script> &lt;'],
    ['&gt; one\n&gt; *two*\nthree', 'quote(one/bold(two))three'],
    ['&gt;&gt;&gt; all\nof it', 'quote(all/of it)'],
    ['before\n```\ncode *x*\n  y\n```\nafter', 'beforepre(code *x*\n  y)after'],
    ['- one\n- two', '- one/- two'],
    [
      '<@U1> <@U2|bob> <#C1|ops> <!subteam^S1|@oncall> <!here>',
      'user(U1 ) user(U2 bob) channel(C1 ops) usergroup(S1 @oncall) broadcast(here)',
    ],
    ['<https://a.b/c_d_e?x=1&amp;y=2|the *docs*>', 'link(https://a.b/c_d_e?x=1&y=2 the *docs*)'],
    [
      'see https://a.b/c_d, or (http://x.y).',
      'see link(https://a.b/c_d https://a.b/c_d), or (link(http://x.y http://x.y)).',
    ],
    ['<!date^1700000000^{date_num}|then>', 'date(1700000000 {date_num} then)'],
    [':white_check_mark: :no_such_emoji: 10:30:00', 'emoji(white_check_mark) :no_such_emoji: 10:30:00'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('%s', (text, expected) => {
    expect(outline(parseMrkdwn(text))).toBe(expected);
  });

  test('any text is parsed, in time, and text without marks stays as it is', () => {
    const pieces = [
      '*',
      '_',
      '~',
      '`',
      '```',
      '&gt;',
      '&amp;',
      '<',
      '>',
      '@U1',
      '!date^1^{time}',
      '|',
      ':',
      'x',
      ' ',
      '\n',
      'https://a',
      '🐳',
    ];
    const marked = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(''));
    fc.assert(fc.property(marked, (text) => outline(parseMrkdwn(text)).length >= 0));
    fc.assert(
      fc.property(fc.stringMatching(/^[\p{L}\d .,-]+$/u), (text) => {
        expect(outline(parseMrkdwn(text))).toBe(
          text.replaceAll(/https?:\/\/\S+/g, (url) => `link(${url} ${url})`),
        );
      }),
    );
    for (const hostile of ['*a ', '`', '<', ':', '```', '&gt;\n', '_~*', 'https://']) {
      const before = performance.now();
      parseMrkdwn(hostile.repeat(10_000 / hostile.length));
      expect(performance.now() - before, `10,000 characters of ${hostile}`).toBeLessThan(2000);
    }
  });
});

describe('dates', () => {
  const noon = new Date(2024, 4, 3, 12, 0, 0);
  const seconds = (date: Date): number => date.getTime() / 1000;

  test.each([
    ['{date_num} {time}', noon, '2024-05-03 12:00 PM'],
    ['{date_short_pretty} at {time}', noon, 'today at 12:00 PM'],
    ['{date_pretty}', new Date(2024, 4, 2, 23, 59), 'yesterday'],
    ['{date_short}', new Date(2024, 0, 22), 'Jan 22, 2024'],
    ['{date_long}', new Date(2024, 0, 22), 'Monday, January 22nd, 2024'],
    ['{ago}', new Date(2024, 4, 3, 9, 0), '3 hours ago'],
  ])('%s', (format, date, expected) => {
    expect(formatSlackDate(seconds(date), format, noon)).toBe(expected);
  });

  test('a token that Slack does not know, or no time, means the fallback', () => {
    expect(formatSlackDate(0, '{date_wrong}')).toBeUndefined();
    expect(formatSlackDate(Number.NaN, '{date}')).toBeUndefined();
  });
});
