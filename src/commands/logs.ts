import type { KnownBlock } from '@slack/types';
import type { Body } from '../cards/body.ts';
import { context, section } from '../cards/blocks.ts';
import { preformatted } from '../cards/preformatted.ts';
import { bold, clamp, code, count, escape, span } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import { duration, option, word, type Arg } from './args.ts';
import { defineCommand } from './define.ts';
import { quoted } from './words.ts';

type Logs = JobResult<'logs'>;

const MOST_LINES = 5000;
const MOST_FOLLOW_MS = 120_000;
/** As much as a card shows of them; more goes into a file. */
const CARD_LINES = 30;
const CARD_CHARACTERS = 3500;
/** Of one line, so that one long line does not push all others out. */
const LINE_CHARACTERS = 500;

export const logs = defineCommand({
  name: 'logs',
  summary: 'Show the last lines that a service or a task has written',
  risk: 'read',
  aliases: ['service logs'],
  examples: [
    'logs websky',
    'logs websky --tail 100 --since 10m',
    'logs websky.3 --grep "not found"',
    'logs websky --node fedora-03 --follow 30s',
  ],
  args: {
    name: word('NAME', 'a service', ', one of its tasks as websky.3, or the ID of a task'),
    tail: lineCount(),
    since: sinceWhen(),
    grep: phrase(),
    node: option('NODE', 'only what was written on this node'),
    follow: followTime(),
  },
  job: 'logs',
  targets: ({ name, node }) => [...eachOf('service', [serviceOf(name)]), ...eachOf('node', [node])],
  input: ({ name, tail, since, grep, node, follow }) => ({
    name,
    node,
    tail,
    sinceMs: since,
    grep,
    followMs: follow,
  }),
  done: (result, { phase }): Body => {
    // Ended early, it was not followed for as long as was asked.
    const asked = phase === 'cancelled' ? { ...result.asked, followMs: null } : result.asked;
    return result.lines.length === 0 ? nothing({ ...result, asked }) : found({ ...result, asked });
  },
});

function found(result: Logs): Body {
  const { name, asked, lines } = result;
  const last = lastLines(lines);
  const all = last.length === lines.length && last.every((line, at) => line === shortLine(lines[at] ?? ''));
  const what = `${count(lines.length, 'line')} of ${escape(name)}${limits(asked, escape)}`;
  const shown = all ? '' : `, the last ${last.length} here, all of them in the thread`;
  const blocks: KnownBlock[] = [
    section(`${count(lines.length, 'line')} of ${bold(name)}${limits(asked, code)}${shown}.`),
    preformatted(last.join('\n')),
    ...remarks(result),
  ];
  return {
    text: `${what}${shown}. ${escape(clamp(last.at(-1) ?? '', 300))}`,
    blocks,
    ...(all
      ? {}
      : {
          files: [
            { name: `${fileName(name)}.log`, title: `Logs of ${name}`, content: `${lines.join('\n')}\n` },
          ],
        }),
  };
}

function nothing(result: Logs): Body {
  const { name, asked } = result;
  const narrowed =
    asked.node !== null || asked.sinceMs !== null || asked.grep !== null || asked.followMs !== null;
  const says = (named: (name: string) => string, marked: (text: string) => string): string =>
    narrowed
      ? `${named(name)} has written nothing${limits(asked, marked)}.`
      : `${named(name)} has written nothing yet, or its log driver keeps nothing that can be read.`;
  return { text: says(escape, escape), blocks: [section(says(bold, code)), ...remarks(result)] };
}

/** ` with "timeout" in the last 10 minutes on fedora-03`. */
function limits({ node, sinceMs, grep, followMs }: Logs['asked'], marked: (text: string) => string): string {
  return [
    grep === null ? '' : ` with ${marked(clamp(grep, 100))}`,
    node === null ? '' : ` on ${marked(node)}`,
    sinceMs === null ? '' : ` in the last ${span(sinceMs).replace(/^1 /, '')}`,
    followMs === null ? '' : `, followed for ${span(followMs)}`,
  ].join('');
}

/** What is missing, and that what looked like a secret was taken out. */
function remarks({ left, troubles, lines }: Logs): KnownBlock[] {
  const says = [
    left > 0
      ? `${count(left, 'older line')} would be too much and ${left === 1 ? 'is' : 'are'} left out.`
      : '',
    lines.some((line) => line.includes('[secret]')) ? 'What looked like a secret was taken out.' : '',
    ...troubles.slice(0, 3).map((one) => `:warning: ${escape(clamp(one, 300))}`),
  ].filter(Boolean);
  return says.length > 0 ? [context(says.join(' '))] : [];
}

/** The newest lines that fit into a card, with the time of the day alone. */
function lastLines(lines: string[]): string[] {
  const last: string[] = [];
  let characters = 0;
  for (const line of lines.slice(-CARD_LINES).toReversed()) {
    const short = clamp(shortLine(line), LINE_CHARACTERS);
    characters += short.length + 1;
    if (characters > CARD_CHARACTERS) break;
    last.push(short);
  }
  return last.toReversed();
}

const STAMP = /^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\S*/;

function shortLine(line: string): string {
  return line.replace(STAMP, '$1');
}

function fileName(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '-').slice(0, 100) || 'logs';
}

/** `--tail 100`. */
function lineCount(): Arg<number> {
  return {
    place: 'option',
    usage: 'N',
    letter: 'n',
    about: `the last so many lines of all its tasks together (50 when left out, ${MOST_LINES} at most)`,
    optional: true,
    parse: ([value = '50']) => {
      const lines = value === 'all' ? MOST_LINES : Number(/^\d{1,6}$/.exec(value)?.[0]);
      if (lines >= 1 && lines <= MOST_LINES) return lines;
      throw new UserError(`${quoted(value)} is not a number of lines.`, {
        hint: `Use a whole number from 1 to ${MOST_LINES}, for example: logs websky --tail 100`,
      });
    },
  };
}

/** `--since 10m`. */
function sinceWhen(): Arg<number | null> {
  const time = duration('only what was written in this time', '10m');
  return {
    ...time,
    about: 'only what was written in this time',
    parse: (values, facts) => (values.length === 0 ? null : time.parse(values, facts)),
  };
}

/** `--grep "not found"`. */
function phrase(): Arg<string | null> {
  return {
    place: 'option',
    usage: 'TEXT',
    about: 'only lines with this text in them, in capitals or not',
    optional: true,
    parse: ([value]) => {
      if (value === undefined) return null;
      if (value.trim() !== '' && value.length <= 200) return value;
      throw new UserError('The text to look for is empty or too long.', {
        hint: 'Write up to 200 characters, for example: logs websky --grep "not found"',
      });
    },
  };
}

/** `--follow 30s`, or docker's `-f`. */
function followTime(): Arg<number | null> {
  const time = duration('go on for this time with what comes', '30s');
  return {
    ...time,
    about: 'go on for this time with what comes (2m at most)',
    letter: 'f',
    alone: { value: '30s', unless: /^\d+[smh]?$/ },
    parse: (values, facts) => {
      const ms = values.length === 0 ? null : time.parse(values, facts);
      if (ms === null || ms <= MOST_FOLLOW_MS) return ms;
      throw new UserError(`${quoted(values[0] ?? '')} is longer than logs are followed.`, {
        hint: 'Follow them for up to 2m, for example: logs websky --follow 2m',
      });
    },
  };
}

/** Of `websky.3` and `websky.3.k5bpi6ih0jbhmd3xq9rzvfo1e` the service; names of services have no dots. */
function serviceOf(name: string): string {
  return name.split('.')[0] ?? name;
}
