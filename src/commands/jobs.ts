import { context, lines, paragraph } from '../cards/blocks.ts';
import { bold, clamp, clock, code, count, mention, took } from '../cards/text.ts';
import type { Request } from '../queue/request.ts';
import { flag } from './args.ts';
import { defineAnswer } from './define.ts';
import { PHASE_MARKS } from './phase-marks.ts';

const MOST = 20;
/** Characters of a title, so that twenty lines fit. */
const MOST_TITLE = 40;

export const jobs = defineAnswer({
  name: 'jobs',
  summary: 'List the jobs that run, wait or have just ended',
  risk: 'read',
  aliases: ['job ls', 'job list'],
  examples: ['jobs', 'jobs --open'],
  args: { open: flag('only those that have not ended') },
  answer: async ({ open }, { requests, slash }) => {
    const found = await requests.list({ most: MOST, open });
    if (found.length === 0) return paragraph(open ? 'No job runs or waits.' : 'No job has run yet.');
    const text = `${count(found.length, 'job')}, newest first.`;
    return {
      text,
      blocks: [
        ...lines(found.map(line), 3),
        context(
          `${code(`${slash} job ID`)} shows one, ${code(`${slash} cancel ID`)} ends it, ${code(`${slash} retry ID`)} does it again.`,
        ),
      ],
    };
  },
});

function line({ id, title, phase, requester, createdAt, startedAt, endedAt, waitingFor }: Request): string {
  const lasted = startedAt && endedAt ? ` in ${took(endedAt - startedAt)}` : '';
  const waits =
    phase === 'waiting' && waitingFor
      ? ` for ${code(clamp(waitingFor.title, MOST_TITLE))} of ${mention(waitingFor.requester)}`
      : '';
  const [mark = '', ...word] = PHASE_MARKS[phase].split(' ');
  // On a phone a line is cut or broken early: what it is about stands first.
  return `${mark} ${bold(clamp(title, MOST_TITLE))}  ${word.join(' ')}${waits}${lasted}  ${code(id)}  ${mention(requester.id)}, ${clock(createdAt)}`;
}
