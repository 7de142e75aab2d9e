import { fieldsOf, isFields, objectsOf, stringOf, textOf, typeOf } from '../json.ts';
import type { Fields } from '../json.ts';
import type { Workspace } from '../workspace.ts';
import { renderMrkdwn, unescapeText } from './mrkdwn.ts';
import { renderRichText } from './rich-text.ts';

const MARKS: Record<string, string> = { pending: '○', in_progress: '▶', complete: '✔', error: '✖' };

const indent = (text: string, by = '  '): string => text.replaceAll(/^(?=.)/gm, by);

/** Blocks as plain text, one below the other. */
export function renderBlocks(blocks: Fields[], workspace: Workspace): string {
  return blocks
    .map((block) => renderBlock(block, workspace))
    .filter((text) => text !== '')
    .join('\n');
}

/** A text object; only mrkdwn has references and formatting. */
function renderText(value: unknown, workspace: Workspace): string {
  const text = textOf(value);
  return fieldsOf(value)['type'] === 'mrkdwn' ? renderMrkdwn(text, workspace) : unescapeText(text);
}

function renderBlock(block: Fields, workspace: Workspace): string {
  const text = (key: string): string => renderText(block[key], workspace);
  switch (block['type']) {
    case 'section': {
      const fields = objectsOf(block['fields']).map((field) => renderField(renderText(field, workspace)));
      const accessory = objectsOf([block['accessory']]).map((element) => renderElement(element));
      return [text('text'), ...fields, ...accessory].filter((part) => part !== '').join('\n');
    }
    case 'header':
      return text('text');
    case 'divider':
      return '────────';
    case 'context':
      return objectsOf(block['elements'])
        .map((element) =>
          element['type'] === 'image' ? renderElement(element) : renderText(element, workspace),
        )
        .join(' · ');
    case 'actions':
      return objectsOf(block['elements']).map(renderElement).join(' ');
    case 'image':
      return [text('title'), renderElement(block)].filter((part) => part !== '').join('\n');
    case 'rich_text':
      return renderRichText(block, workspace);
    case 'markdown':
      return stringOf(block['text']) ?? '';
    case 'alert':
      return `! ${text('text')}`;
    case 'input':
      return `${text('label')}: ${renderElement(fieldsOf(block['element']))}`;
    case 'plan': {
      const tasks = objectsOf(block['tasks']).map((task) => indent(renderTask(task, workspace)));
      return [String(block['title']), ...tasks].join('\n');
    }
    case 'task_card':
      return renderTask(block, workspace);
    case 'table':
    case 'data_table':
      return renderTable(block, workspace);
    case 'container': {
      const title = block['rich_text_title']
        ? renderRichText(block['rich_text_title'], workspace)
        : text('title');
      const head = [title, text('subtitle')].filter((part) => part !== '').join(' · ');
      return `▾ ${head}\n${indent(renderBlocks(objectsOf(block['child_blocks']), workspace))}`;
    }
    case 'card': {
      const buttons = objectsOf(block['actions']).map(renderElement).join(' ');
      return [text('title'), text('subtitle'), text('body'), buttons]
        .filter((part) => part !== '')
        .join('\n');
    }
    default:
      return `[${typeOf(block)}]`;
  }
}

/** `*Role*` above `worker` reads as `Role: worker`. */
function renderField(text: string): string {
  const [label = '', value, ...more] = text.split('\n');
  return value !== undefined && more.length === 0 ? `${label.replace(/:$/, '')}: ${value}` : text;
}

function renderElement(element: Fields): string {
  switch (element['type']) {
    case 'button':
      return `[${textOf(element['text'])}]`;
    case 'image':
      return `[image: ${stringOf(element['alt_text']) ?? ''}]`;
    case 'overflow':
      return `[… ${objectsOf(element['options'])
        .map((option) => textOf(option['text']))
        .join(' | ')}]`;
    default: {
      const chosen = textOf(fieldsOf(element['initial_option'])['text']);
      return `(${chosen || textOf(element['placeholder']) || typeOf(element)})`;
    }
  }
}

function renderTask(task: Fields, workspace: Workspace): string {
  const mark = MARKS[stringOf(task['status']) ?? 'pending'] ?? '○';
  const details = renderRichText(task['details'], workspace);
  const output = renderRichText(task['output'], workspace);
  const sources = objectsOf(task['sources']).map(
    (source) => `${String(source['text'])} (${String(source['url'])})`,
  );
  const below = [details, output, ...sources]
    .filter((part) => part !== '')
    .map((part) => indent(part, '    '));
  return [`${mark} ${String(task['title'])}`, ...below].join('\n');
}

function renderTable(block: Fields, workspace: Workspace): string {
  const rows = (Array.isArray(block['rows']) ? (block['rows'] as unknown[]) : []).map((row) =>
    (Array.isArray(row) ? row : []).map((cell) =>
      (isFields(cell) && cell['type'] === 'rich_text'
        ? renderRichText(cell, workspace)
        : textOf(cell)
      ).replaceAll('\n', ' '),
    ),
  );
  const settings = objectsOf(block['column_settings']);
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const right = (column: number): boolean =>
    settings[column]?.['align'] === 'right' || isNumberColumn(block['rows'], column);
  const lines = rows.map((row) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? '';
        return right(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const [head = '', ...body] = lines;
  const caption = stringOf(block['caption']);
  return [...(caption ? [caption] : []), head, rule, ...body].join('\n');
}

function isNumberColumn(rows: unknown, column: number): boolean {
  const cells = (Array.isArray(rows) ? (rows as unknown[]) : [])
    .slice(1)
    .map((row) => (Array.isArray(row) ? fieldsOf(row[column]) : {}));
  return cells.length > 0 && cells.every((cell) => cell['type'] === 'raw_number');
}
