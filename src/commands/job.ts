import type { Body } from '../cards/body.ts';
import { context, lines, section } from '../cards/blocks.ts';
import { remedyButtons } from '../cards/remedies.ts';
import { bold, clamp, clock, code, escape, mention, took, literal } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import type { Request, StepState } from '../queue/request.ts';
import type { Remedy } from '../remedy.ts';
import { word } from './args.ts';
import { defineAnswer } from './define.ts';
import { PHASE_MARKS } from './phase-marks.ts';

export const job = defineAnswer({
  name: 'job',
  summary: 'Show one job: who asked, its steps, how it ended',
  risk: 'read',
  aliases: ['job inspect'],
  examples: ['job k3f9x2ab'],
  args: { id: word('ID', 'the ID of a job', ', as its card and the list of jobs show it') },
  answer: async ({ id }, { requests, slash }) => {
    const request = await requests.read(id.toLowerCase());
    if (request) return detail(request);
    throw new UserError(`There is no job "${id}".`, { hint: `${slash} jobs lists them with their IDs.` });
  },
});

const STEP_MARKS: Record<StepState['status'], string> = {
  pending: ':white_small_square:',
  in_progress: ':arrow_forward:',
  complete: ':white_check_mark:',
  error: ':x:',
};

function detail(request: Request): Body {
  const { id, title, phase, requester, channel, createdAt, startedAt, endedAt, steps, failure } = request;
  const mark = PHASE_MARKS[phase];
  const told = failure ? escape([failure.message, failure.hint].filter(Boolean).join(' ')) : '';
  const waits = request.waitingFor ? `It waits for ${code(request.waitingFor.title)}.` : '';
  const times = [
    `asked by ${mention(requester.id)} in <#${channel}> at ${clock(createdAt)}`,
    ...(startedAt ? [`begun at ${clock(startedAt)}`] : []),
    ...(endedAt ? [`ended at ${clock(endedAt)} after ${took(endedAt - (startedAt ?? createdAt))}`] : []),
  ];
  return {
    text: `${literal(title)}: ${phase}.`,
    blocks: [
      section([`${mark}  ${bold(clamp(title, 300))}`, told, waits].filter(Boolean).join('\n')),
      ...lines(steps.map(stepLine)),
      context(`${code(id)}, ${times.join(', ')}`),
      ...remedyButtons([...(failure?.remedies ?? []), ...next(request)]),
    ],
  };
}

function stepLine({ title, status, line }: StepState): string {
  return `${STEP_MARKS[status]} ${escape(title)}${line ? `: ${escape(clamp(line, 200))}` : ''}`;
}

/** What can be done about it: what has ended can be asked for again. */
function next({ id, title, endedAt }: Request): Remedy[] {
  if (endedAt === undefined) return [{ label: 'Cancel', line: `cancel ${id}` }];
  return [{ label: 'Retry', line: `retry ${id}`, confirm: `Carries out once more: ${clamp(title, 200)}` }];
}
