import type { Answer } from '../../src/diagnosis/answer.ts';
import type { JobResult } from '../../src/jobs/index.ts';
import type { Shape } from './results.ts';

/** A card has room for so many answers: a name means no more. */
const MOST = 9;

export function whyResults(shape: Shape): JobResult<'why'>[] {
  const { text, many } = shape;
  return (['well', 'partly', 'broken'] as const).flatMap((state) => [
    { name: text, answers: [answer(shape, state)] },
    { name: text, answers: Array.from({ length: Math.min(MOST, many) }, () => answer(shape, state)) },
  ]);
}

function answer({ text, many }: Shape, state: Answer['state']): Answer {
  const list = <T>(one: (at: number) => T): T[] => Array.from({ length: many }, (_, at) => one(at));
  return {
    kind: 'service',
    name: text,
    state,
    is: `${text} is so.`,
    since: state === 'well' ? '' : many === 1 ? text : '2024-01-01T00:00:00.123Z',
    reasons: list((at) => ({
      row: at,
      cause: text,
      explanation: text,
      advice: text,
      remedies: list((place) => ({ label: text, line: `why ${text}${place}`, confirm: text })).slice(0, 9),
    })),
    evidence: list(() => text),
  };
}
