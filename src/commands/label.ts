import { lines } from '../cards/blocks.ts';
import { bold, clamp, code } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import type { Arg } from './args.ts';
import { defineCommand } from './define.ts';
import { node } from './node-args.ts';
import { quoted } from './words.ts';

type Change = JobResult<'label'>['changes'][number];

export const label = defineCommand({
  name: 'label',
  summary: 'Add, change or remove labels of a node',
  risk: 'change',
  aliases: ['node label', 'node update'],
  examples: [
    'label fedora-03 zone=a',
    'label fedora-03 zone=b disk=ssd rack-',
    'label fedora-03 --rm zone',
    'label fedora-03 --label-add zone=a --label-rm rack',
  ],
  args: {
    node: node(),
    labels: changes(),
    rm: keys('KEY', 'a label to remove; may be repeated'),
    labelAdd: added(),
    labelRm: keys('KEY', "the same as --rm, in docker's spelling"),
  },
  job: 'label',
  targets: ({ node: name }) => eachOf('node', [name]),
  input: ({ node: name, labels, rm, labelAdd, labelRm }) => {
    const all = [...labels, ...labelAdd, ...[...rm, ...labelRm].map((key): Pair => [key, null])];
    const wanted = new Map<string, string | null>();
    for (const [key, value] of all) {
      if (wanted.has(key) && wanted.get(key) !== value)
        throw new UserError(`The label ${quoted(key)} is named twice.`, { hint: 'Name each label once.' });
      wanted.set(key, value);
    }
    if (wanted.size === 0) {
      throw new UserError('Which label shall be changed?', {
        hint: 'Write it like: label fedora-03 zone=a, or zone- to remove it.',
      });
    }
    return { node: name, labels: Object.fromEntries(wanted) };
  },
  done: ({ node: name, changes: done, labels }) => {
    const different = done.filter(({ from, to }) => from !== to).length;
    const text =
      different === 0
        ? `The labels of ${bold(name)} are so already.`
        : `The labels of ${bold(name)} are changed.`;
    const now = Object.entries(labels).map(pair);
    const all = now.length === 0 ? 'It has no labels now.' : `It has now: ${now.map(code).join(' ')}`;
    return { text, blocks: lines([`:white_check_mark: ${text}`, ...done.map(changed), all], 2) };
  },
});

type Pair = [key: string, value: string | null];

const pair = ([key, value]: [string, string]): string => (value === '' ? key : `${key}=${clamp(value, 200)}`);

function changed({ key, from, to, meanwhile }: Change): string {
  const other =
    meanwhile === null
      ? ''
      : `; somebody else had ${meanwhile.value === null ? 'removed it' : `set it to ${value(meanwhile.value)}`} meanwhile`;
  return `• ${code(key)} ${what(from, to)}${other}.`;
}

function what(from: string | null, to: string | null): string {
  if (from === to) return to === null ? 'was not there' : `was ${value(to)} already`;
  if (to === null) return `is removed, it was ${value(from)}`;
  return from === null
    ? `is ${value(to)} now, it was not there`
    : `is ${value(to)} now, it was ${value(from)}`;
}

const value = (text: string | null): string =>
  text === '' || text === null ? 'empty' : code(clamp(text, 200));

/** `zone=a` sets, `zone=` sets it empty, `zone-` removes. */
function changes(): Arg<Pair[]> {
  return {
    place: 'rest',
    usage: 'KEY=VALUE...',
    about: 'labels to set; KEY- removes one',
    optional: true,
    parse: (values) =>
      values.map((word): Pair => {
        if (!word.includes('=') && word.length > 1 && word.endsWith('-'))
          return [labelKey(word.slice(0, -1)), null];
        return setting(word);
      }),
  };
}

function added(): Arg<Pair[]> {
  return {
    place: 'option',
    usage: 'KEY=VALUE',
    about: "a label to set, in docker's spelling; may be repeated",
    optional: true,
    repeatable: true,
    parse: (values) => values.map(setting),
  };
}

function keys(usage: string, about: string): Arg<string[]> {
  return {
    place: 'option',
    usage,
    about,
    optional: true,
    repeatable: true,
    parse: (values) => values.map(labelKey),
  };
}

function setting(word: string): Pair {
  const at = word.indexOf('=');
  if (at < 1) {
    throw new UserError(`${quoted(word)} is not KEY=VALUE.`, {
      hint: 'Write it like zone=a, or zone- to remove the label.',
    });
  }
  const text = word.slice(at + 1);
  if (text.length > 1000)
    throw new UserError('The value of a label is too long.', { hint: 'Use at most 1000 characters.' });
  return [labelKey(word.slice(0, at)), text];
}

/** Docker takes nearly anything; what has blanks or an equals sign in it no constraint could name. */
function labelKey(key: string): string {
  if (/^[^\s=\p{C}]{1,128}$/u.test(key)) return key;
  throw new UserError(`${quoted(clamp(key, 60))} cannot be the name of a label.`, {
    hint: 'Use up to 128 characters without blanks, such as zone or com.example.rack.',
  });
}
