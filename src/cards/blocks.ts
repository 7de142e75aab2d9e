/** Block Kit, clamped to Slack's limits, so that no result can make a message be refused. One function a block type. */
import type {
  Button,
  ContainerBlock,
  DataTableBlock,
  KnownBlock,
  PlanBlock,
  SectionBlock,
  TaskCardBlock,
} from '@slack/types';
import type { Body } from './body.ts';
import { clamp } from './text.ts';

export function section(mrkdwn: string): SectionBlock {
  // 3000 characters; the least is 1.
  return { type: 'section', text: { type: 'mrkdwn', text: clamp(mrkdwn, 3000) || ' ' }, expand: true };
}

/** Name and value pairs in two columns, ten to a block. Values are mrkdwn. */
export function fields(pairs: [name: string, value: string][]): SectionBlock[] {
  const blocks: SectionBlock[] = [];
  for (let at = 0; at < pairs.length; at += 10) {
    const part = pairs.slice(at, at + 10);
    blocks.push({
      type: 'section',
      fields: part.map(([name, value]) => ({
        type: 'mrkdwn',
        text: clamp(`*${name}*\n${value || '-'}`, 2000),
      })),
    });
  }
  return blocks;
}

export function context(mrkdwn: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: clamp(mrkdwn, 3000) || ' ' }] };
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

export interface PlanStep {
  id: string;
  title: string;
  status: TaskCardBlock['status'];
  line: string;
}

/** Steps with their states, in one message edited in place. */
export function plan(title: string, steps: PlanStep[]): PlanBlock {
  return {
    type: 'plan',
    title: clamp(title, 150),
    tasks: steps.map(({ id, title: name, status, line }): TaskCardBlock => ({
      type: 'task_card',
      task_id: clamp(id, 255),
      title: clamp(name, 150),
      status,
      ...(line
        ? {
            details: {
              type: 'rich_text',
              elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: clamp(line, 500) }] }],
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
  let characters = caption.length + head.join('').length;
  for (const row of rows.slice(0, TABLE_ROWS)) {
    const clamped = row.map((cell) =>
      typeof cell === 'number' ? cell : clamp(cell.replaceAll('\n', ' '), 200) || '-',
    );
    characters += clamped.map(String).join('').length;
    if (characters > TABLE_CHARACTERS) break;
    shown.push(clamped);
  }
  const block: DataTableBlock = {
    type: 'data_table',
    caption: clamp(caption, 150),
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

/** A body of one paragraph. */
export function paragraph(mrkdwn: string, plain = mrkdwn): Body {
  return { text: clamp(plain, 3000), blocks: [section(mrkdwn)] };
}
