/** Records as other programs read them. Pure. */
import type { AuditRecord } from './chain.ts';
import { sentence, TERMINAL } from './sentences.ts';

const COLUMNS = [
  'seq',
  'time',
  'event',
  'request',
  'person',
  'name',
  'channel',
  'command',
  'title',
  'targets',
  'by',
  'what',
  'hash',
];

export const CSV_HEAD = `${COLUMNS.join(',')}\r\n`;

/** One line of CSV as spreadsheets read it (RFC 4180). */
export function csvLine({ seq, at, event }: AuditRecord, hash: string): string {
  const of = 'actor' in event ? event : undefined;
  const by = 'by' in event && event.by ? (typeof event.by === 'string' ? event.by : event.by.id) : '';
  const cells = [
    String(seq),
    new Date(at).toISOString(),
    event.event,
    'request' in event ? event.request : '',
    of?.actor.id ?? '',
    of?.actor.name ?? '',
    of?.channel ?? '',
    of?.command ?? '',
    of?.title ?? '',
    (of?.targets ?? []).map(({ kind, name }) => `${kind}:${name}`).join(' '),
    by,
    sentence(event, TERMINAL),
    hash,
  ];
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(text: string): string {
  // A spreadsheet takes these beginnings for a formula, which could be anybody's words.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
