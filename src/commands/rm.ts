import { lines, section } from '../cards/blocks.ts';
import type { Body } from '../cards/body.ts';
import { bold, count, escape, some } from '../cards/text.ts';
import { UserError } from '../errors.ts';
import type { JobResult } from '../jobs/index.ts';
import { eachOf } from '../target.ts';
import { duration, plainName, words } from './args.ts';
import { defineCommand } from './define.ts';

type Outcome = JobResult<'rm'>['services'][number];

/** Each is watched until its tasks are gone: enough for one card. */
const MOST = 20;

export const rm = defineCommand({
  name: 'rm',
  summary: 'Remove services, and wait until their tasks are gone',
  risk: 'destroy',
  aliases: ['service rm', 'service remove'],
  examples: ['rm websky', 'rm websky api'],
  args: {
    services: { ...words('SERVICE...', 'the names of one or more services'), optional: false },
    timeout: duration('give up waiting after', '2m'),
  },
  job: 'rm',
  targets: ({ services }) => eachOf('service', services),
  input: ({ services, timeout }) => {
    const names = [...new Set(services.map((name) => plainName(name, 'the name of a service')))];
    if (names.length > MOST)
      throw new UserError(`That names more than ${MOST} services.`, {
        hint: `Give them in several commands, at most ${MOST} in each.`,
      });
    return { services: names, deadlineMs: timeout };
  },
  done: ({ services }): Body => {
    const well = services.every((outcome) => outcome.ok && outcome.value.left === 0);
    const told = services.map((outcome) => sentence(outcome, escape));
    const shown = services.map((outcome) =>
      services.length === 1
        ? sentence(outcome, bold)
        : `${outcome.ok && outcome.value.left === 0 ? ':white_check_mark:' : ':warning:'} ${sentence(outcome, bold)}`,
    );
    return {
      text: told.join(' '),
      blocks:
        services.length === 1
          ? [section(`${well ? ':white_check_mark:' : ':warning:'} ${shown[0] ?? ''}`)]
          : lines(shown, 2),
    };
  },
});

function sentence(outcome: Outcome, named: (name: string) => string): string {
  const name = named(outcome.target);
  if (!outcome.ok) return `${name}: ${escape(outcome.message)} ${escape(outcome.hint)}`.trim();
  const { had, left, nodes, lost } = outcome.value;
  const still =
    left === 0
      ? had === 0
        ? 'it had no running tasks'
        : `its ${count(had, 'task')} ${had === 1 ? 'is' : 'are'} gone`
      : `${count(left, 'task')} ${left === 1 ? 'has' : 'have'} not stopped yet${nodes.length > 0 ? ` on ${some(nodes, escape)}` : ''}`;
  const unknown =
    lost > 0 ? ` On nodes that are down ${count(lost, 'task')} may still run until they come back.` : '';
  return `${name} is removed; ${still}.${unknown}`;
}
