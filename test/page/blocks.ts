import type { KnownBlock, PlainTextElement } from '@slack/types';

/** The blocks that several tests of the page show. */

export const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text });

const richText = (text: string) => ({
  type: 'rich_text' as const,
  elements: [{ type: 'rich_text_section' as const, elements: [{ type: 'text' as const, text }] }],
});

const STEPS = ['Check the host', 'Join as a worker', 'Wait until both sides agree'];

/** A plan of three steps of which `done` are done; the next one runs, or has failed. */
export function plan(done: number, then: 'in_progress' | 'error' = 'in_progress'): KnownBlock {
  return {
    type: 'plan',
    title: 'Join fedora-03',
    tasks: STEPS.map((title, i) => ({
      type: 'task_card' as const,
      task_id: `step-${i}`,
      title,
      status: i < done ? ('complete' as const) : i === done ? then : ('pending' as const),
      ...(i <= done ? { details: richText(`Details of step ${i}`) } : {}),
    })),
  };
}

/** A hundred tasks with a text, a number and a rich text column. `word` is in every last cell. */
export function hundredRows(word = 'fine'): KnownBlock {
  const header = ['Task', 'Since', 'Note'].map((text) => ({ type: 'raw_text' as const, text }));
  const rows = Array.from({ length: 100 }, (_, i) => [
    { type: 'raw_text' as const, text: `websky.${i + 1}` },
    { type: 'raw_number' as const, value: (i * 37) % 101, text: String((i * 37) % 101) },
    richText(`${word} on fedora-${i % 7} with a note that makes the table wide`),
  ]);
  return { type: 'data_table', caption: 'Tasks of websky', page_size: 10, rows: [header, ...rows] };
}

export function button(text: string, action_id: string, more: object = {}) {
  return { type: 'button' as const, text: plain(text), action_id, ...more };
}
