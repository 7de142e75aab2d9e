import type { KnownBlock } from '@slack/types';
import type { AuditEvent, Who } from '../audit/record.ts';
import type { Found, Read, Story } from '../audit/search.ts';
import { sentence, type Style } from '../audit/sentences.ts';
import type { Body } from '../cards/body.ts';
import { context, lines, paragraph, section } from '../cards/blocks.ts';
import { fit } from '../cards/fit.ts';
import { REMEDY_ACTION } from '../cards/remedies.ts';
import {
  bold,
  clamp,
  clampMrkdwn,
  clock,
  code,
  count,
  escape,
  literal,
  mention,
  moment,
} from '../cards/text.ts';
import { flag, words } from './args.ts';
import { readQuery, since } from './audit-words.ts';
import { defineAnswer } from './define.ts';
import { PHASE_MARKS } from './phase-marks.ts';

/** Characters of a title. */
const MOST_TITLE = 60;

export const audit = defineAnswer({
  name: 'audit',
  summary: 'Show who asked, who approved, what ran and how it ended',
  risk: 'read',
  aliases: ['audit ls', 'audit show'],
  examples: ['audit websky', 'audit @alice 24h', 'audit ab12cd34', 'audit join --since 7d --export'],
  args: {
    words: words('WORD...', 'names, commands, people or the ID of a request: all of them must fit'),
    since: since(),
    export: flag('send the records as a file in a direct message'),
  },
  answer: async ({ words, since, export: asFile }, { audit: records, mentioned, sendFile, slash }) => {
    const query = readQuery(words, since, mentioned, Date.now());
    if (asFile) {
      sendFile({
        name: 'audit.jsonl',
        title: clamp(`Audit ${words.join(' ')}`.trim(), 100),
        content: () => records.lines(query),
      });
      return paragraph('The records come as a file in a direct message to you: a line of JSON for each.');
    }
    const [only] = words;
    if (words.length === 1 && only !== undefined) {
      const found = await records.story(only.toLowerCase());
      if (found.records.length > 0) return storyBody(found, records.altered([found]));
    }
    const found = await records.search(query);
    const altered = records.altered(found.stories);
    const [first] = found.stories;
    if (first && found.stories.length === 1 && first.request !== '') return storyBody(first, altered);
    return listBody(found, altered, slash);
  },
});

const IN_CHANNEL: Style = {
  person: ({ id, name }) => (id ? mention(id) : literal(name)),
  channel: (id) => (/^[CG]\w+$/.test(id) ? `<#${id}>` : 'a direct message'),
  code,
  // A line for each record: what somebody wrote on several must not pass for more of them.
  plain: (text) => escape(text.replaceAll(/\s+/g, ' ')),
  hostKeys: false,
};

/** One request from its beginning to its end. */
function storyBody({ request, records }: Story, altered: number): Body {
  const title = titleOf(records[0]?.record.event);
  const { mark, word } = stateOf(records);
  const numbers = records.map(({ record }) => record.seq);
  const told = records
    .filter((read, at) => !isToldByEnd(read, records.slice(at + 1)))
    .map(({ record: { at, event } }) => `${clock(at)}  ${clampMrkdwn(sentence(event, IN_CHANNEL), 900)}`);
  const from = records[0]?.record.at ?? 0;
  return {
    text: `${literal(title)}: ${word}.`,
    blocks: fit([section(`${mark} ${bold(clamp(title, 300))}  ${word}`)], lines(told, 4), [
      ...warning(altered),
      ...hostKeys(records),
      context(
        `${code(request)}, ${moment(from)}, records ${Math.min(...numbers)} to ${Math.max(...numbers)} of the audit`,
      ),
    ]),
  };
}

/** What begins and what comes of it: of both the end is enough, where there is one. */
function isToldByEnd({ record: { event } }: Read, later: Read[]): boolean {
  return (
    event.event === 'changing' &&
    later.some(
      ({ record: { event: other } }) =>
        other.event === 'changed' && other.step === event.step && other.what === event.what,
    )
  );
}

/** The hosts that were spoken with, each by the key that it has shown. */
function hostKeys(records: Read[]): KnownBlock[] {
  const keys = records.flatMap(({ record: { event } }) =>
    event.event === 'ended' ? Object.entries(event.hostKeys) : [],
  );
  const told = [...new Map(keys)].map(([host, key]) => `${escape(host)} ${code(key)}`);
  return told.length > 0 ? [context(`Spoken with, by their SSH host keys: ${told.join(', ')}`)] : [];
}

/** A line for each request, newest first, with a button for its story. */
function listBody({ stories, more, stoppedAt }: Found, altered: number, slash: string): Body {
  const looked =
    stoppedAt === undefined
      ? ''
      : `Looked at what happened since ${moment(stoppedAt)}; older is in the file: --export. `;
  if (stories.length === 0) {
    const text = `Nothing on record fits. ${looked}`.trim();
    return paragraph(text);
  }
  const text = `${count(stories.length, 'entry', 'entries')} of the audit, newest first.`;
  const rest = more ? `There are more: narrow it down with another word, or ${code('--since 24h')}. ` : '';
  return {
    text,
    blocks: fit([], withChangedConfigurations(stories).map(storyLine), [
      ...warning(altered),
      context(`${rest}${looked}${code(`${slash} audit ID`)} tells one from its beginning to its end.`),
    ]),
  };
}

/** Of configurations that were loaded again as they were, only the oldest is told in full. */
function withChangedConfigurations(stories: Story[]): Story[] {
  const digest = ({ records: [first] }: Story): string | undefined =>
    first?.record.event.event === 'configuration' ? first.record.event.digest : undefined;
  return stories.map((story, at) => {
    const own = digest(story);
    const before = stories
      .slice(at + 1)
      .map(digest)
      .find((one) => one !== undefined);
    if (own === undefined || own !== before) return story;
    const records = story.records.map(({ record, entry }): Read => {
      const { event } = record;
      const same = event.event === 'configuration' ? { ...event, summary: ['the same as before'] } : event;
      return { entry, record: { ...record, event: same } };
    });
    return { ...story, records };
  });
}

function storyLine(story: Story, at: number): KnownBlock {
  const { request, records } = story;
  const [first] = records;
  const last = records.at(-1);
  if (!first || !last) return section(code(request));
  const { event } = first.record;
  const { mark, word } = stateOf(records);
  const when = moment(first.record.at);
  if (request === '') {
    const about = 'actor' in event ? `${bold(titleOf(event))} of ${IN_CHANNEL.person(event.actor)}: ` : '';
    return section(`${mark} ${about}${clampMrkdwn(sentence(event, IN_CHANNEL), 600)}\n${when}`);
  }
  const who = 'actor' in event ? `${IN_CHANNEL.person(event.actor)}, ` : '';
  return {
    ...section(
      `${mark} ${bold(clamp(titleOf(event), MOST_TITLE))}  ${decided(records, word)}\n${who}${when}  ${code(request)}`,
    ),
    accessory: {
      type: 'button',
      text: { type: 'plain_text', text: 'Story' },
      action_id: `${REMEDY_ACTION}:${at}`,
      value: `audit ${request}`,
      accessibility_label: clamp(`Story of ${titleOf(event)}`, 75),
    },
  };
}

function titleOf(event: AuditEvent | undefined): string {
  if (event && 'title' in event) return event.title;
  return event && 'request' in event ? event.request : '';
}

/** `done, approved by @bob`: how it stands, and who decided in the last round of asking. */
function decided(records: Read[], word: string): string {
  const all = records.map(({ record }) => record.event);
  const events = all.slice(
    Math.max(
      0,
      all.findLastIndex(({ event }) => event === 'previewed'),
    ),
  );
  const people = (kind: AuditEvent['event']): string => {
    const those = events.flatMap((event) =>
      event.event === kind && 'by' in event && typeof event.by === 'object' && event.by ? [event.by] : [],
    );
    const names = [...new Map(those.map((who: Who) => [who.id, IN_CHANNEL.person(who)])).values()];
    return names.length > 0 ? `${kind} by ${names.join(', ')}` : '';
  };
  const told = (['approved', 'denied', 'withdrawn', 'cancelled'] as const).map(people).filter(Boolean);
  return [...(told.some((one) => one.startsWith(`${word} by `)) ? [] : [word]), ...told].join(', ');
}

/** How it stands, by the last record that says so. */
function stateOf(records: Read[]): { mark: string; word: string } {
  for (const { record } of records.toReversed()) {
    const state = stateBy(record.event);
    const [mark = '', ...word] = (state ?? '').split(' ');
    if (state !== undefined) return { mark, word: word.join(' ') };
  }
  return { mark: ':white_small_square:', word: '' };
}

function stateBy(event: AuditEvent): string | undefined {
  switch (event.event) {
    case 'ended':
      return Object.entries(PHASE_MARKS).find(([phase]) => phase === event.phase)?.[1];
    case 'denied':
    case 'withdrawn':
    case 'expired':
    case 'cancelled':
      return PHASE_MARKS[event.event];
    case 'started':
    case 'changing':
    case 'changed':
      return PHASE_MARKS.running;
    case 'previewed':
      return PHASE_MARKS.asking;
    case 'approved':
      return PHASE_MARKS.approved;
    case 'decided':
      return event.outcome === 'deny' ? PHASE_MARKS.refused : PHASE_MARKS.accepted;
    case 'asked':
      return event.risk === 'read' ? ':mag: looked at' : PHASE_MARKS.accepted;
    case 'configuration':
      return ':information_source: ';
    case 'forged':
    case 'lost':
      return ':rotating_light: ';
    case 'trimmed':
      return ':clipboard: ';
  }
}

function warning(altered: number): KnownBlock[] {
  if (altered === 0) return [];
  const are = altered === 1 ? 'One of these records is' : `${altered} of these records are`;
  return [
    section(
      `:rotating_light: ${are} not as they were written: somebody else writes to the Redis of this bot. Whoever runs it: ${code('npm run audit -- verify')}`,
    ),
  ];
}
