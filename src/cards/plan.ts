/** The steps of a job as one plan block: edited in place, so that it shows how far the job is. */
import type { PlanBlock, TaskCardBlock } from '@slack/types';
import { clamp } from './text.ts';

export interface PlanStep {
  id: string;
  title: string;
  status: TaskCardBlock['status'];
  line: string;
}

/** Most steps of one plan, and the characters of all its lines: what is left of a message is for the result. */
const MOST_STEPS = 50;
const LINE_CHARACTERS = 5000;

/** What a reader must see when not all of it fits. */
const RANKS: Record<NonNullable<PlanStep['status']>, number> = {
  error: 0,
  in_progress: 1,
  pending: 2,
  complete: 3,
};

/** Steps with their states. Past Slack's limit the failed and the running ones stay, the others are counted. */
export function plan(title: string, steps: PlanStep[]): PlanBlock {
  const shown = mostTelling(steps);
  const mostOfLine = Math.min(500, Math.floor(LINE_CHARACTERS / shown.length));
  const mostOfTitle = shown.length > 10 ? 75 : 150;
  return {
    type: 'plan',
    title: clamp(title, 150),
    tasks: shown.map((step) => task(step, mostOfTitle, mostOfLine)),
  };
}

/**
 * Details are folded away until somebody opens them, so what is happening now and what went wrong stand in the title.
 */
function task({ id, title, status, line }: PlanStep, mostOfTitle: number, mostOfLine: number): TaskCardBlock {
  const telling = line !== '' && (status === 'in_progress' || status === 'error');
  const details: TaskCardBlock['details'] = {
    type: 'rich_text',
    elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: clamp(line, mostOfLine) }] }],
  };
  return {
    type: 'task_card',
    task_id: clamp(id, 255),
    title: clamp(telling ? `${title}: ${line}` : title, mostOfTitle),
    status,
    ...(line && (!telling || title.length + line.length + 2 > mostOfTitle) ? { details } : {}),
  };
}

function mostTelling(steps: PlanStep[]): PlanStep[] {
  if (steps.length <= MOST_STEPS) return steps;
  const ranked = steps.toSorted((a, b) => rank(a) - rank(b));
  const kept = new Set(ranked.slice(0, MOST_STEPS - 1));
  const others = ranked.slice(MOST_STEPS - 1);
  const complete = others.filter(({ status }) => status === 'complete').length;
  const rest: PlanStep = {
    id: `${steps[0]?.id ?? ''}-others`,
    title: `and ${others.length} more, ${complete} of them done`,
    status: complete === others.length ? 'complete' : 'pending',
    line: '',
  };
  return [...steps.filter((step) => kept.has(step)), rest];
}

function rank({ status }: PlanStep): number {
  return RANKS[status ?? 'pending'];
}
