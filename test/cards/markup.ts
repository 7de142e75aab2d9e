/** What Slack would make of the words of a message or a form: whom they mention, where they link, what they format. */
import { parseMrkdwn } from '../../demo/page/mrkdwn/parse.js';
import { isFields, stringOf } from '../../demo/slack/json.ts';

/** Stands for every name, reason, message and line that people and engines can choose. */
export const HOSTILE = [
  '<!channel> <!here> <!everyone> <@U0000ALICE> <@W1|bob> <!subteam^S000OPS001|@ops-team> <#C0RANDOM01|random>',
  '<https://evil.example|docs> <mailto:x@evil.example> <!date^1^{date}^https://evil.example|x> <tel:1>',
  '@here @channel @alice #ops https://evil.example/x www.evil.example :tada:',
  '*evilbold* _evilitalic_ ~evilstrike~ `evilcode` ```evilblock``` *_evilboth_* &lt;!channel&gt;',
  '> evilquote',
].join(' ');

/** The same of somebody who types more than a line. */
export const HOSTILE_LINES = `${HOSTILE}\nevilline :white_check_mark: approved by everybody`;

/** What the bot writes by itself: people, channels and groups by IDs from Slack, and times. */
const OWN_PEOPLE = /^U0[A-Z]+$/;
const OWN_CHANNELS = /^C[A-Z0-9]+$/;
const EVIL = /evil/;

type Node = ReturnType<typeof parseMrkdwn>[number];

/**
 * Everything in these blocks or in this view that comes from HOSTILE and is more than text. `fallback`: the text beside
 * the blocks, in which Slack makes links of plain addresses unless it is told not to (`parse`).
 */
export function markupIn(blocks: unknown, fallback = ''): string[] {
  return [...walk(blocks), ...readMrkdwn(fallback, 'the fallback text')];
}

function walk(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(walk);
  if (!isFields(value)) return [];
  const found: string[] = [];
  const type = stringOf(value['type']) ?? '';
  const text = stringOf(value['text']);
  if (type === 'mrkdwn' && text !== undefined) {
    found.push(...readMrkdwn(text, 'mrkdwn'));
    if (value['verbatim'] !== true)
      found.push(`addresses and names in plain text would become links: ${text.slice(0, 100)}`);
  }
  // A block of real Markdown has links and mentions of its own, and no escape for them.
  if (type === 'markdown' && EVIL.test(text ?? '')) found.push(`a markdown block: ${text?.slice(0, 100)}`);
  // In rich text a mention is an element: text is text.
  if (['user', 'usergroup', 'broadcast', 'channel', 'link', 'emoji'].includes(type))
    found.push(`rich text ${JSON.stringify(value)}`);
  for (const key of ['url', 'image_url', 'thumb_url', 'title_link']) {
    const address = stringOf(value[key]);
    if (address !== undefined) found.push(`an address: ${address}`);
  }
  return [...found, ...Object.values(value).flatMap(walk)];
}

function readMrkdwn(text: string, where: string): string[] {
  const at = (what: string): string => `${what} in ${where}: ${text.slice(0, 200)}`;
  const found = parseMrkdwn(text).flatMap((node) => look(node).map(at));
  if (/^evilline/m.test(text)) found.push(at('a line that passes for one of the bot'));
  if (!text.isWellFormed()) found.push(at('half a character'));
  if (/&(?!lt;|gt;|amp;)/.test(text)) found.push(at('half an entity'));
  return found;
}

function look(node: Node): string[] {
  switch (node.kind) {
    case 'user':
      return OWN_PEOPLE.test(node.id) && node.id !== 'U0000ALICE' ? [] : [`a mention of ${node.id}`];
    case 'channel':
      return OWN_CHANNELS.test(node.id) && node.id !== 'C0RANDOM01' ? [] : [`a channel ${node.id}`];
    case 'usergroup':
    case 'broadcast':
      return [`a ${node.kind}`];
    case 'link':
      if (node.label === 'its card' && !EVIL.test(node.url)) return [];
      // An address in plain text: `verbatim` and `parse` keep Slack from linking it.
      return node.label === node.url && !/[<>|]/.test(node.url) ? [] : [`a link to ${node.url}`];
    case 'date':
      return node.url === '' && Number.isSafeInteger(node.seconds) && node.seconds > 1 ? [] : ['a date'];
    case 'bold':
    case 'italic':
    case 'strike': {
      const words = wordsOf(node.children);
      const whole = /^evil\w+$/.test(words.trim()) ? [`${node.kind} ${words}`] : [];
      return [...whole, ...node.children.flatMap(look)];
    }
    case 'quote':
      return [
        ...(wordsOf(node.children).startsWith('evil') ? ['a quote'] : []),
        ...node.children.flatMap(look),
      ];
    case 'pre':
    case 'code':
      return node.children.flatMap(look);
    case 'text':
    case 'break':
    case 'emoji':
      return [];
  }
}

function wordsOf(nodes: Node[]): string {
  return nodes
    .map((node) => {
      if (node.kind === 'text') return node.text;
      return 'children' in node ? wordsOf(node.children) : '';
    })
    .join('');
}
