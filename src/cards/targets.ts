/** What became of one target, or of several: sentences, what to know beside them, and the buttons that lead on. */
import type { KnownBlock } from '@slack/types';
import type { Remedy } from '../remedy.ts';
import { lines, section } from './blocks.ts';
import type { Body } from './body.ts';
import { remedyButtons } from './remedies.ts';
import { bold, clamp, count, escape, some } from './text.ts';

/** One target as a job gives it. */
type TargetOutcome<R> =
  | { target: string; ok: true; value: R }
  | { target: string; ok: false; message: string; hint: string; remedies: Remedy[] };

export interface TargetStory {
  /** A whole sentence in mrkdwn that names the target. */
  sentence: string;
  /** It went as asked. */
  well: boolean;
  /** Whole sentences in mrkdwn. */
  notes: string[];
  remedies: Remedy[];
}

export interface Told {
  /** `node`, `host`: what is counted where there are several. */
  unit: string;
  /** Sentences in mrkdwn on all of it, below the rest. */
  beside?: string[];
  remedies?: Remedy[];
}

/** The body of a card. A result without any target is that of a job which ended early. */
export function targets<R>(
  outcomes: readonly TargetOutcome<R>[],
  tell: (value: R, target: string) => TargetStory,
  { unit, beside = [], remedies = [] }: Told,
): Body {
  const stories = outcomes.map((outcome) => ({ target: outcome.target, ...storyOf(outcome, tell) }));
  const extra = beside.filter((line) => line.trim() !== '');
  const buttons = remedyButtons([...stories.flatMap((one) => one.remedies), ...remedies]);
  const [only, second] = stories;
  if (only === undefined) {
    const text = extra.join(' ') || `No ${unit} was changed.`;
    return { text, blocks: [section(text), ...buttons] };
  }
  if (second === undefined) {
    const main = [
      `${only.well ? ':white_check_mark:' : ':warning:'} ${only.sentence}`,
      ...only.notes,
      ...extra,
    ];
    return { text: [only.sentence, ...extra].join(' '), blocks: [...lines(main, 2), ...buttons] };
  }
  const well = stories.filter((one) => one.well).length;
  const text =
    well === stories.length
      ? `It went well for ${stories.length === 2 ? 'both' : `all ${stories.length}`} ${unit}s.`
      : `It went well for ${well} of ${count(stories.length, unit)}.`;
  const told = stories
    .toSorted((a, b) => Number(a.well) - Number(b.well))
    .flatMap((one) => [
      `${one.well ? ':white_check_mark:' : ':warning:'} ${one.sentence}`,
      ...one.notes.map((note) => `${bold(one.target)}: ${note}`),
    ]);
  const blocks: KnownBlock[] = [section([text, ...extra].join('\n')), ...lines(told, 3), ...buttons];
  return { text, blocks };
}

function storyOf<R>(outcome: TargetOutcome<R>, tell: (value: R, target: string) => TargetStory): TargetStory {
  if (outcome.ok) return tell(outcome.value, outcome.target);
  const { target, message, hint, remedies } = outcome;
  const said = `${bold(target)}: ${escape(message)} ${escape(hint)}`.trim();
  return { sentence: said, well: false, notes: [], remedies };
}

/** `somebody else had set it to pause meanwhile`, as a note; nothing when nobody had. */
export function meanwhileNote(value: string | null): string[] {
  return value === null ? [] : [`Somebody else had set it to ${escape(value)} meanwhile.`];
}

/** Nodes that were drained by a job which ended early, and how they are made active again. */
export function stayDrained(nodes: readonly string[]): { sentence: string; remedies: Remedy[] } {
  return {
    sentence:
      nodes.length === 0
        ? ''
        : `${some([...nodes], escape, 10)} ${nodes.length === 1 ? 'stays' : 'stay'} drained.`,
    remedies: nodes
      .slice(0, 4)
      .map((node) => ({ label: `Activate ${clamp(node, 40)}`, line: `activate ${node}` })),
  };
}

/** What a job put back when it ended early. */
export function putBack(parts: readonly string[]): string {
  return parts.length === 0 ? '' : `Put back: ${some([...parts], escape, 10)}.`;
}
