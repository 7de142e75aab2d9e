/** Block Kit, clamped to Slack's limits, so that no result can make a message be refused. One function a block type. */
import type {
  Button,
  ContainerBlock,
  DataTableBlock,
  KnownBlock,
  MrkdwnElement,
  SectionBlock,
} from '@slack/types';
import type { Body } from './body.ts';
import { clamp, clampMrkdwn } from './text.ts';

export function section(mrkdwn: string): SectionBlock {
  // 3000 characters; the least is 1.
  return { type: 'section', text: text(mrkdwn, 3000), expand: true };
}

/**
 * `verbatim`: without it Slack makes links of addresses in plain text, and mentions of names of channels and people
 * (https://docs.slack.dev/reference/block-kit/composition-objects/text-object). References that are written out stay.
 */
function text(mrkdwn: string, most: number): MrkdwnElement {
  return { type: 'mrkdwn', text: clampMrkdwn(mrkdwn, most) || ' ', verbatim: true };
}

/** Whole lines, in as few sections as hold them, at most `most`; a last line says how many are left out. */
export function lines(mrkdwn: string[], most = 1): SectionBlock[] {
  const room = 3000 - `_and ${mrkdwn.length} more_`.length;
  const texts: string[] = [];
  let shown = 0;
  for (const line of mrkdwn) {
    const clamped = clampMrkdwn(line, 1000);
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + clamped.length <= room) {
      texts[texts.length - 1] = `${last}\n${clamped}`;
    } else {
      if (texts.length === most) break;
      texts.push(clamped);
    }
    shown += 1;
  }
  if (shown < mrkdwn.length) texts.push(`${texts.pop() ?? ''}\n_and ${mrkdwn.length - shown} more_`);
  return texts.map(section);
}

/** Name and value pairs in two columns, ten to a block. Values are mrkdwn. */
export function fields(pairs: [name: string, value: string][]): SectionBlock[] {
  const blocks: SectionBlock[] = [];
  for (let at = 0; at < pairs.length; at += 10) {
    const part = pairs.slice(at, at + 10);
    blocks.push({
      type: 'section',
      fields: part.map(([name, value]) => text(`*${name}*\n${value || '-'}`, 2000)),
    });
  }
  return blocks;
}

export function context(mrkdwn: string): KnownBlock {
  return { type: 'context', elements: [text(mrkdwn, 2000)] };
}

export function header(text: string): KnownBlock {
  return { type: 'header', text: { type: 'plain_text', text: clamp(text, 150), emoji: true } };
}

export interface ButtonSpec {
  label: string;
  action: string;
  value: string;
  style?: 'primary' | 'danger';
  confirm?: { title: string; text: string; yes: string; no: string };
}

export function buttons(specs: ButtonSpec[]): KnownBlock {
  return {
    type: 'actions',
    elements: specs.slice(0, 25).map(({ label, action, value, style, confirm }): Button => ({
      type: 'button',
      text: { type: 'plain_text', text: clamp(label, 75) },
      action_id: action,
      value: clamp(value, 2000),
      ...(style ? { style } : {}),
      ...(confirm
        ? {
            confirm: {
              title: { type: 'plain_text', text: clamp(confirm.title, 100) },
              text: { type: 'plain_text', text: clamp(confirm.text, 300) },
              confirm: { type: 'plain_text', text: clamp(confirm.yes, 30) },
              deny: { type: 'plain_text', text: clamp(confirm.no, 30) },
              ...(style ? { style } : {}),
            },
          }
        : {}),
    })),
  };
}

/** Most rows of one data_table, its header not counted, and its characters in all. */
const TABLE_ROWS = 100;
const TABLE_CHARACTERS = 10_000;

/**
 * Rows that can be sorted and paged in the channel. Rows past Slack's limits are left out, and the second value says how
 * many: say so to the reader.
 */
export function table(
  caption: string,
  head: string[],
  rows: (string | number)[][],
  pageSize = 20,
): { block: DataTableBlock; left: number } {
  const shown: (string | number)[][] = [];
  const title = clamp(caption, 150);
  let characters = title.length + head.join('').length;
  for (const row of rows.slice(0, TABLE_ROWS)) {
    const clamped = row.map((cell) =>
      typeof cell === 'number' ? cell : clamp(cell.replaceAll(/\s+/g, ' ').trim(), 200) || '-',
    );
    characters += clamped.map(String).join('').length;
    if (characters > TABLE_CHARACTERS) break;
    shown.push(clamped);
  }
  const block: DataTableBlock = {
    type: 'data_table',
    caption: title,
    page_size: Math.min(100, pageSize),
    rows: [
      head.map((text) => ({ type: 'raw_text', text })),
      ...shown.map((row) =>
        row.map((cell) =>
          typeof cell === 'number'
            ? { type: 'raw_number' as const, value: cell, text: String(cell) }
            : { type: 'raw_text' as const, text: cell },
        ),
      ),
    ],
  };
  return { block, left: rows.length - shown.length };
}

/** Folds detail away under a title. At most ten blocks inside. */
export function fold(
  title: string,
  children: ContainerBlock['child_blocks'],
  { open = false } = {},
): ContainerBlock {
  return {
    type: 'container',
    title: { type: 'plain_text', text: clamp(title, 150) },
    is_collapsible: true,
    default_collapsed: !open,
    width: 'full',
    child_blocks: children.slice(0, 10),
  };
}

/** A body of one paragraph; `text` where notifications should say it in other words. */
export function paragraph(mrkdwn: string, text = mrkdwn): Body {
  return { text: clampMrkdwn(text, 3000), blocks: [section(mrkdwn)] };
}
