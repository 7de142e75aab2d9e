import { h } from '../dom.js';
import { renderInline } from './markdown-inline.js';

/**
 * Standard markdown, as the markdown block takes it: headings, lists, code, quotes, tables, rules.
 *
 * @param {string} text
 * @returns {HTMLElement}
 */
export function renderMarkdown(text) {
  return h('div', { class: 'markdown' }, renderLines(text.replaceAll('\r\n', '\n').split('\n')));
}

const FENCE = /^\s*(```|~~~)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/**
 * @param {string[]} lines
 * @returns {HTMLElement[]}
 */
function renderLines(lines) {
  /** @type {HTMLElement[]} */
  const nodes = [];
  let i = 0;
  /** Takes the following lines for which the test holds. @param {(line: string) => boolean} test */
  const take = (test) => {
    const from = i;
    while (i < lines.length && test(lines[i] ?? '')) i++;
    return lines.slice(from, i);
  };
  while (i < lines.length) {
    const line = lines[i] ?? '';
    const heading = line.match(HEADING);
    if (line.trim() === '') i++;
    else if (FENCE.test(line)) {
      i++;
      const code = take((next) => !FENCE.test(next));
      i++;
      nodes.push(h('pre', { tabindex: 0 }, code.join('\n')));
    } else if (heading) {
      i++;
      const level = /** @type {'h4' | 'h5' | 'h6'} */ (`h${Math.min(6, 3 + (heading[1] ?? '').length)}`);
      nodes.push(h(level, null, renderInline(heading[2] ?? '')));
    } else if (RULE.test(line)) {
      i++;
      nodes.push(h('hr', { class: 'divider' }));
    } else if (/^\s*>/.test(line)) {
      const quoted = take((next) => /^\s*>/.test(next)).map((next) => next.replace(/^\s*> ?/, ''));
      nodes.push(h('blockquote', null, renderLines(quoted)));
    } else if (ITEM.test(line)) {
      nodes.push(renderList(take((next) => ITEM.test(next) || /^\s{2,}\S/.test(next))));
    } else if (line.includes('|') && TABLE_RULE.test(lines[i + 1] ?? '')) {
      nodes.push(renderTable(take((next) => next.includes('|'))));
    } else {
      const paragraph = take((next) => next.trim() !== '' && !startsBlock(next));
      nodes.push(
        h(
          'p',
          null,
          paragraph.flatMap((next, n) => [n > 0 ? h('br') : null, ...renderInline(next)]),
        ),
      );
    }
  }
  return nodes;
}

/** @param {string} line */
const startsBlock = (line) => [FENCE, HEADING, RULE, ITEM, /^\s*>/].some((start) => start.test(line));

/**
 * @param {string[]} lines the first is an item; deeper ones are lists in it
 * @returns {HTMLElement}
 */
function renderList(lines) {
  const [, margin = '', mark = ''] = lines[0]?.match(ITEM) ?? [];
  const list = h(/\d/.test(mark) ? 'ol' : 'ul', {
    start: /\d/.test(mark) ? Number.parseInt(mark, 10) : null,
  });
  for (let i = 0; i < lines.length;) {
    const text = lines[i]?.match(ITEM)?.[3] ?? lines[i]?.trim() ?? '';
    const inner = [];
    i++;
    while (i < lines.length && indent(lines[i]) > margin.length) inner.push(lines[i++] ?? '');
    const task = text.match(/^\[([ xX])\]\s+(.*)$/);
    const box = task
      ? h('input', { type: 'checkbox', disabled: true, checked: task[1] !== ' ', 'aria-label': 'Done' })
      : null;
    list.append(
      h(
        'li',
        { class: task ? 'task-item' : null },
        box,
        renderInline(task?.[2] ?? text),
        inner.length > 0 ? nested(inner) : null,
      ),
    );
  }
  return list;
}

/** @param {string[]} lines */
const nested = (lines) =>
  ITEM.test(lines[0] ?? '') ? renderList(lines) : h('div', null, renderLines(lines));

/** @param {string | undefined} line */
const indent = (line) => line?.match(/^\s*/)?.[0].length ?? 0;

/** @param {string[]} lines heading, rule, rows */
function renderTable(lines) {
  const cells = (/** @type {string} */ line) =>
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim());
  const [head = '', , ...rows] = lines;
  return h(
    'div',
    { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Table' },
    h(
      'table',
      { class: 'table' },
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          cells(head).map((cell) => h('th', { scope: 'col' }, renderInline(cell))),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map((row) =>
          h(
            'tr',
            null,
            cells(row).map((cell) => h('td', null, renderInline(cell))),
          ),
        ),
      ),
    ),
  );
}
