/**
 * Slack's mrkdwn as a tree. Pure: text in, nodes out, nothing of the browser.
 *
 * @typedef {{ kind: 'text', text: string }
 *   | { kind: 'break' }
 *   | { kind: 'bold' | 'italic' | 'strike' | 'code' | 'quote' | 'pre', children: MrkdwnNode[] }
 *   | { kind: 'emoji', name: string, whole: string }
 *   | Reference} MrkdwnNode
 * @import { Cell, Reference } from './references.js'
 */
import { EMOJI_AT_START, emojiCharacter } from '../emoji.js';
import { toCells } from './references.js';

/** @type {Record<string, 'bold' | 'italic' | 'strike'>} */
const DELIMITERS = { '*': 'bold', _: 'italic', '~': 'strike' };

/**
 * @param {string} text as an app sent it, `& < >` escaped
 * @returns {MrkdwnNode[]}
 */
export function parseMrkdwn(text) {
  return text.split(/```([^]+?)```/).flatMap((piece, i, pieces) => {
    if (i % 2 === 1)
      return [
        {
          kind: /** @type {const} */ ('pre'),
          children: literal(toCells(piece.replace(/^\n/, '').replace(/\n$/, ''))),
        },
      ];
    // A preformatted piece brings its own line breaks.
    let lines = piece;
    if (i > 0) lines = lines.replace(/^ *\n/, '');
    if (i < pieces.length - 1) lines = lines.replace(/\n *$/, '');
    return lines === '' ? [] : parseLines(lines.split('\n'));
  });
}

/**
 * @param {string[]} lines
 * @returns {MrkdwnNode[]}
 */
function parseLines(lines) {
  /** @type {MrkdwnNode[]} */
  const nodes = [];
  for (let i = 0; i < lines.length; i++) {
    const rest = lines[i]?.match(/^(?:&gt;|>){3} ?(.*)$/);
    if (rest)
      return [...nodes, { kind: 'quote', children: joinLines([rest[1] ?? '', ...lines.slice(i + 1)]) }];
    const quoted = [];
    for (let match; (match = lines[i]?.match(/^(?:&gt;|>) ?(.*)$/)); i++) quoted.push(match[1] ?? '');
    if (quoted.length > 0) {
      nodes.push({ kind: 'quote', children: joinLines(quoted) });
      i -= 1;
      continue;
    }
    const before = nodes.at(-1);
    if (before && before.kind !== 'quote') nodes.push({ kind: 'break' });
    nodes.push(...parseInline(toCells(lines[i] ?? '')));
    // An empty first line still is a line.
    if (nodes.length === 0) nodes.push({ kind: 'text', text: '' });
  }
  return nodes;
}

/**
 * @param {string[]} lines
 * @returns {MrkdwnNode[]}
 */
function joinLines(lines) {
  return lines.flatMap((line, i) => [
    ...(i > 0 ? [/** @type {MrkdwnNode} */ ({ kind: 'break' })] : []),
    ...parseInline(toCells(line)),
  ]);
}

/** @param {Cell | undefined} cell */
const isWord = (cell) => typeof cell === 'string' && /[\p{L}\p{N}]/u.test(cell);
/** @param {Cell | undefined} cell */
const isSpace = (cell) => cell === undefined || (typeof cell === 'string' && /\s/.test(cell));

/**
 * Cells as they are, with only references understood: the inside of code.
 *
 * @param {Cell[]} cells
 * @returns {MrkdwnNode[]}
 */
function literal(cells) {
  /** @type {MrkdwnNode[]} */
  const nodes = [];
  for (const cell of cells) {
    const last = nodes.at(-1);
    if (typeof cell !== 'string') nodes.push(cell);
    else if (last?.kind === 'text') last.text += cell;
    else nodes.push({ kind: 'text', text: cell });
  }
  return nodes;
}

/**
 * @param {Cell[]} cells of one line
 * @param {string} [within] the delimiters that are already open
 * @returns {MrkdwnNode[]}
 */
function parseInline(cells, within = '') {
  /** @type {MrkdwnNode[]} */
  const nodes = [];
  /** @type {Cell[]} */
  let plain = [];
  const closing = closings(cells);
  const flush = () => {
    nodes.push(...literal(plain));
    plain = [];
  };
  for (let i = 0; i < cells.length; i++) {
    const found = formatAt(cells, i, within, closing) ?? emojiAt(cells, i) ?? bareLinkAt(cells, i);
    if (!found) {
      plain.push(/** @type {Cell} */ (cells[i]));
      continue;
    }
    flush();
    nodes.push(found.node);
    i = found.end - 1;
  }
  flush();
  return nodes;
}

/**
 * @param {Cell[]} cells
 * @param {number} at
 * @param {string} within
 * @param {ReturnType<typeof closings>} closing
 * @returns {{ node: MrkdwnNode, end: number } | undefined}
 */
function formatAt(cells, at, within, closing) {
  const mark = cells[at];
  if (typeof mark !== 'string') return undefined;
  if (mark === '`') {
    const close = cells.indexOf('`', at + 1);
    if (close <= at + 1) return undefined;
    return { node: { kind: 'code', children: literal(cells.slice(at + 1, close)) }, end: close + 1 };
  }
  const kind = DELIMITERS[mark];
  if (!kind || within.includes(mark) || isWord(cells[at - 1]) || isSpace(cells[at + 1])) return undefined;
  const close = closing(mark, at);
  if (close === undefined) return undefined;
  return { node: { kind, children: parseInline(cells.slice(at + 1, close), within + mark) }, end: close + 1 };
}

/**
 * Finds where formats may end. Every place is looked at once, so that hostile text costs no more than other text.
 *
 * @param {Cell[]} cells
 * @returns {(mark: string, open: number) => number | undefined} to be asked with ever higher `open`
 */
function closings(cells) {
  /** @type {Record<string, { places: number[], next: number }>} */
  const byMark = {};
  for (const mark of Object.keys(DELIMITERS)) byMark[mark] = { places: [], next: 0 };
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    const codeEnd = cell === '`' ? cells.indexOf('`', i + 1) : -1;
    if (codeEnd > i + 1) i = codeEnd;
    else if (
      typeof cell === 'string' &&
      !isSpace(cells[i - 1]) &&
      !isWord(cells[i + 1]) &&
      cells[i + 1] !== cell
    ) {
      byMark[cell]?.places.push(i);
    }
  }
  return (mark, open) => {
    const found = byMark[mark] ?? { places: [], next: 0 };
    while ((found.places[found.next] ?? Infinity) <= open + 1) found.next++;
    return found.places[found.next];
  };
}

/**
 * @param {Cell[]} cells
 * @param {number} at
 * @returns {{ node: MrkdwnNode, end: number } | undefined}
 */
function emojiAt(cells, at) {
  if (cells[at] !== ':') return undefined;
  const match = textFrom(cells, at, 90).match(EMOJI_AT_START);
  const [whole, name] = match ?? [];
  if (whole === undefined || name === undefined || emojiCharacter(name) === undefined) return undefined;
  return { node: { kind: 'emoji', name, whole }, end: at + whole.length };
}

/**
 * @param {Cell[]} cells
 * @param {number} at
 * @returns {{ node: MrkdwnNode, end: number } | undefined}
 */
function bareLinkAt(cells, at) {
  if (cells[at] !== 'h' || isWord(cells[at - 1])) return undefined;
  const match = textFrom(cells, at, 2000).match(/^https?:\/\/[^\s<>`|]+/);
  const url = match?.[0].replace(/[.,;:!?)\]'"*_~]+$/, '');
  if (url === undefined || !URL.canParse(url)) return undefined;
  return { node: { kind: 'link', url, label: url }, end: at + Array.from(url).length };
}

/**
 * @param {Cell[]} cells
 * @param {number} at
 * @param {number} length
 */
function textFrom(cells, at, length) {
  let text = '';
  for (const cell of cells.slice(at, at + length)) {
    if (typeof cell !== 'string') break;
    text += cell;
  }
  return text;
}
