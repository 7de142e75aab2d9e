import { fieldsOf, objectsOf, stringOf } from '../json.ts';
import type { Fields } from '../json.ts';
import type { Workspace } from '../workspace.ts';
import { renderEmoji } from './mrkdwn.ts';

/** A rich_text block as plain lines. */
export function renderRichText(block: unknown, workspace: Workspace): string {
  return objectsOf(fieldsOf(block)['elements'])
    .map((element) => renderPart(element, workspace))
    .filter((part) => part !== '')
    .join('\n');
}

function renderPart(part: Fields, workspace: Workspace): string {
  const elements = objectsOf(part['elements']);
  if (part['type'] === 'rich_text_list') {
    const indent = '  '.repeat(Number(part['indent'] ?? 0));
    const first = Number(part['offset'] ?? 0) + 1;
    return elements
      .map((item, index) => {
        const mark = part['style'] === 'ordered' ? `${first + index}.` : '•';
        return `${indent}${mark} ${renderPart(item, workspace)}`;
      })
      .join('\n');
  }
  const text = elements.map((element) => renderInline(element, workspace)).join('');
  const trimmed = text.replace(/\n$/, '');
  return part['type'] === 'rich_text_quote' ? trimmed.replaceAll(/^/gm, '> ') : trimmed;
}

function renderInline(element: Fields, workspace: Workspace): string {
  const id = (key: string): string => stringOf(element[key]) ?? '';
  switch (element['type']) {
    case 'text':
      return id('text');
    case 'link':
      return element['text'] ? `${id('text')} (${id('url')})` : id('url');
    case 'emoji':
      return renderEmoji(id('name'));
    case 'user':
      return `@${workspace.people.get(id('user_id'))?.name ?? id('user_id')}`;
    case 'channel':
      return `#${workspace.channels.get(id('channel_id'))?.name ?? id('channel_id')}`;
    case 'usergroup':
      return `@${workspace.usergroups.get(id('usergroup_id'))?.handle ?? id('usergroup_id')}`;
    case 'broadcast':
      return `@${id('range')}`;
    case 'date':
      return id('fallback') || new Date(Number(element['timestamp']) * 1000).toISOString();
    default:
      return '';
  }
}
